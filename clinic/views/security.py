"""How I am signed in: my browsers, my tokens, my second steps; each can be ended here. And a password changed."""

import uuid

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinic.browsers import is_this
from clinic.models import KnownBrowser, Staff
from clinic.second_step import STEPS, needs_second_step
from clinic.sign_in_sessions import end_other_sessions, end_session, revoke_token, sessions_of, tokens_of

GONE = "That had ended already."


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    steps = Authenticator.objects.filter(user=staff, type__in=STEPS).order_by("created_at", "pk")
    page = {
        "nav": "security",
        "sessions": [(one, one.session_key == request.session.session_key) for one in sessions_of(staff)],
        "tokens": tokens_of(staff),
        "browsers": [(one, is_this(one, request)) for one in staff.known_browsers.all()],
        "steps": steps,
        "needs_second_step": needs_second_step(staff),
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_HOURS,
    }
    return render(request, "clinic/security.html", page)


@require_POST
def end_one(request: HttpRequest, name: str) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    if end_session(staff=staff, name=name, by=staff, request=request):
        messages.success(request, "Signed out there.")
    else:
        messages.info(request, GONE)
    return redirect("security")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    ended = end_other_sessions(staff=staff, by=staff, request=request)
    messages.success(request, "Signed out everywhere else." if ended else "You were signed in nowhere else.")
    return redirect("security")


@require_POST
def end_token(request: HttpRequest, name: str) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    if revoke_token(staff=staff, name=name, by=staff, request=request):
        messages.success(request, f"Revoked: {name} opens nothing from now on.")
    else:
        messages.info(request, GONE)
    return redirect("security")


@require_POST
def forget_browser(request: HttpRequest, browser_id: uuid.UUID) -> HttpResponse:
    """The next sign-in from it is mailed again, as from a new one."""
    staff: Staff = request.user  # type: ignore[assignment]
    browser = get_object_or_404(KnownBrowser.objects.filter(staff=staff), pk=browser_id)
    browser.delete()
    messages.success(request, "Forgotten: the next sign-in from it is mailed to you.")
    return redirect("security")
