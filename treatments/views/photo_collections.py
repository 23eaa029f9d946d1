"""Photos for teaching and for publicity: those whose patients agree to that now, without name or number."""

import uuid

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.pages import needs
from clinic.paging import keyset_page
from patients.models import PhotoUse
from treatments.course import Picture, picture_of
from treatments.models import Photo, PhotoFile
from treatments.models.photo import PhotoQuerySet
from treatments.views.photo_copies import marked_answer

ON_A_PAGE = 24
COLLECTIONS = (PhotoUse.TEACHING, PhotoUse.PUBLICITY)


def _usable(request: HttpRequest, use: str) -> PhotoQuerySet:
    if use not in COLLECTIONS:
        raise Http404
    return Photo.objects.visible_to(request.user).usable_for(use)  # type: ignore[arg-type]


@require_safe
@needs("read-clinical")
def collection(request: HttpRequest, use: str) -> HttpResponse:
    usable = _usable(request, use).select_related("side_effect").order_by("-taken_at", "pk")
    try:
        page = keyset_page(usable, request.GET.get("cursor", ""), ON_A_PAGE)
    except ValidationError as error:
        raise Http404 from error
    thumbs = PhotoFile.objects.filter(photo__in=[photo.pk for photo in page.rows], size=PhotoFile.Size.THUMB)
    files = {file.photo_id: file for file in thumbs}
    pictures = [_picture(photo, files[photo.pk]) for photo in page.rows if photo.pk in files]
    context = {"use": PhotoUse(use), "pictures": pictures, "page": page, "collections": COLLECTIONS}
    return render(request, "treatments/photo_collection.html", context)


@require_safe
@needs("read-clinical")
def one(request: HttpRequest, use: str, photo_id: uuid.UUID) -> HttpResponse:
    photo = get_object_or_404(_usable(request, use).select_related("side_effect"), pk=photo_id)
    file = get_object_or_404(photo.files.all(), size=PhotoFile.Size.DISPLAY)
    context = {"use": PhotoUse(use), "picture": _picture(photo, file)}
    return render(request, "treatments/photo_collection_one.html", context)


@require_safe
@needs("read-clinical")
def file(request: HttpRequest, use: str, photo_id: uuid.UUID, size: str) -> HttpResponse:
    """Asked again here: a consent withdrawn a moment ago, and the picture is not there any more."""
    if size not in (PhotoFile.Size.DISPLAY, PhotoFile.Size.THUMB):
        raise Http404
    photo = get_object_or_404(_usable(request, use).select_related("side_effect__patient"), pk=photo_id)
    return marked_answer(request, photo, PhotoUse(use), size=size)


def _picture(photo: Photo, file: PhotoFile) -> Picture:
    file.photo = photo
    return picture_of(photo.side_effect, file)
