"""Taking in a photo of a side effect: its header is read and its bytes kept; the queue develops it (developing.py)."""

import datetime as dt
from typing import IO

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.roles import require
from clinic.wording import short_day
from patients.models import Consent
from treatments.developing import develop_photo, enqueue
from treatments.images import Examined, PhotoRejected, examine
from treatments.locks import lock_side_effect
from treatments.models import Photo, SideEffect
from treatments.operation import operation
from treatments.photo_files import drop_unnamed, photo_storage, save_incoming, taken_back

__all__ = ["PhotoTooLarge", "add_photo", "photo_storage", "remove_unreadable_photo", "take_in_photo"]

# A phone's clock may be a little ahead of ours.
CLOCK_SLACK = dt.timedelta(minutes=10)
# A photo of a side effect is sent within days; a camera whose clock is further behind than this was never set.
OLDEST_BELIEVED = dt.timedelta(days=366)
# A camera often does not say in which time zone its clock runs, and a day is known without its hour.
A_DAY_OF_SLACK = dt.timedelta(days=1)


class PhotoTooLarge(Exception):
    """More bytes or pixels than a photo may have; the doors answer 413."""


def take_in_photo(
    *,
    side_effect: SideEffect,
    image: IO[bytes],
    by: Staff,
    taken_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Photo:
    """Take in a photo to be developed by the queue. `taken_at` is what is said; without it the camera's clock counts
    where it can be right, else the upload's time (`Photo.has_time_of_sending`). It cannot be right ahead of ours, nor
    before there was anything to photograph.

    The same file sent twice for one side effect is one photo; one that could not be read is tried anew. Raises Refused
    (photo-consent-missing), ValidationError, PhotoTooLarge, StorageAway; then neither a row nor a file is left.
    """
    now = now or timezone.now()
    require(by, "judge-side-effects")
    _require_consent(side_effect)
    examined = _examined(image)
    taken = _taken_at(taken_at, examined, side_effect, now)
    same = _same(side_effect, examined)
    if same is not None and same.state != Photo.State.UNREADABLE:
        return same
    # Before the transaction begins: writing it takes its time, and on SQLite everybody else's writing would wait for it.
    names = [save_incoming(examined.content)]
    with taken_back(names):
        photo = _keep_photo(
            side_effect=side_effect, examined=examined, incoming=names[0], taken_at=taken, by=by, now=now
        )
    if photo.incoming != names[0]:
        drop_unnamed(names)  # somebody else sent the same a moment ago
    return photo


def add_photo(
    *,
    side_effect: SideEffect,
    image: IO[bytes],
    by: Staff,
    taken_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Photo:
    """`take_in_photo`, developed at once, for who cannot wait for the queue: the demo, a command. Raises the same."""
    photo = take_in_photo(side_effect=side_effect, image=image, by=by, taken_at=taken_at, now=now)
    return develop_photo(photo, now=now)


@operation("judge-side-effects")
def remove_unreadable_photo(*, photo: Photo, by: Staff) -> Photo:
    """Take away one that could not be read: nobody ever saw it, so nothing was found by it. Raises Refused (wrong-status)."""
    lock_side_effect(photo.side_effect)
    # Asked again under the lock: the same file may have been sent once more meanwhile.
    if not Photo.objects.filter(pk=photo.pk, state=Photo.State.UNREADABLE).exists():
        raise Refused([Blocker("wrong-status", "Only a photo that could not be read is taken away.", lifts_when="")])
    photo_id = photo.pk
    photo.delete()
    photo.pk = photo_id  # whoever did it is answered with what is gone
    return photo


@operation("judge-side-effects")
def _keep_photo(
    *, side_effect: SideEffect, examined: Examined, incoming: str, taken_at: dt.datetime, by: Staff, now: dt.datetime
) -> Photo:
    side_effect = lock_side_effect(side_effect)
    _require_consent(side_effect)
    if side_effect.error_at is not None:
        raise Refused([Blocker("wrong-status", "It was entered in error, so it takes no photos.", lifts_when="")])
    photo = _same(side_effect, examined)
    if photo is None:
        photo = Photo(
            side_effect=side_effect,
            taken_at=taken_at,
            uploaded_at=now,
            uploaded_by=by,
            original_sha256=examined.original_sha256,
            original_format=examined.original_format,
        )
    elif photo.state != Photo.State.UNREADABLE:
        return photo
    photo.state, photo.problem = Photo.State.DEVELOPING, ""
    photo.incoming, photo.next_try_at, photo.tries = incoming, now, 0
    photo.save()
    enqueue(photo)
    return photo


def _same(side_effect: SideEffect, examined: Examined) -> Photo | None:
    return Photo.objects.filter(side_effect=side_effect, original_sha256=examined.original_sha256).first()


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


def _examined(image: IO[bytes]) -> Examined:
    try:
        return examine(image)  # type: ignore[arg-type]
    except PhotoRejected as rejected:
        if rejected.too_large:
            raise PhotoTooLarge(rejected.reason) from rejected
        raise ValidationError({"image": rejected.reason}) from rejected


def _taken_at(said: dt.datetime | None, examined: Examined, side_effect: SideEffect, now: dt.datetime) -> dt.datetime:
    began, why = _first_day(side_effect)
    earliest = began and timezone.make_aware(dt.datetime.combine(began, dt.time())) - A_DAY_OF_SLACK
    if said is not None:
        if said > now + CLOCK_SLACK:
            raise ValidationError({"taken_at": "The photo cannot be taken in the future."})
        if earliest and said < earliest:
            raise ValidationError({"taken_at": f"{why} A photo of it cannot be older than that."})
        return min(said, now)
    camera = examined.taken_at
    if camera is not None and timezone.is_naive(camera):
        camera = timezone.make_aware(camera)
    # Ahead of ours, before it began, or years behind: a wrong clock. Then the upload's time is the best that is known.
    floor = max(filter(None, (earliest, now - OLDEST_BELIEVED)))
    return camera if camera is not None and floor <= camera <= now else now


def _first_day(side_effect: SideEffect) -> tuple[dt.date | None, str]:
    """The first day on which there was anything to photograph, with the sentence for it; (None, "") where nobody knows.

    An onset that is only about right is none; then it counts from the session that it came of, or is said to have begun before.
    """
    onset, session = side_effect.onset_on, side_effect.session
    if onset is not None and not side_effect.onset_is_about:
        return onset, f"It began only on {short_day(onset)}."
    if session is None:
        return None, ""
    day = timezone.localdate(session.started_at)
    return min(day, onset or day), f"It belongs to the session of {short_day(day)}."
