"""Attacks by way of merging and un-merging two records, and on what the database keeps of it."""

from collections.abc import Callable

from tests import raw_sql
from tests.factories import NOW, make_gone, make_patient, make_side_effect
from tests.treatments.typed_rows import a_patient
from treatments.models import Merge, MergedRow, SideEffect
from treatments.side_effects import enter_in_error, record_none_seen

Attack = Callable[[], None]


def _with_a_bruise(w) -> tuple[object, SideEffect]:
    """Amara's record, bruised, merged into Jonas's."""
    bruise = w.bruised()
    raw_sql.update(w.amara, merged_into_id=w.jonas.pk)
    bruise.refresh_from_db()
    return w.amara, bruise


def point_a_merged_record_elsewhere(w) -> Attack:
    old = w.merged()
    return lambda: raw_sql.update(old, merged_into_id=w.amara.pk)


def bear_a_record_merged(w) -> Attack:
    return lambda: raw_sql.insert(a_patient(w.reception, merged_into=w.jonas))


def un_merge_after_a_new_bruise(w) -> Attack:
    """It would stay with Jonas, and Amara be free, whoever it is of."""
    old, _ = _with_a_bruise(w)
    make_side_effect(patient=w.jonas, by=w.reception)
    return lambda: raw_sql.update(old, merged_into_id=None)


def un_merge_after_a_look_found_it_gone(w) -> Attack:
    """At whom did they look?"""
    old, bruise = _with_a_bruise(w)
    make_gone(bruise, w.rosa)
    return lambda: raw_sql.update(old, merged_into_id=None)


def un_merge_after_it_was_struck_through(w) -> Attack:
    old, bruise = _with_a_bruise(w)
    enter_in_error(side_effect=bruise, reason="not his", by=w.rosa, now=NOW)
    return lambda: raw_sql.update(old, merged_into_id=None)


def un_merge_after_a_booking(w) -> Attack:
    old = w.merged()
    w.booked(patient=w.jonas)
    return lambda: raw_sql.update(old, merged_into_id=None)


def un_merge_after_a_skin_check(w) -> Attack:
    old = w.merged()
    record_none_seen(patient=w.jonas, by=w.rosa, now=NOW)
    return lambda: raw_sql.update(old, merged_into_id=None)


def un_merge_in_session(w) -> Attack:
    booked = w.booked(w.consultation, patient=w.jonas)
    old = w.merged()
    raw_sql.update(booked, status="in-progress")
    return lambda: raw_sql.update(old, merged_into_id=None)


def take_a_bruise_out_of_a_merge(w) -> Attack:
    old, bruise = _with_a_bruise(w)
    return lambda: raw_sql.update(bruise, patient_id=old.pk)


def take_an_appointment_out_of_a_merge(w) -> Attack:
    booked = w.booked()
    raw_sql.update(w.amara, merged_into_id=w.jonas.pk)
    return lambda: raw_sql.update(booked, patient_id=w.amara.pk)


def give_a_skin_check_to_another(w) -> Attack:
    check = record_none_seen(patient=w.amara, by=w.rosa, now=NOW)
    return lambda: raw_sql.update(check, patient_id=w.jonas.pk)


def say_a_merge_was_undone(w) -> Attack:
    """Then nothing would go back with it."""
    _with_a_bruise(w)
    return lambda: raw_sql.update(Merge.objects.get(), undone_at=NOW)


def open_a_sealed_merge(w) -> Attack:
    w.merged()
    return lambda: raw_sql.update(Merge.objects.get(), sealed=False)


def say_it_was_another_who_was_merged(w) -> Attack:
    w.merged()
    return lambda: raw_sql.update(Merge.objects.get(), merged_id=w.amara.pk)


def record_a_merge_that_was_none(w) -> Attack:
    return lambda: raw_sql.insert(Merge(merged=w.amara, kept=w.jonas, by=w.rosa, at=NOW, sealed=True))


def record_a_new_bruise_as_an_old_one(w) -> Attack:
    """So that it counts as one that was there at the merge."""
    w.merged()
    bruise = w.bruised(w.jonas)
    row = MergedRow(
        merge=Merge.objects.get(), table_name="treatments_sideeffect", row_id=bruise.pk, moved=False, was="open-0"
    )
    return lambda: raw_sql.insert(row)


def record_another_ones_bruise_as_moved(w) -> Attack:
    """So that it goes with the record that is taken out again."""
    bruise = w.bruised(w.jonas)
    raw_sql.update(w.amara, merged_into_id=w.jonas.pk)
    row = MergedRow(merge=Merge.objects.get(), table_name="treatments_skincheck", row_id=bruise.pk, moved=True, was="")
    return lambda: raw_sql.insert(row)


def say_a_bruise_was_closed_at_the_merge(w) -> Attack:
    _with_a_bruise(w)
    return lambda: raw_sql.update(MergedRow.objects.get(table_name="treatments_sideeffect"), was="closed-1")


def say_a_bruise_did_not_move(w) -> Attack:
    _with_a_bruise(w)
    return lambda: raw_sql.update(MergedRow.objects.get(table_name="treatments_sideeffect"), moved=False)


def forget_that_a_bruise_moved(w) -> Attack:
    _with_a_bruise(w)
    return lambda: raw_sql.delete(MergedRow.objects.get(table_name="treatments_sideeffect"))


def forget_a_merge(w) -> Attack:
    # Of two records that nothing hangs on, so that no recorded row names the merge.
    old, kept = (make_patient(w.reception, name, "Weber", consents=()) for name in ("Jona", "Jonah"))
    raw_sql.update(old, merged_into_id=kept.pk)
    return lambda: raw_sql.delete(Merge.objects.get())


MERGE_ATTACKS = [
    ("guard_patient", point_a_merged_record_elsewhere, "merge-final"),
    ("guard_patient", bear_a_record_merged, "merge-final"),
    ("guard_patient", un_merge_after_a_new_bruise, "new-since-merge"),
    ("guard_patient", un_merge_after_a_look_found_it_gone, "new-since-merge"),
    ("guard_patient", un_merge_after_it_was_struck_through, "new-since-merge"),
    ("guard_patient", un_merge_after_a_booking, "new-since-merge"),
    ("guard_patient", un_merge_after_a_skin_check, "new-since-merge"),
    ("guard_patient", un_merge_in_session, "in-session"),
    ("guard_side_effect", take_a_bruise_out_of_a_merge, "side-effect-fixed"),
    ("guard_appointment", take_an_appointment_out_of_a_merge, "patient-fixed"),
    ("guard_unchanged_treatments_skincheck", give_a_skin_check_to_another, "never-changed"),
    ("guard_merge_record", say_a_merge_was_undone, "merge-untrue"),
    ("guard_merge_record", open_a_sealed_merge, "merge-untrue"),
    ("guard_merge_record", say_it_was_another_who_was_merged, "merge-untrue"),
    ("guard_merge_record", record_a_merge_that_was_none, "merge-untrue"),
    ("guard_merged_row", record_a_new_bruise_as_an_old_one, "merge-untrue"),
    ("guard_merged_row", record_another_ones_bruise_as_moved, "merge-untrue"),
    ("guard_unchanged_treatments_mergedrow", say_a_bruise_was_closed_at_the_merge, "never-changed"),
    ("guard_unchanged_treatments_mergedrow", say_a_bruise_did_not_move, "never-changed"),
    ("guard_kept_treatments_mergedrow", forget_that_a_bruise_moved, "never-deleted"),
    ("guard_kept_treatments_merge", forget_a_merge, "never-deleted"),
]
