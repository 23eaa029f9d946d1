"""Copies of photos that leave the chart, saved or printed: marked, for one use that the patient agreed to, and audited."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from patients.models import Consent, PhotoUse
from treatments.models import Photo, SideEffect
from treatments.models.photo import PhotoQuerySet
from treatments.operation import operation
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark

CONSENT_MISSING = "photo-consent-missing"
# What a copy may be made for: to be kept as a file, or to be printed.
HOW = {"save": AuditEvent.Kind.PHOTO_SAVED, "print": AuditEvent.Kind.PHOTO_PRINTED}
# A copy once made is fetched or printed within this time; after it, another one is made, and noted.
OPEN_FOR = dt.timedelta(hours=1)


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
        return Blocker(
            CONSENT_MISSING, message, since=withdrawn, lifts_when="Only a new consent of the patient's does."
        )
    return None


def require_use(side_effect: SideEffect, use: str) -> None:
    """Raises Refused (photo-consent-missing, or wrong-status for one entered in error)."""
    found = next(one for one in uses_of(side_effect) if one.use == use)
    if found.blocker is not None:
        raise Refused([found.blocker], patient_id=side_effect.patient_id)


@dataclass(frozen=True)
class MadeCopy:
    """A copy that the audit trail knows of: of which photos, for which use, how and when it was made."""

    pk: uuid.UUID
    use: PhotoUse
    how: str
    photo_ids: list[str]
    at: dt.datetime


@operation("export-charts")
def make_copy(
    *,
    side_effect: SideEffect,
    photos: Sequence[Photo],
    use: str,
    how: str,
    by: Staff,
    through: HttpRequest | None = None,
) -> MadeCopy:
    """Note that these photos of one side effect leave the chart: for what (PhotoUse), and how (HOW).

    `through` is the request it came by. Raises Refused (photo-consent-missing; wrong-status for one entered in error,
    or without a photo that is ready).
    """
    # Under its lock: a withdrawal comes before or after this, and the trail says which.
    given = Consent.objects.in_force().filter(patient=side_effect.patient_id, kind=PhotoUse(use).consent_kind)
    list(given.select_for_update(of=("self",)))
    require_use(side_effect, use)
    ready = Photo.objects.ready().filter(pk__in=[photo.pk for photo in photos], side_effect=side_effect)
    named = [str(pk) for pk in ready.values_list("pk", flat=True)]
    if not named:
        raise Refused([Blocker("wrong-status", "There is no photo that is ready.", lifts_when="Wait a moment.")])
    event = record_event(
        HOW[how],
        request=through,
        actor=by,
        patient_id=side_effect.patient_id,
        subject="photo" if len(named) == 1 else "photos",
        subject_id=uuid.UUID(named[0]) if len(named) == 1 else side_effect.pk,
        use=use,
        copy=str(uuid.uuid4()),
        photos=named,
    )
    return _made(event)


def find_copy(copy_id: uuid.UUID, *, by: Staff, now: dt.datetime | None = None) -> MadeCopy | None:
    """One that they made within the last hour."""
    since = (now or timezone.now()) - OPEN_FOR
    own = AuditEvent.objects.filter(actor=by, kind__in=HOW.values(), at__gte=since, details__copy=str(copy_id))
    event = own.first()
    return None if event is None else _made(event)


def _made(event: AuditEvent) -> MadeCopy:
    told = event.details
    how = next(how for how, kind in HOW.items() if kind == event.kind)
    return MadeCopy(uuid.UUID(told["copy"]), PhotoUse(told["use"]), how, told["photos"], event.at)


def photos_of(copy: MadeCopy, *, by: Staff) -> PhotoQuerySet:
    """Those of its photos that may still be used so: none a moment after the consent was withdrawn."""
    usable = Photo.objects.visible_to(by).usable_for(copy.use).filter(pk__in=copy.photo_ids)
    return usable.select_related("side_effect__patient").order_by("taken_at", "pk")


def mark_of(photo: Photo, use: str, *, copied_at: dt.datetime | None = None) -> list[str]:
    """The words on a copy. For care the record number and the day it was taken, or was sent where nobody knows
    that; what leaves the clinic's care says its
    use, the day of the copy and the photo's random id: nobody outside can tell whose it is, and the clinic can.

    `photo` comes with its side effect and that one's patient.
    """
    if use == PhotoUse.CARE:
        day = _day(photo.taken_at)
        return [
            "Clinical photo",
            photo.side_effect.patient.number,
            f"sent {day}" if photo.has_time_of_sending else day,
        ]
    copied = [f"copied {_day(copied_at)}"] if copied_at else []
    return ["Clinical photo", f"for {PhotoUse(use).label.lower()} only", *copied, f"photo {photo.pk}"]


def _day(at: dt.datetime) -> str:
    day = timezone.localtime(at)
    return f"{day.day} {day:%b %Y}"


def marked_picture(photo: Photo, use: str, *, size: str, copied_at: dt.datetime | None = None) -> bytes:
    """A JPEG of the photo with its mark; the photo itself stays as it is. Raises FileNotFoundError.

    Who calls it has asked whether the photo may be used so (`usable_for`).
    """
    file = photo.files.filter(size=size).first()
    if file is None:
        raise FileNotFoundError("This photo has no such file.")
    return with_mark(read_stored(file.name), mark_of(photo, use, copied_at=copied_at))
