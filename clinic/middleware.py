"""What happens around every request."""

import uuid
import zoneinfo
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from clinic.models import Staff
from clinic.pages import refusal_page
from clinic.refusals import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]
# What may be opened without having signed in; everything else is denied by default.
OPEN_TO_ALL = ("/accounts/", "/static/", "/api/", "/healthz", "/favicon.ico", "/calendar/")


class RequestId:
    """A random id for each request, in the audit trail and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class SignInRequired:
    """Deny by default: a page somebody forgot to protect asks for a sign-in all the same. The API asks for itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path.startswith(OPEN_TO_ALL):
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = (
                f"{reverse(settings.LOGIN_URL)}?next={quote(request.headers.get('HX-Current-URL', '/'))}"
            )
            return response
        if request.method == "POST":
            messages.warning(
                request, "You were signed out meanwhile. What you typed was not saved; sign in and type it again."
            )
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


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
