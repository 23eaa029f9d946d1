"""Which version of a session's record somebody had before them. A page sends the whole record back, so one that is older than
a save since then would erase what that save wrote, and sign it.

The version says what stands in the record, not how often it was saved: the same saved twice is the same, and nothing to ask about.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable

from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from treatments.injected_sites import plain
from treatments.models import LotUse, Session

CHANGED_MEANWHILE = "changed-meanwhile"
# What a session's record holds of its own; lots are rows beside it.
WRITABLE = (
    "anaesthetic",
    "asepsis",
    "sites",
    "creams",
    "burning",
    "pain",
    "swelling",
    "itching",
    "note",
    "next_step",
)


def version_of(session: Session, uses: Iterable[LotUse]) -> str:
    """The same for the same record, whoever reads it and from whichever database."""
    held = [getattr(session, name) for name in WRITABLE]
    lots = sorted((str(use.lot_id), "" if use.volume_ml is None else plain(use.volume_ml)) for use in uses)
    return hashlib.sha256(json.dumps([held, lots], sort_keys=True).encode()).hexdigest()[:32]


def version_now(session: Session) -> str:
    """Of the session as it is in hand, with its lots read again. One statement."""
    return version_of(session, LotUse.objects.filter(session=session))


def changed_meanwhile(session: Session, by: Staff) -> Refused:
    """Who saved the record last, and when."""
    # A change with a reason is no save of the record: it was signed, or two patients' records were merged.
    saves = session.history.filter(history_change_reason=None).order_by("-history_date", "-history_id")
    who, name, at = saves.values_list("history_user", "history_user__name", "history_date")[0]
    said = "You" if who == by.pk else name or "Somebody"
    message = f"{said} saved this record {_when(at)}, after this page was opened. Nothing was saved over it."
    lifts = "Look at what differs, take over what belongs in the record, then save yours all the same."
    blocker = Blocker(CHANGED_MEANWHILE, message, lifts_when=lifts)
    return Refused([blocker], patient_id=session.patient_id, appointment_id=session.appointment_id)


def _when(at: dt.datetime) -> str:
    """“at 10:42”, with its day where that is not today."""
    local = timezone.localtime(at)
    today = timezone.localdate()
    return f"at {local:%H:%M}" if local.date() == today else f"on {short_day(local.date())} at {local:%H:%M}"
