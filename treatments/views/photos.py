"""Photos of a side effect: taken in, looked at, sent out. Each opening of a file is in the audit trail."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import keep_refusal, needs, perform
from clinic.refusals import Refused
from patients.models import Consent
from treatments.course import picture_of
from treatments.forms.photos import AddPhotosForm
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photos import PhotoTooLarge, add_photo, photo_storage


@dataclass(frozen=True)
class NotKept:
    """A file that did not become a photo, and the sentence why."""

    name: str
    why: str
    status: int


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """A form's words and files; (None, None) for a page that is only opened. An empty form that was sent is not None."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def keep_photos(
    request: HttpRequest,
    side_effect: SideEffect,
    files: "Iterable[UploadedFile[Any]]",
    taken_at: dt.datetime | None = None,
) -> list[NotKept]:
    """Keep each file that can be kept; returns those that were not. Sent again, a kept file stays one photo."""
    wrong = []
    for file in files:
        try:
            perform(request, add_photo, side_effect=side_effect, image=file, taken_at=taken_at)
        except PhotoTooLarge as too_large:
            wrong.append(NotKept(file.name or "", str(too_large), 413))
        except ValidationError as error:
            wrong.append(NotKept(file.name or "", " ".join(error.messages), 400))
        except Refused as refused:
            keep_refusal(request, refused, "add_photo")
            wrong.append(NotKept(file.name or "", refused.blockers[0].message, 409))
    return wrong


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    side_effects = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    side_effect = get_object_or_404(side_effects, pk=side_effect_id)
    form = AddPhotosForm(*sent(request))
    wrong: list[NotKept] = []
    if request.method == "POST" and form.is_valid():
        wrong = keep_photos(request, side_effect, form.cleaned_data["photos"], form.cleaned_data["taken_at"])
        if not wrong and not _by_script(request):
            count = len(form.cleaned_data["photos"])
            messages.success(request, "1 photo kept." if count == 1 else f"{count} photos kept.")
            return redirect("side-effect", side_effect.pk)
    # As a script reads it, a file at a time (photos.js): whether it was kept, and if not why.
    sentences = [*(one.why for one in wrong), *(str(error) for errors in form.errors.values() for error in errors)]
    status = wrong[0].status if wrong else 422 if form.errors else 200
    if request.method == "POST" and _by_script(request):
        answer = {"problems": sentences, "next": reverse("side-effect", args=[side_effect.pk])}
        return JsonResponse(answer, status=status)
    return render(
        request,
        "treatments/photo_add.html",
        {
            "side_effect": side_effect,
            "patient": side_effect.patient,
            "form": form,
            "wrong": wrong,
            "kept": len(form.cleaned_data["photos"]) - len(wrong) if wrong else 0,
            "consented": may_take_photos(side_effect),
            "nav": "patients",
        },
        status=status,
    )


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def may_take_photos(side_effect: SideEffect) -> bool:
    """Has the patient agreed to photos for care?"""
    given = Consent.objects.in_force().filter(patient=side_effect.patient_id, kind=Consent.Kind.PHOTO_CARE)
    return given.exists()


@require_safe
def photo(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    photos = Photo.objects.visible_to(request.user)  # type: ignore[arg-type]
    found = get_object_or_404(photos.select_related("side_effect__patient", "uploaded_by"), pk=photo_id)
    file = get_object_or_404(found.files.filter(size=PhotoFile.Size.DISPLAY).select_related("photo"))
    of_episode = list(
        photos.filter(side_effect=found.side_effect_id).order_by("taken_at", "pk").values_list("pk", flat=True)
    )
    at = of_episode.index(found.pk)
    return render(
        request,
        "treatments/photo.html",
        {
            "picture": picture_of(found.side_effect, file),
            "side_effect": found.side_effect,
            "patient": found.side_effect.patient,
            "previous": of_episode[at - 1] if at else None,
            "next": of_episode[at + 1] if at + 1 < len(of_episode) else None,
            "number": at + 1,
            "count": len(of_episode),
            "nav": "patients",
        },
    )


@require_safe
def file(request: HttpRequest, photo_id: uuid.UUID, size: str) -> HttpResponse | FileResponse:
    visible = Photo.objects.visible_to(request.user)  # type: ignore[arg-type]
    files = PhotoFile.objects.filter(photo__in=visible).select_related("photo__side_effect")
    found = get_object_or_404(files, photo=photo_id, size=size)
    try:
        content = photo_storage().open(found.name)
    except FileNotFoundError as error:
        raise Http404("The file of this photo is missing from the storage.") from error
    record_event(
        AuditEvent.Kind.PHOTO_READ,
        request=request,
        patient_id=found.photo.side_effect.patient_id,
        subject="photo",
        subject_id=found.photo_id,
        size=found.size,
    )
    response = FileResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response
