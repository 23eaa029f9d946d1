"""Whom a recall concerns, asked of the records each time: a use that is written down late brings its patient on the list.

A session entered in error was not this patient's, so it concerns nobody. Sessions go along with a merge, so a patient
stands here once, under the record that stands.
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from patients.models import Patient
from treatments.models import LotUse, Recall, RecallCall


def concerned(recall: Recall) -> QuerySet[Patient]:
    """Everybody whose session names the lot."""
    uses = LotUse.objects.filter(lot=recall.lot_id, session__error_at=None)
    return Patient.objects.filter(pk__in=uses.values("session__patient"))


def to_be_told(recall: Recall) -> QuerySet[Patient]:
    """Concerned, and neither told nor marked as not reached."""
    told = RecallCall.objects.filter(recall=recall, patient=OuterRef("pk"))
    return concerned(recall).filter(~Exists(told)).order_by("family_name", "given_name", "number")


def waiting_for_a_call() -> QuerySet[Patient]:
    """Patients to be told of any open recall, with `recalled_at`: when the oldest of these began. One statement."""
    begun = _open_and_untold(OuterRef(OuterRef("pk"))).order_by("begun_at").values("begun_at")[:1]
    lots = Recall.objects.open().values("lot")
    uses = LotUse.objects.filter(lot__in=lots, session__error_at=None)
    return (
        Patient.objects.filter(pk__in=uses.values("session__patient"))
        .annotate(recalled_at=Subquery(begun))
        .exclude(recalled_at=None)
        .order_by("recalled_at", "family_name", "given_name", "pk")
    )


def recalls_to_tell(patient: Patient) -> QuerySet[Recall]:
    """The open recalls that this patient has not been told of."""
    return _open_and_untold(patient.pk)


def _open_and_untold(patient: Any) -> QuerySet[Recall]:
    uses = LotUse.objects.filter(lot=OuterRef("lot"), session__error_at=None, session__patient=patient)
    told = RecallCall.objects.filter(recall=OuterRef("pk"), patient=patient)
    return Recall.objects.open().filter(Exists(uses), ~Exists(told)).order_by("begun_at")
