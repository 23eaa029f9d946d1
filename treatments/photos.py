"""Taking in a photo of a side effect: checked and developed (images.py), kept as three private files, no metadata."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.roles import require
from patients.models import Consent
from treatments.images import Developed, PhotoRejected, Rendition, develop
from treatments.locks import lock_side_effect
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.operation import operation

# A phone's clock may be a little ahead of ours.
CLOCK_SLACK = dt.timedelta(minutes=10)


class PhotoTooLarge(Exception):
    """More bytes or pixels than a photo may have; the doors answer 413."""


def photo_storage() -> Storage:
    return storages["photos"]


def add_photo(
    *,
    side_effect: SideEffect,
    image: IO[bytes],
    by: Staff,
    taken_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Photo:
    """Keep a photo. `taken_at` is what is said; without it the camera's clock counts, else the upload's time.

    The same file sent twice for one side effect is one photo. Raises Refused (photo-consent-missing), ValidationError,
    PhotoTooLarge; then neither a row nor a file is left.
    """
    now = now or timezone.now()
    require(by, "judge-side-effects")
    _require_consent(side_effect)
    # Before the transaction begins: decoding takes its time, and on SQLite everybody else's writing would wait for it.
    developed = _developed(image)
    return _keep_photo(
        side_effect=side_effect, developed=developed, taken_at=_taken_at(taken_at, developed, now), by=by, now=now
    )


@operation("judge-side-effects")
def _keep_photo(
    *, side_effect: SideEffect, developed: Developed, taken_at: dt.datetime, by: Staff, now: dt.datetime
) -> Photo:
    side_effect = lock_side_effect(side_effect)
    _require_consent(side_effect)
    if side_effect.error_at is not None:
        raise Refused([Blocker("wrong-status", "It was entered in error, so it takes no photos.", lifts_when="")])
    same = Photo.objects.filter(side_effect=side_effect, original_sha256=developed.original_sha256).first()
    if same is not None:
        return same
    photo = Photo.objects.create(
        side_effect=side_effect,
        taken_at=taken_at,
        uploaded_at=now,
        uploaded_by=by,
        original_sha256=developed.original_sha256,
        original_format=developed.original_format,
    )
    _keep_files(photo, developed.renditions)
    return photo


def _require_consent(side_effect: SideEffect) -> None:
    consents = Consent.objects.in_force().filter(patient=side_effect.patient_id, kind=Consent.Kind.PHOTO_CARE)
    if not consents.exists():
        raise Refused([_consent_missing()], patient_id=side_effect.patient_id)


def _consent_missing() -> Blocker:
    return Blocker(
        "photo-consent-missing",
        "The patient's consent to photos for care is not on record.",
        lifts_when="Ask the patient, and record the consent.",
    )


def _developed(image: IO[bytes]) -> Developed:
    try:
        return develop(image)  # type: ignore[arg-type]
    except PhotoRejected as rejected:
        if rejected.too_large:
            raise PhotoTooLarge(rejected.reason) from rejected
        raise ValidationError({"image": rejected.reason}) from rejected


def _taken_at(said: dt.datetime | None, developed: Developed, now: dt.datetime) -> dt.datetime:
    if said is not None:
        if said > now + CLOCK_SLACK:
            raise ValidationError({"taken_at": "The photo cannot be taken in the future."})
        return min(said, now)
    camera = developed.taken_at
    if camera is not None and timezone.is_naive(camera):
        camera = timezone.make_aware(camera)
    # A camera's clock that is ahead of ours is wrong; then the upload's time is the best that is known.
    return camera if camera is not None and camera <= now else now


def _keep_files(photo: Photo, renditions: Iterable[Rendition]) -> None:
    storage = photo_storage()
    written: list[str] = []
    try:
        for rendition in renditions:
            name = f"{uuid.uuid4().hex}.jpg"
            written.append(storage.save(f"{name[:2]}/{name}", ContentFile(rendition.content)))
            PhotoFile.objects.create(
                photo=photo,
                size=rendition.size,
                name=written[-1],
                sha256=rendition.sha256,
                bytes=len(rendition.content),
                width=rendition.width,
                height=rendition.height,
            )
    except BaseException:
        for name in written:
            storage.delete(name)
        raise
