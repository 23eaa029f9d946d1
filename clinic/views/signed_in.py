"""What idle.js asks: how long the session still holds, that somebody is there, and that what was typed is kept."""

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clinic.kept_forms import keep_form, kept_for, page_of, what_it_is
from clinic.models import KeptForm, Staff
from clinic.session_ends import seconds_left, who_was_here


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """Seconds; 0 for who is signed out. Asked in the background, so asking holds nothing open."""
    return _left(request)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody typed or pressed something on a page: the session goes on (clinic.middleware.SessionEnds notes it)."""
    return _left(request)


def _left(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"left": max(0, seconds_left(request.session)) if request.user.is_authenticated else 0})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """What stands in a form on a page whose time is over, before the page is left. 404 where it may not be kept."""
    staff = request.user if isinstance(request.user, Staff) else who_was_here(request)
    path, page = request.GET.get("path", ""), page_of(request)
    kept = keep_form(staff=staff, path=path, sent=request.POST, page=page) if staff else None
    if kept is None:
        return JsonResponse({}, status=404)
    return JsonResponse({"address": reverse("kept-form", args=[kept.pk])}, status=201)


# What a form carries along for the page's own use says nothing to whoever typed it.
NOT_TYPED = ("once", "next", "seen")


def _lines(kept: KeptForm) -> list[tuple[str, list[str]]]:
    """What was typed, field by field, as it can be read."""
    typed = {name: [value for value in values if value.strip()] for name, values in kept.fields}
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), values)
        for name, values in typed.items()
        if values and name not in NOT_TYPED
    ]


@require_safe
def kept_form(request: HttpRequest, kept_id: uuid.UUID) -> HttpResponse:
    kept = kept_for(request.user, kept_id)  # type: ignore[arg-type]
    if kept is None:
        return render(request, "clinic/kept_form_gone.html", status=404)
    return render(request, "clinic/kept_form.html", {"kept": kept, "what": what_it_is(kept), "lines": _lines(kept)})


@require_POST
def save_kept(request: HttpRequest, kept_id: uuid.UUID) -> HttpResponse:
    """Sent again where it was meant to go: the browser repeats this very request there (307), as itself, with its token."""
    kept = kept_for(request.user, kept_id)  # type: ignore[arg-type]
    if kept is None:
        return render(request, "clinic/kept_form_gone.html", status=404)
    kept.delete()
    return redirect(kept.path, preserve_request=True)


@require_POST
def discard_kept(request: HttpRequest, kept_id: uuid.UUID) -> HttpResponse:
    kept = kept_for(request.user, kept_id)  # type: ignore[arg-type]
    if kept is not None:
        kept.delete()
    return redirect("today")
