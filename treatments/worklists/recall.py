"""Who has to be told of a recalled lot. Reception reads that a product was used here, and not which, nor what for."""

import datetime as dt

from django.utils import timezone

from patients.models import Patient
from treatments.recalled import waiting_for_a_call
from treatments.worklists.rows import Row


def recall(now: dt.datetime) -> list[Row]:
    """Each patient once, however many recalls; the longest waiting first. One statement."""
    return [_row(patient) for patient in waiting_for_a_call()]


def _row(patient: Patient) -> Row:
    begun_at: dt.datetime = patient.recalled_at  # type: ignore[attr-defined]
    return Row(
        patient=patient,
        why="Call about a product used here.",
        since=timezone.localdate(begun_at),
        next_step="Call today, and note that they were told.",
        urgent=True,
    )
