"""What is booked ahead and cannot stand as it is: an absence, a closed day or other hours were laid over it, its
practitioner left, or its room is not in use any more. The diary marks it, a worklist has it called."""

import datetime as dt
import uuid

from clinic.hours import Hours, Opening
from clinic.models import Staff
from clinic.refusals import Blocker
from treatments.models.appointment import Status

# Only these are still to come; what has begun, or will not be, is not moved.
TO_COME = (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED)
PRACTITIONER_LEFT, ROOM_OUT_OF_USE = "practitioner-left", "room-out-of-use"


class Displaced:
    """Asks of one appointment after the other; a person's day is worked out once, not for each of its appointments."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self._openings: dict[tuple[uuid.UUID, dt.date, uuid.UUID | None], list[Opening]] = {}

    def reason(
        self,
        who: Staff,
        starts_at: dt.datetime,
        ends_at: dt.datetime,
        *,
        room_site: uuid.UUID | None,
        room_out: str = "",
    ) -> Blocker | None:
        """Why it cannot stand, or None. No statement: `hours` hold the days asked about.

        `room_out` is the name of its room where that is not in use.
        """
        if not (who.is_active and who.is_practitioner):
            return Blocker(PRACTITIONER_LEFT, f"{who.name} is not a practitioner here any more.")
        # Another time asks for a room anyway; another room is enough only where the time can stay.
        return self._hours_reason(who, starts_at, ends_at, room_site) or _room_reason(room_out)

    def _hours_reason(
        self, who: Staff, starts_at: dt.datetime, ends_at: dt.datetime, room_site: uuid.UUID | None
    ) -> Blocker | None:
        key = (who.pk, starts_at.astimezone(dt.UTC).date(), room_site)
        if key not in self._openings:
            self._openings[key] = self.hours.openings(who, key[1], room_site)
        # Most lie within the hours of their day; only the others are asked about in full.
        if any(there.starts_at <= starts_at and ends_at <= there.ends_at for there in self._openings[key]):
            return None
        reasons = self.hours.blockers(who, starts_at, ends_at, site=room_site)
        return reasons[0] if reasons else None


def _room_reason(room_out: str) -> Blocker | None:
    return Blocker(ROOM_OUT_OF_USE, f"{room_out} is not in use.") if room_out else None
