"""A photo saved or printed: for which use is asked first, then noted, and the copy carries its mark."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import needs, perform_once, refusal_page
from clinic.refusals import Refused
from patients.models import PhotoUse
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photo_copies import HOW, MadeCopy, find_copy, make_copy, mark_of, marked_picture, photos_of, uses_of

CHOOSE = "Choose what the copy is for."
MISSING = "The file of this photo is missing from the storage."


@require_http_methods(["GET", "POST"])
@needs("export-charts")
def copy(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Of one photo."""
    visible = Photo.objects.visible_to(request.user).ready()  # type: ignore[arg-type]
    photo = get_object_or_404(visible.select_related("side_effect__patient"), pk=photo_id)
    return _copy(request, photo.side_effect, [photo], {"photo": photo})


@require_http_methods(["GET", "POST"])
@needs("export-charts")
def copy_all(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    """Of every photo of a side effect that is ready."""
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    side_effect = get_object_or_404(visible, pk=side_effect_id)
    photos = list(Photo.objects.ready().filter(side_effect=side_effect))
    return _copy(request, side_effect, photos, {"count": len(photos)})


def _copy(request: HttpRequest, side_effect: SideEffect, photos: list[Photo], more: dict[str, object]) -> HttpResponse:
    use, how = request.POST.get("use", ""), request.POST.get("how", "")
    if use in PhotoUse.values and how in HOW:
        try:
            made = perform_once(
                request, make_copy, side_effect=side_effect, photos=photos, use=use, how=how, through=request
            )
        except Refused as refused:
            return refusal_page(request, refused)
        return redirect("photo-copy-made", made)
    problem = CHOOSE if request.method == "POST" else ""
    context = {
        "side_effect": side_effect,
        "patient": side_effect.patient,
        "uses": uses_of(side_effect),
        "problem": problem,
        "nav": "patients",
    }
    return render(request, "treatments/photo_copy.html", context | more, status=422 if problem else 200)


def _made(request: HttpRequest, copy_id: uuid.UUID) -> MadeCopy:
    """Whoever made it, and for an hour: an address that is passed on opens nothing."""
    found = find_copy(copy_id, by=request.user)  # type: ignore[arg-type]
    if found is None:
        raise Http404("No copy of yours of the last hour.")
    return found


@require_safe
@needs("export-charts")
def made(request: HttpRequest, copy_id: uuid.UUID) -> HttpResponse:
    """What was made, to be printed or kept; opened again it is the same copy."""
    found = _made(request, copy_id)
    photos = list(photos_of(found, by=request.user))  # type: ignore[arg-type]
    sheet = [(photo, " · ".join(mark_of(photo, found.use, copied_at=found.at))) for photo in photos]
    context = {"copy": found, "sheet": sheet, "first": photos[0] if photos else None, "nav": "patients"}
    return render(request, "treatments/photo_copy_made.html", context)


@require_safe
@needs("export-charts")
def picture(request: HttpRequest, copy_id: uuid.UUID, photo_id: uuid.UUID, size: str) -> HttpResponse:
    """The file: large to be kept, smaller for the page. A consent withdrawn meanwhile, and it is not there any more."""
    found = _made(request, copy_id)
    if size not in (PhotoFile.Size.FULL, PhotoFile.Size.DISPLAY):
        raise Http404
    photo = get_object_or_404(photos_of(found, by=request.user), pk=photo_id)  # type: ignore[arg-type]
    # Neither what it shows nor whose it is: a file's name is read over a shoulder.
    keep = f'attachment; filename="copy-{photo.pk.hex[:8]}.jpg"' if size == PhotoFile.Size.FULL else "inline"
    return marked_answer(request, photo, found, size=size, disposition=keep)


def marked_answer(
    request: HttpRequest, photo: Photo, copy: MadeCopy | PhotoUse, *, size: str, disposition: str = "inline"
) -> HttpResponse:
    """The marked picture, its opening noted, for a copy that was made or for looking at under one use."""
    use = copy.use if isinstance(copy, MadeCopy) else copy
    copied_at = copy.at if isinstance(copy, MadeCopy) else None
    try:
        content = marked_picture(photo, use, size=size, copied_at=copied_at)
    except FileNotFoundError as error:
        raise Http404(MISSING) from error
    record_event(
        AuditEvent.Kind.PHOTO_READ,
        request=request,
        patient_id=photo.side_effect.patient_id,
        subject="photo",
        subject_id=photo.pk,
        size=size,
        use=str(use),
    )
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = disposition
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
