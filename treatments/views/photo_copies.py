"""A photo saved or printed: for which use is asked first, and the copy carries its mark."""

import uuid
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import needs, perform, refusal_page
from clinic.refusals import Refused
from patients.models import PhotoUse
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photo_copies import mark_of, marked_copy, print_photo, print_strip, save_copy, uses_of

MISSING = "The file of this photo is missing from the storage."


def _photo(request: HttpRequest, photo_id: uuid.UUID) -> Photo:
    visible = Photo.objects.visible_to(request.user).ready()  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("side_effect__patient"), pk=photo_id)


def _side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> SideEffect:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    return get_object_or_404(visible, pk=side_effect_id)


def _use(request: HttpRequest) -> str:
    """The use that was chosen, "" for none or one that is none."""
    use = request.GET.get("use", "")
    return use if use in PhotoUse.values else ""


@require_safe
@needs("read-clinical")
def copy(request: HttpRequest, photo_id: uuid.UUID, problem: str = "") -> HttpResponse:
    photo = _photo(request, photo_id)
    return _ask(request, photo.side_effect, {"photo": photo}, problem)


@require_safe
@needs("read-clinical")
def copy_strip(request: HttpRequest, side_effect_id: uuid.UUID, problem: str = "") -> HttpResponse:
    return _ask(request, _side_effect(request, side_effect_id), {}, problem)


def _ask(request: HttpRequest, side_effect: SideEffect, more: dict[str, object], problem: str) -> HttpResponse:
    context = {
        "side_effect": side_effect,
        "patient": side_effect.patient,
        "uses": uses_of(side_effect),
        "problem": problem,
        "nav": "patients",
    }
    return render(request, "treatments/photo_copy.html", context | more, status=422 if problem else 200)


CHOOSE = "Choose what the copy is for."


@require_safe
@needs("read-clinical")
def save(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    photo, use = _photo(request, photo_id), _use(request)
    if not use:
        return copy(request, photo_id, problem=CHOOSE)
    try:
        content = perform(request, partial(save_copy, through=request), photo=photo, use=use)
    except Refused as refused:
        return refusal_page(request, refused)
    except FileNotFoundError as error:
        raise Http404(MISSING) from error
    # Neither what it shows nor whose it is: a file's name is read over a shoulder.
    return _jpeg(content, f'attachment; filename="copy-{photo.pk.hex[:8]}.jpg"')


def _jpeg(content: bytes, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def marked(request: HttpRequest, photo_id: uuid.UUID, use: str, size: str) -> HttpResponse:
    """The marked copy as a page shows it. A consent withdrawn meanwhile, and it is not there any more."""
    if use not in PhotoUse.values or size not in (PhotoFile.Size.DISPLAY, PhotoFile.Size.THUMB):
        raise Http404
    visible = Photo.objects.visible_to(request.user).usable_for(use)  # type: ignore[arg-type]
    photo = get_object_or_404(visible.select_related("side_effect__patient"), pk=photo_id)
    try:
        content = perform(request, marked_copy, photo=photo, use=use, size=size)
    except (FileNotFoundError, Refused) as error:
        raise Http404(MISSING) from error
    record_event(
        AuditEvent.Kind.PHOTO_READ,
        request=request,
        patient_id=photo.side_effect.patient_id,
        subject="photo",
        subject_id=photo.pk,
        size=size,
        use=use,
    )
    return _jpeg(content, "inline")


@require_safe
@needs("read-clinical")
def print_one(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    photo, use = _photo(request, photo_id), _use(request)
    if not use:
        return copy(request, photo_id, problem=CHOOSE)
    try:
        perform(request, partial(print_photo, through=request), photo=photo, use=use)
    except Refused as refused:
        return refusal_page(request, refused)
    return _print_page(request, [photo], use)


@require_safe
@needs("read-clinical")
def print_all(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    side_effect, use = _side_effect(request, side_effect_id), _use(request)
    if not use:
        return copy_strip(request, side_effect_id, problem=CHOOSE)
    photos = list(Photo.objects.ready().filter(side_effect=side_effect).select_related("side_effect__patient"))
    try:
        perform(request, partial(print_strip, through=request), side_effect=side_effect, photos=photos, use=use)
    except Refused as refused:
        return refusal_page(request, refused)
    return _print_page(request, photos, use)


def _print_page(request: HttpRequest, photos: list[Photo], use: str) -> HttpResponse:
    sheet = [{"photo": photo, "mark": " · ".join(mark_of(photo, use))} for photo in photos]
    context = {"sheet": sheet, "use": PhotoUse(use), "nav": "patients"}
    return render(request, "treatments/photo_print.html", context)
