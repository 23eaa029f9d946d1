"""What is typed into a form and not yet saved, kept as it is typed: a lost phone or a lost network costs no words.

A draft is no record. Only who typed it sees it, and it goes when the form is saved or what it is about is signed.
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import QueryDict
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.models import Draft, Session
from treatments.operation import operation

SESSION = "session"
# As much as a long session's record, several times over.
LONGEST = 100_000


@operation("treat")
def save_draft(
    *, form: str, subject_id: uuid.UUID, data: Mapping[str, list[str]], by: Staff, now: dt.datetime | None = None
) -> Draft:
    """Keep what stands in a form, right or wrong. The newest replaces the one before.

    Raises ObjectDoesNotExist where there is nothing to write about, ValidationError when it is too long, and Refused
    (wrong-status) once the session is finished.
    """
    if form != SESSION:
        raise ObjectDoesNotExist("no such form")
    if len(json.dumps(data)) > LONGEST:
        raise ValidationError("This is more than a draft can hold. Save it.")
    # Finishing takes the same row first: no draft comes after the signature.
    session = Session.objects.visible_to(by).select_for_update(of=("self",)).get(pk=subject_id)
    if session.finished_at is not None:
        message = "The session was finished meanwhile, so nothing more is kept as a draft."
        words = Blocker("wrong-status", message, lifts_when="What has to be added is written as an addendum.")
        raise Refused([words], patient_id=session.patient_id, appointment_id=session.appointment_id)
    kept, _ = Draft.objects.update_or_create(
        by=by, form=form, subject_id=subject_id, defaults={"data": dict(data), "saved_at": now or timezone.now()}
    )
    return kept


@operation("treat")
def discard_draft(*, form: str, subject_id: uuid.UUID, by: Staff) -> None:
    """Throw one's own draft away; thrown away twice is thrown away once."""
    forget_drafts(form, subject_id, of=by)


def forget_drafts(form: str, subject_id: uuid.UUID, *, of: Staff | None = None) -> None:
    """Called within the operation that saves or signs: one person's draft, or everybody's."""
    found = Draft.objects.filter(form=form, subject_id=subject_id)
    (found.filter(by=of) if of else found).delete()


def draft_of(form: str, subject_id: uuid.UUID, by: Staff) -> Draft | None:
    return Draft.objects.filter(form=form, subject_id=subject_id, by=by).first()


def typed(draft: Draft) -> QueryDict:
    """As the form would have sent it."""
    sent = QueryDict(mutable=True)
    for name, values in draft.data.items():
        sent.setlist(name, values)
    return sent


def saved_since(draft: Draft, session: Session) -> str:
    """Who else saved the session's record after the draft was kept; "" for nobody. One statement."""
    newer = session.history.filter(history_date__gt=draft.saved_at).exclude(history_user_id=draft.by_id)
    return newer.order_by("-history_date").values_list("history_user__name", flat=True).first() or ""
