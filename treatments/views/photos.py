"""Photos of a side effect: taken in, looked at, sent out. Each opening of a file is in the audit trail."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import keep_refusal, needs, perform
from clinic.refusals import Refused
from patients.models import Consent
from treatments.course import Picture, picture_of
from treatments.developing import develop_overdue
from treatments.forms.photos import AddPhotosForm
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photo_files import StorageAway, open_stored, signed_address
from treatments.photos import PhotoTooLarge, add_photo, remove_unreadable_photo, take_in_photo

GHOSTS = 12
# Neither whose nor where: a file that was chosen twice by mistake is told by whoever chose it.
ALSO_ELSEWHERE = "This file is also in another patient's record."
TIME_OF_SENDING = "Its camera gave no time, or one that cannot be right, so the time of sending counts."


@dataclass(frozen=True)
class NotKept:
    """A file that did not become a photo, and the sentence why. `place` counts the files as they were sent, from 0."""

    place: int
    name: str
    why: str
    status: int


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """A form's words and files; (None, None) for a page that is only opened. An empty form that was sent is not None."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def keep_photos(
    request: HttpRequest, side_effect: SideEffect, files: "Iterable[UploadedFile[Any]]", *, at_once: bool = False
) -> list[NotKept]:
    """Take in each file that can be kept; returns those that were not. Sent again, a kept file stays one photo.
    Of those whose camera is not believed, the next page says so.

    `at_once` waits until they are ready, for what is to be judged by them in the same breath.
    """
    kept, wrong = _take_in(request, side_effect, files, None, add_photo if at_once else take_in_photo)
    if count := sum(photo.has_time_of_sending for photo in kept):
        came = "1 photo came" if count == 1 else f"{count} photos came"
        messages.info(request, f"{came} with no time, or one that cannot be right, so the time of sending counts.")
    if Photo.objects.also_of_somebody_else(kept):
        messages.warning(request, ALSO_ELSEWHERE)
    return wrong


def _take_in(
    request: HttpRequest,
    side_effect: SideEffect,
    files: "Iterable[UploadedFile[Any]]",
    taken_at: dt.datetime | None,
    operation: Callable[..., Photo],
) -> tuple[list[Photo], list[NotKept]]:
    kept, wrong = [], []
    for place, file in enumerate(files):
        name = file.name or ""
        try:
            photo = perform(request, operation, side_effect=side_effect, image=file, taken_at=taken_at)
        except PhotoTooLarge as too_large:
            wrong.append(NotKept(place, name, str(too_large), 413))
        except StorageAway as away:
            wrong.append(NotKept(place, name, str(away), 503))
        except ValidationError as error:
            wrong.append(NotKept(place, name, " ".join(error.messages), 400))
        except Refused as refused:
            keep_refusal(request, refused, "add_photo")
            wrong.append(NotKept(place, name, refused.blockers[0].message, 409))
        else:
            if photo.state == Photo.State.UNREADABLE:
                wrong.append(NotKept(place, name, photo.problem, 400))
            else:
                kept.append(photo)
    return kept, wrong


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    side_effect = _side_effect(request, side_effect_id)
    form = AddPhotosForm(*sent(request))
    kept: list[Photo] = []
    wrong: list[NotKept] = []
    if request.method == "POST" and form.is_valid():
        taken_at = form.when_taken(timezone.now())
        kept, wrong = _take_in(request, side_effect, form.cleaned_data["photos"], taken_at, take_in_photo)
    is_elsewhere = Photo.objects.also_of_somebody_else(kept)
    if request.method == "POST" and _by_script(request):
        return _to_script(side_effect, form, kept, wrong, is_elsewhere)
    if is_elsewhere:
        messages.warning(request, ALSO_ELSEWHERE)
    if kept and not wrong:
        messages.success(request, "1 photo kept." if len(kept) == 1 else f"{len(kept)} photos kept.")
        return redirect("side-effect", side_effect.pk)
    context = {
        "side_effect": side_effect,
        "patient": side_effect.patient,
        "form": form,
        "wrong": wrong,
        "kept": len(kept),
        "consented": may_take_photos(side_effect),
        "earlier": earlier_photos(side_effect),
        "nav": "patients",
    }
    return render(request, "treatments/photo_add.html", context, status=_status(form, wrong))


def _side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> SideEffect:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    return get_object_or_404(visible, pk=side_effect_id)


def _status(form: AddPhotosForm, wrong: list[NotKept]) -> int:
    return wrong[0].status if wrong else 422 if form.errors else 200


def _to_script(
    side_effect: SideEffect, form: AddPhotosForm, kept: list[Photo], wrong: list[NotKept], is_elsewhere: bool
) -> JsonResponse:
    """As photos.js reads it, a file at a time: whether it was kept, and if not why."""
    sentences = [*(one.why for one in wrong), *(str(error) for errors in form.errors.values() for error in errors)]
    notes = [TIME_OF_SENDING] if any(photo.has_time_of_sending for photo in kept) else []
    notes += [ALSO_ELSEWHERE] if is_elsewhere else []
    answer = {"problems": sentences, "notes": notes, "next": reverse("side-effect", args=[side_effect.pk])}
    return JsonResponse(answer, status=_status(form, wrong))


def earlier_photos(side_effect: SideEffect) -> list[Picture]:
    """What the next photo can be laid over, the newest first."""
    files = PhotoFile.objects.filter(
        photo__side_effect=side_effect, photo__state=Photo.State.READY, size=PhotoFile.Size.DISPLAY
    ).select_related("photo")
    newest = files.order_by("-photo__taken_at", "-photo__pk")[:GHOSTS]
    return [picture_of(side_effect, file) for file in newest]


@require_POST
def ready(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Is it ready? Asked by the page each two seconds; by POST, since where no worker is at it, it is made ready now."""
    visible = Photo.objects.visible_to(request.user).select_related("side_effect")  # type: ignore[arg-type]
    found = develop_overdue(get_object_or_404(visible, pk=photo_id))
    if not request.headers.get("HX-Request"):
        return redirect("side-effect", found.side_effect_id)
    if found.state == Photo.State.DEVELOPING:
        return HttpResponse(status=204)  # nothing to swap, nothing to read out
    thumb = found.files.filter(size=PhotoFile.Size.THUMB).select_related("photo").first()
    context = {
        "picture": picture_of(found.side_effect, thumb) if thumb else None,
        "photo": found,
        "side_effect": found.side_effect,
    }
    return render(request, "treatments/_photo_arrived.html", context)


@needs("judge-side-effects")
@require_POST
def remove(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    visible = Photo.objects.visible_to(request.user).select_related("side_effect")  # type: ignore[arg-type]
    found = get_object_or_404(visible, pk=photo_id)
    perform(request, remove_unreadable_photo, photo=found)
    messages.success(request, "Taken away: the photo that could not be read.")
    return redirect("side-effect", found.side_effect_id)


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
        photos.ready().filter(side_effect=found.side_effect_id).order_by("taken_at", "pk").values_list("pk", flat=True)
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
    """The picture, to who may see it, and noted in the trail; from a bucket by an address that is good for a minute."""
    visible = Photo.objects.visible_to(request.user)  # type: ignore[arg-type]
    files = PhotoFile.objects.filter(photo__in=visible).select_related("photo__side_effect")
    found = get_object_or_404(files, photo=photo_id, size=size)
    address = signed_address(found)
    try:
        content = None if address else open_stored(found.name)
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
    # A bucket hands it out itself, to whoever holds the address, for a minute.
    response = redirect(address) if address else FileResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response
