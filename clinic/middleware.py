"""What happens around every request."""

import uuid
import zoneinfo
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils import timezone

from clinic.addresses import comes_by_trusted_proxy
from clinic.errors import second_step_needed
from clinic.kept_forms import keep_what_was_sent
from clinic.models import KeptForm, Staff
from clinic.pages import refusal_page
from clinic.refusals import Refused
from clinic.second_step import must_enrol
from clinic.session_ends import end, is_background, note_seen, why_ended, words_once

GetResponse = Callable[[HttpRequest], HttpResponse]
# What may be opened without having signed in; everything else is denied by default.
OPEN_TO_ALL = ("/accounts/", "/static/", "/api/", "/healthz", "/favicon.ico", "/calendar/", "/signed-in/")
# What somebody may open who still has to set up their second step: that itself, and the way out.
OPEN_WITHOUT_SECOND_STEP = (
    "/accounts/2fa/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
    "/accounts/password/",
    "/accounts/invitation/",
    "/static/",
    "/healthz",
    "/favicon.ico",
    "/calendar/",
    "/signed-in/",
)


class ForwardedByTrustedOnly:
    """What a proxy says of a request is read from proxies that TRUSTED_PROXIES names, once it names any."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.TRUSTED_PROXIES and not comes_by_trusted_proxy(request):
            for header in ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST"):
                request.META.pop(header, None)
        return self.get_response(request)


class RequestId:
    """A random id for each request, in the audit trail and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class SessionEnds:
    """Whoever has not been there for a while is signed out, before anything is done in their name."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if why := why_ended(request.session):
                end(request, why)
            elif not is_background(request):
                note_seen(request)
        return self.get_response(request)


class SignInRequired:
    """Deny by default: a page somebody forgot to protect asks for a sign-in all the same. The API asks for itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path.startswith(OPEN_TO_ALL):
            return self.get_response(request)
        by_htmx = request.headers.get("HX-Request")
        back_to = request.headers.get("HX-Current-URL", "/") if by_htmx else request.get_full_path()
        if is_background(request):
            return _to_sign_in(request, back_to)
        if said := words_once(request):
            messages.info(request, said)
        if request.method == "POST":
            if kept := _keep(request):
                back_to = reverse("kept-form", args=[kept.pk])
                messages.info(request, "What you typed is kept. Sign in, and you can look at it and save it.")
            elif not by_htmx:
                messages.warning(
                    request, "You were signed out meanwhile. What you typed was not saved; sign in and type it again."
                )
        return _to_sign_in(request, back_to)


def _to_sign_in(request: HttpRequest, back_to: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect_to_login(back_to, settings.LOGIN_URL)
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{reverse(settings.LOGIN_URL)}?next={quote(back_to)}"
    return response


def _keep(request: HttpRequest) -> KeptForm | None:
    """The form that came too late, unless another site sent it: the check of its token comes after this, for views."""
    asked = CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {})
    return keep_what_was_sent(request) if asked is None else None


class SecondStepRequired:
    """Whose role asks for a second step sets one up before anything else; tokens of programs are not asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not request.user.is_authenticated
            or request.path.startswith(OPEN_WITHOUT_SECOND_STEP)
            or not must_enrol(request)
        ):
            return self.get_response(request)
        return second_step_needed(request)


class SiteTimeZone:
    """Times on a page are those of the reader's site."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        staff = request.user
        if isinstance(staff, Staff) and staff.site_id:
            with timezone.override(zoneinfo.ZoneInfo(staff.site.time_zone)):  # type: ignore[union-attr]
                return self.get_response(request)
        return self.get_response(request)


class RefusalAsPage:
    """A refusal that a page did not show itself becomes a page with its reasons, never a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_page(request, exception) if isinstance(exception, Refused) else None


class PrivatePages:
    """What stands on a page is private: no cache keeps it, and the back button after signing out shows nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response and not request.path.startswith("/static/"):
            response["Cache-Control"] = "private, no-store"
        return response


class OwnCameraOnly:
    """The camera is for our own pages, which take photos; nothing here asks where somebody is or listens to them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        return response
