"""Attacks on what managers leave behind: sign-offs, alerts, recalls and who was told of them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models

from tests import raw_sql
from tests.factories import NOW
from tests.treatments.attacks_records import lot, quarantined, signed
from treatments.models import Alert, Lot, Recall, RecallCall, SignOff

LATER = NOW + dt.timedelta(days=1)


def alert(w) -> Alert:
    return Alert.objects.create(
        kind="infections-together", key="two-of-one-lot", reason="2 suspected infections.", facts={"infections": []}
    )


def acknowledged(w) -> Alert:
    row = alert(w)
    raw_sql.update(row, acknowledged_at=NOW, acknowledged_by_id=w.rosa.pk, remark="Room cleaned.")
    return row


def recall(w, of: Lot | None = None, **more: Any) -> Recall:
    given = {"begun_by": w.rosa, "reason": "The maker took it back.", "letter": "Dear {patient}, please call {phone}."}
    return Recall(**{"lot": of or quarantined(), "begun_at": NOW, **given, **more})


def recalled(w) -> Recall:
    row = recall(w)
    row.save()
    return row


def ended(w) -> Recall:
    row = recalled(w)
    raw_sql.update(row, ended_at=LATER, ended_by_id=w.rosa.pk, outcome="All were told.")
    return row


def told(w, how: str = "phone") -> RecallCall:
    return RecallCall.objects.create(recall=recalled(w), patient=w.amara, how=how, at=NOW, by=w.rosa)


def sign_off(w) -> SignOff:
    return SignOff.objects.create(session=signed(w), by=w.rosa, remark="Seen.")


# --- Alerts ------------------------------------------------------------------------------------------------------------


def say_an_alert_was_about_less(w) -> Callable:
    row = alert(w)
    return lambda: raw_sql.update(row, reason="1 suspected infection.")


def date_an_alert_back(w) -> Callable:
    row = alert(w)
    return lambda: raw_sql.update(row, raised_at=NOW - dt.timedelta(days=40))


def unsay_an_acknowledgement(w) -> Callable:
    row = acknowledged(w)
    return lambda: raw_sql.update(row, acknowledged_at=None, acknowledged_by_id=None, remark="")


def word_an_acknowledgement_otherwise(w) -> Callable:
    row = acknowledged(w)
    return lambda: raw_sql.update(row, remark="Room cleaned twice.")


# --- Recalls -----------------------------------------------------------------------------------------------------------


def recall_a_lot_that_stays_in_use(w) -> Callable:
    row = recall(w, lot())
    return lambda: raw_sql.insert(row)


def bear_a_recall_ended(w) -> Callable:
    row = recall(w, ended_at=LATER, ended_by=w.rosa, outcome="All were told.")
    return lambda: raw_sql.insert(row)


def recall_it_for_another_reason(w) -> Callable:
    row = recalled(w)
    return lambda: raw_sql.update(row, reason="A label came off.")


def open_an_ended_recall_again(w) -> Callable:
    row = ended(w)
    return lambda: raw_sql.update(row, ended_at=None, ended_by_id=None, outcome="")


def say_a_recall_ended_otherwise(w) -> Callable:
    row = ended(w)
    return lambda: raw_sql.update(row, outcome="Nobody was told.")


def write_another_letter_than_was_sent(w) -> Callable:
    row = told(w, "letter").recall
    return lambda: raw_sql.update(row, letter="Dear {patient}, all is well.")


def rename_a_recalled_lot_that_nobody_used(w) -> Callable:
    of = recalled(w).lot
    return lambda: raw_sql.update(of, number="Z9")


def release_a_recalled_lot(w) -> Callable:
    of = recalled(w).lot
    return lambda: raw_sql.update(of, quarantined_at=None, quarantine_reason="")


# --- Who was told ------------------------------------------------------------------------------------------------------


def say_somebody_told_was_not(w) -> Callable:
    row = told(w)
    return lambda: raw_sql.update(row, how="not-reached")


def say_they_were_told_earlier(w) -> Callable:
    row = told(w)
    return lambda: raw_sql.update(row, at=NOW - dt.timedelta(days=3))


def note_another_failed_call_in_its_place(w) -> Callable:
    row = told(w, "not-reached")
    return lambda: raw_sql.update(row, note="Rang again.")


def say_somebody_else_was_told(w) -> Callable:
    row = told(w)
    return lambda: raw_sql.update(row, patient_id=w.jonas.pk)


def tell_a_merged_record(w) -> Callable:
    row = RecallCall(recall=recalled(w), patient=w.merged(), how="phone", at=NOW, by=w.rosa)
    return lambda: raw_sql.insert(row)


# --- Kept --------------------------------------------------------------------------------------------------------------

KEPT: dict[str, Callable[[Any], models.Model]] = {
    "alert": alert,
    "recall": recalled,
    "recallcall": told,
    "signoff": sign_off,
}


def _delete(name: str) -> Callable:
    def attack(w):
        row = KEPT[name](w)
        return lambda: raw_sql.delete(row)

    attack.__name__ = f"delete_{name}"
    return attack


def change_a_sign_off(w) -> Callable:
    row = sign_off(w)
    return lambda: raw_sql.update(row, remark="Not seen.")


MANAGEMENT_ATTACKS = [
    ("guard_alert", say_an_alert_was_about_less, "never-changed"),
    ("guard_alert", date_an_alert_back, "never-changed"),
    ("guard_alert", unsay_an_acknowledgement, "never-changed"),
    ("guard_alert", word_an_acknowledgement_otherwise, "never-changed"),
    ("guard_recall", recall_a_lot_that_stays_in_use, "lot-in-use"),
    ("guard_recall", bear_a_recall_ended, "wrong-status"),
    ("guard_recall", recall_it_for_another_reason, "never-changed"),
    ("guard_recall", open_an_ended_recall_again, "never-changed"),
    ("guard_recall", say_a_recall_ended_otherwise, "never-changed"),
    ("guard_recall", write_another_letter_than_was_sent, "never-changed"),
    ("guard_lot", rename_a_recalled_lot_that_nobody_used, "lot-fixed"),
    ("guard_lot_recalled", release_a_recalled_lot, "recall-open"),
    ("guard_recall_call", say_somebody_told_was_not, "never-changed"),
    ("guard_recall_call", say_they_were_told_earlier, "never-changed"),
    ("guard_recall_call", note_another_failed_call_in_its_place, "never-changed"),
    ("guard_recall_call", say_somebody_else_was_told, "never-changed"),
    ("guard_merged_treatments_recallcall", tell_a_merged_record, "patient-merged"),
    *((f"guard_kept_treatments_{name}", _delete(name), "never-deleted") for name in KEPT),
    ("guard_unchanged_treatments_signoff", change_a_sign_off, "never-changed"),
]
