"""What is answered where no view answers: as a page, or as problem+json below /api/."""

from allauth.core.internal.ratelimit import handler429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from clinic.access_refused import note_refused, note_slowed
from clinic.kept_forms import keep_after_new_sign_in

SENTENCES = {
    400: ("Bad request", "The request could not be understood."),
    403: ("Not for your role", "Your role may not open this. A manager can change what your role is."),
    404: ("Not found", "There is nothing here, or not for you."),
    500: ("Something went wrong", "That is our fault, not yours. Nothing half-done was kept; please try again."),
}


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    title, detail = SENTENCES[status]
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, "error.html", {"title": title, "detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    note_refused(request)
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500)


def too_often(request: HttpRequest) -> HttpResponse:
    """allauth's answer to whoever tries to sign in again and again from one place."""
    note_slowed(request)
    return handler429(request)  # type: ignore[no-any-return]


def second_step_needed(request: HttpRequest) -> HttpResponse:
    """The way to setting it up; for a program 403, in words."""
    if request.path.startswith("/api/"):
        detail = "Your role signs in with a second step. Set one up first, under Security."
        problem = {"type": "about:blank", "title": "Second step needed", "status": 403, "detail": detail}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("mfa_index")})
    return redirect("mfa_index")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    title, detail = (
        "Please send it again",
        "The page was open too long or in another sign-in. Go back, reload, and try again.",
    )
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": 403, "detail": detail}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    if kept := keep_after_new_sign_in(request):
        messages.info(request, "This page was from an earlier sign-in, so nothing was saved yet.")
        return redirect("kept-form", kept.pk)
    return render(request, "error.html", {"title": title, "detail": detail}, status=403)
