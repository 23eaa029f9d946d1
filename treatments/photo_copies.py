"""Copies of photos that leave the chart, saved or printed: marked, for one use that the patient agreed to, and audited."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from clinic.roles import require
from clinic.wording import short_day
from patients.models import Consent, PhotoUse
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.operation import operation
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark

CONSENT_MISSING = "photo-consent-missing"


@dataclass(frozen=True)
class UseOfPhotos:
    """A use, since when the patient agrees to it, and why not where they do not."""

    use: PhotoUse
    consent: Consent | None
    blocker: Blocker | None


def uses_of(side_effect: SideEffect) -> list[UseOfPhotos]:
    """Every use with its consent, for photos of this side effect. One statement."""
    newest: dict[str, Consent] = {}
    for consent in Consent.objects.filter(patient=side_effect.patient_id).order_by("given_at", "pk"):
        standing = newest.get(consent.kind)
        if standing is None or standing.withdrawn_at is not None:
            newest[consent.kind] = consent
    uses = []
    for use in PhotoUse:
        last = newest.get(use.consent_kind)
        in_force = last if last is not None and last.withdrawn_at is None else None
        uses.append(UseOfPhotos(use, in_force, _blocker(side_effect, use, last)))
    return uses


def _blocker(side_effect: SideEffect, use: PhotoUse, last: Consent | None) -> Blocker | None:
    if side_effect.error_at is not None:
        return Blocker("wrong-status", "It was entered in error, so no copy of its photos is made.")
    asked = f"consent to photos for {use.label.lower()}"
    if last is None:
        message = f"The patient's {asked} is not on record."
        return Blocker(CONSENT_MISSING, message, lifts_when="Ask the patient, and record the consent.")
    if last.withdrawn_at is not None:
        withdrawn = timezone.localtime(last.withdrawn_at).date()
        message = f"The patient withdrew the {asked} on {short_day(withdrawn)}."
        return Blocker(CONSENT_MISSING, message, since=withdrawn, lifts_when="Only a new consent of the patient's does.")
    return None


def require_use(side_effect: SideEffect, use: str) -> None:
    """Raises Refused (photo-consent-missing, or wrong-status for one entered in error)."""
    found = next(one for one in uses_of(side_effect) if one.use == use)
    if found.blocker is not None:
        raise Refused([found.blocker], patient_id=side_effect.patient_id)


def mark_of(photo: Photo, use: str) -> list[str]:
    """The words on a copy. For care the record number and the day it was taken; what leaves the clinic's care says only
    its use and the photo's random id: nobody outside can tell whose it is, and the clinic can."""
    if use == PhotoUse.CARE:
        taken = timezone.localtime(photo.taken_at)
        return ["Clinical photo", photo.side_effect.patient.number, f"{taken.day} {taken:%b %Y}"]
    return [f"Photo for {PhotoUse(use).label.lower()} only", str(photo.pk)]


def marked_copy(*, photo: Photo, use: str, by: Staff, size: str = PhotoFile.Size.FULL) -> bytes:
    """A JPEG of the photo with its mark; nothing is noted yet. Raises Refused, FileNotFoundError.

    `photo` comes with its side effect and that one's patient.
    """
    require(by, "read-clinical")
    require_use(photo.side_effect, use)
    file = photo.files.filter(size=size).first()
    if file is None:
        raise FileNotFoundError("This photo has no files: it is not ready.")
    return with_mark(read_stored(file.name), mark_of(photo, use))


def save_copy(*, photo: Photo, use: str, by: Staff, through: HttpRequest | None = None) -> bytes:
    """A marked copy to be given out, at full size, and the trail says for what. Raises Refused, FileNotFoundError.

    `through` is the request it came by.
    """
    # Before the transaction begins: a large photo takes its time, and on SQLite everybody else's writing would wait.
    content = marked_copy(photo=photo, use=use, by=by)
    _note(kind=AuditEvent.Kind.PHOTO_SAVED, side_effect=photo.side_effect, photo=photo, use=use, by=by, through=through)
    return content


def print_photo(*, photo: Photo, use: str, by: Staff, through: HttpRequest | None = None) -> None:
    """Note that it is laid out for printing. Raises Refused."""
    _note(kind=AuditEvent.Kind.PHOTO_PRINTED, side_effect=photo.side_effect, photo=photo, use=use, by=by, through=through)


def print_strip(
    *, side_effect: SideEffect, photos: Sequence[Photo], use: str, by: Staff, through: HttpRequest | None = None
) -> None:
    """The same of a side effect's photos, as one event that names them. Raises Refused."""
    kind, named = AuditEvent.Kind.PHOTO_PRINTED, [str(photo.pk) for photo in photos]
    _note(kind=kind, side_effect=side_effect, use=use, by=by, through=through, photos=named)


@operation("read-clinical")
def _note(
    *,
    kind: str,
    side_effect: SideEffect,
    use: str,
    by: Staff,
    through: HttpRequest | None,
    photo: Photo | None = None,
    photos: Sequence[str] = (),
) -> None:
    # Asked again: the consent may have been withdrawn while the copy was being made.
    require_use(side_effect, use)
    record_event(
        kind,
        request=through,
        actor=by,
        patient_id=side_effect.patient_id,
        subject="photo" if photo is not None else "photos",
        subject_id=photo.pk if photo is not None else side_effect.pk,
        use=use,
        **({"photos": list(photos)} if photos else {}),
    )
