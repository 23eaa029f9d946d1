"""A refusal: the reasons why not, and how it is kept. How it looks is the doors' (clinic/api.py, clinic/pages.py)."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone

from clinic.models import Refusal

if TYPE_CHECKING:
    from clinic.models import Staff


@dataclass(frozen=True)
class Blocker:
    """One reason why not. `message` may be read by everybody; `clinical` only by who may read clinical notes."""

    code: str
    message: str
    since: dt.date | None = None
    lifts_when: str = ""
    side_effect: uuid.UUID | None = None
    clinical: str = ""

    def words_for(self, staff: "Staff") -> str:
        return self.clinical if self.clinical and staff.may("read-clinical") else self.message


class Refused(Exception):
    """An operation refused by a rule, with its reasons; nothing was changed."""

    def __init__(
        self,
        blockers: Sequence[Blocker],
        *,
        patient_id: uuid.UUID | None = None,
        treatment_id: uuid.UUID | None = None,
        appointment_id: uuid.UUID | None = None,
    ) -> None:
        super().__init__("; ".join(blocker.message for blocker in blockers))
        self.blockers = list(blockers)
        self.patient_id, self.treatment_id, self.appointment_id = patient_id, treatment_id, appointment_id

    @property
    def codes(self) -> list[str]:
        return [blocker.code for blocker in self.blockers]


class NeedsConfirmation(Exception):
    """Not refused: whoever asks is shown something first and may ask again. `details` go into the API's answer."""

    code = ""
    details: dict[str, Any] = {}


def record_refusal(
    refused: Refused, *, by: "Staff", door: str, operation: str, now: dt.datetime | None = None
) -> Refusal:
    """Keep the attempt. Call it after the operation's transaction has rolled back, or it goes with it."""
    return Refusal.objects.create(
        at=now or timezone.now(),
        by=by,
        door=door,
        operation=operation,
        code=refused.codes[0],
        patient_id=refused.patient_id,
        treatment_id=refused.treatment_id,
        appointment_id=refused.appointment_id,
        blockers=[
            {
                "code": blocker.code,
                "since": blocker.since.isoformat() if blocker.since else None,
                "side_effect": str(blocker.side_effect) if blocker.side_effect else None,
            }
            for blocker in refused.blockers
        ],
    )


def guard_code(error: IntegrityError) -> str:
    """The code of the guard or wall that refused, "" if another constraint did.

    PostgreSQL names it as the violated constraint, SQLite as the message of RAISE (treatments/guards/).
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    text = (diagnosis.constraint_name if diagnosis else str(error)) or ""
    return text if "-" in text and " " not in text else ""
