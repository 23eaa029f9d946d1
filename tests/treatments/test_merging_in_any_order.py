"""Merging and un-merging by raw SQL, in every state and in any order: no bruise is lost on the way, nobody gets another's,
and nothing is booked past one.
"""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from patients.models import Patient
from tests import raw_sql
from tests.factories import NOW, make_appointment, make_gone, make_patient, make_session, make_side_effect, on
from tests.treatments.typed_rows import a_booking, a_bruise, a_look
from treatments.booking import cancel_appointment, check_in
from treatments.models import Appointment, Hold, Merge, MergedRow, SideEffect, SkinCheck
from treatments.rule_check import rule_breaches
from treatments.side_effects import record_none_seen

# --- Every state of two records ----------------------------------------------------------------------------------------
# What one record holds: its bruise, and how its mesotherapy stands. A bruise comes after a booking, and holds it.
BRUISES = ("none", "open", "reported", "infection", "closed", "swelling")
VISITS = ("none", "booked", "arrived", "cancelled", "seen")
BLOCKING = ("open", "reported", "infection")
STATES = list(itertools.product(BRUISES, VISITS))


def _met_by(ours: tuple[str, str]) -> list[tuple[str, str]]:
    """Every third of the states from this one on: a pair once, as it goes both ways."""
    return STATES[STATES.index(ours) :: 3]


def test_each_bruise_meets_each_bruise_and_each_visit_and_each_visit_each_visit():
    pairs = [(ours, theirs) for ours in STATES for theirs in _met_by(ours)]
    assert {frozenset((ours[0], theirs[0])) for ours, theirs in pairs} == _two_of(BRUISES)
    assert {frozenset((ours[1], theirs[1])) for ours, theirs in pairs} == _two_of(VISITS)
    assert {(one[0], other[1]) for pair in pairs for one, other in (pair, pair[::-1])} == set(STATES)


def _two_of(names: tuple[str, ...]) -> set[frozenset[str]]:
    return {frozenset(two) for two in itertools.combinations_with_replacement(names, 2)}


def _make(bruise: str, visit: str, day: int, patient: Patient, rosa, reception, mesotherapy) -> None:
    def book() -> Appointment:
        return make_appointment(
            patient=patient, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(day)
        )

    if visit == "seen":
        make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=on(2, 7 + day % 2))
    elif visit == "arrived":
        check_in(appointment=book(), by=reception, now=NOW)
    elif visit == "cancelled":
        cancel_appointment(appointment=book(), by=reception, now=NOW)
    elif visit == "booked":
        book()
    if bruise in ("open", "closed"):
        made = make_side_effect(patient=patient, by=rosa)
        if bruise == "closed":
            make_gone(made, rosa)
    elif bruise != "none":
        kind = "bruising" if bruise == "reported" else bruise
        make_side_effect(patient=patient, by=reception, kind=kind)
    if bruise == "none":
        record_none_seen(patient=patient, by=rosa, now=NOW)


def _standing() -> dict[uuid.UUID, tuple[uuid.UUID, str]]:
    """Row → whose it is, and how it stands."""
    rows: dict[uuid.UUID, tuple[uuid.UUID, str]] = {}
    for appointment in Appointment.objects.all():
        rows[appointment.pk] = appointment.patient_id, appointment.status
    for side_effect in SideEffect.objects.all():
        rows[side_effect.pk] = side_effect.patient_id, "open" if side_effect.is_open else "closed"
    for check in SkinCheck.objects.all():
        rows[check.pk] = check.patient_id, ""
    return rows


def _held(rows: dict[uuid.UUID, tuple[uuid.UUID, str]], by_now: bool) -> dict[uuid.UUID, tuple[uuid.UUID, str]]:
    return {
        row: (whose, "on-hold" if by_now and stands in ("booked", "arrived") else stands)
        for row, (whose, stands) in rows.items()
    }


@pytest.mark.parametrize("ours", STATES, ids="-".join)
def test_there_and_back_in_both_directions(ours, amara, jonas, rosa, reception, mesotherapy):
    _make(*ours, 9, amara, rosa, reception, mesotherapy)
    for theirs in _met_by(ours):
        with transaction.atomic():
            _make(*theirs, 10, jonas, rosa, reception, mesotherapy)
            expected = _standing()
            for old, into in ((amara, jonas), (jonas, amara)):
                expected = _held(expected, ours[0] in BLOCKING or theirs[0] in BLOCKING)

                raw_sql.update(old, merged_into_id=into.pk)

                assert _standing() == {row: (into.pk, stands) for row, (_, stands) in expected.items()}
                assert rule_breaches() == []

                raw_sql.update(old, merged_into_id=None)

                # What was held stays held: nothing comes back by itself.
                assert _standing() == expected
            assert rule_breaches() == []
            transaction.set_rollback(True)


# --- Any order of anything ---------------------------------------------------------------------------------------------


def machine(*, by, mesotherapy, consultation):
    class Clinic(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.records = [make_patient(by, f"Given{number}", "Same") for number in range(3)]
            # What the test itself believes: under which record each row was entered, and into which each was merged.
            self.entered: dict[uuid.UUID, uuid.UUID] = {}
            self.into: dict[uuid.UUID, uuid.UUID | None] = {record.pk: None for record in self.records}
            self.at_merge: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
            self.slots = 0
            self.clock = NOW

        def teardown(self) -> None:
            try:
                # A row that breaks the rule stays: once at the end finds it, and asking is half as long as all the steps.
                assert rule_breaches() == []
            finally:
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        # --- what is asked -----------------------------------------------------------------------------------------

        def stands_for(self, record: uuid.UUID) -> uuid.UUID:
            into = self.into[record]
            return record if into is None else self.stands_for(into)

        def attempt(self, act: Callable[[], None]) -> bool:
            try:
                with transaction.atomic():
                    act()
            except IntegrityError:
                return False
            return True

        def one(self, rows, choice: int):
            found = sorted(rows, key=lambda row: (str(getattr(row, "starts_at", "")), self.order(row)))
            return found[choice % len(found)] if found else None

        def order(self, row) -> int:
            return list(self.entered).index(row.pk) if row.pk in self.entered else 0

        def add(self, row) -> bool:
            done = self.attempt(lambda: raw_sql.insert(row))
            if done:
                self.entered[row.pk] = row.patient_id
            return done

        def later(self) -> dt.datetime:
            self.clock += dt.timedelta(minutes=1)
            return self.clock

        # --- merging -----------------------------------------------------------------------------------------------

        @rule(old=st.integers(0, 2), into=st.integers(0, 2))
        def merge(self, old: int, into: int) -> None:
            one, other = self.records[old], self.records[into]
            if self.into[one.pk] == other.pk:
                return  # nothing would change
            if self.attempt(lambda: raw_sql.update(one, merged_into_id=other.pk)):
                assert self.into[one.pk] is None
                assert self.into[other.pk] is None
                assert one != other
                self.into[one.pk] = other.pk
                self.at_merge[one.pk] = self.looks_at(other.pk)

        def looks_at(self, record: uuid.UUID) -> dict[uuid.UUID, str]:
            return {one.pk: "open" if one.is_open else "closed" for one in SideEffect.objects.filter(patient_id=record)}

        @rule(old=st.integers(0, 2))
        def un_merge(self, old: int) -> None:
            one = self.records[old]
            into = self.into[one.pk]
            before = self.looks_at(into) if into else {}
            if self.attempt(lambda: raw_sql.update(one, merged_into_id=None)) and into:
                assert self.into[into] is None
                # No bruise that came meanwhile, none found gone meanwhile: of whom would it be?
                assert before == self.at_merge[one.pk]
                self.into[one.pk] = None

        @rule(old=st.integers(0, 2), into=st.integers(0, 2))
        def point_it_elsewhere(self, old: int, into: int) -> None:
            one, other = self.records[old], self.records[into]
            if self.into[one.pk] not in (None, other.pk):
                assert not self.attempt(lambda: raw_sql.update(one, merged_into_id=other.pk))

        # --- what the clinic does ----------------------------------------------------------------------------------

        @rule(who=st.integers(0, 2), kind=st.sampled_from(["bruising", "bruising", "infection", "swelling"]))
        def log(self, who: int, kind: str) -> None:
            row = a_bruise(self.records[who], by)
            row.kind = kind
            assert self.add(row) == (self.into[row.patient_id] is None)

        @rule(who=st.integers(0, 2), injects=st.booleans())
        def book(self, who: int, injects: bool) -> None:
            self.slots += 1
            at = on(5) + dt.timedelta(hours=self.slots)
            row = a_booking(
                self.records[who],
                mesotherapy if injects else consultation,
                by,
                starts_at=at,
                ends_at=at + dt.timedelta(minutes=30),
            )
            blocked = SideEffect.objects.open().filter(patient=row.patient, kind__in=["bruising", "infection"]).exists()
            assert self.add(row) == (self.into[row.patient_id] is None and not (injects and blocked))

        @rule(choice=st.integers(0, 30))
        def find_one_gone(self, choice: int) -> None:
            if bruise := self.one(SideEffect.objects.open(), choice):
                now = self.later()
                look = a_look(bruise, by, seen_at=now, recorded_at=now)
                raw_sql.insert(look)
                raw_sql.update(bruise, closing_review_id=look.pk)

        @rule(choice=st.integers(0, 30))
        def enter_one_in_error(self, choice: int) -> None:
            if bruise := self.one(SideEffect.objects.open(), choice):
                raw_sql.update(bruise, error_at=self.later(), error_by_id=by.pk, error_reason="another's")

        @rule(choice=st.integers(0, 30), status=st.sampled_from(["booked", "arrived", "in-progress", "cancelled"]))
        def step(self, choice: int, status: str) -> None:
            if found := self.one(Appointment.objects.all(), choice):

                def act() -> None:
                    if found.status == "on-hold":
                        Hold.objects.filter(appointment=found, held_until=None).update(
                            held_until=self.later(), released_by=by
                        )
                    raw_sql.update(found, status=status)

                self.attempt(act)

        @rule(choice=st.integers(0, 30))
        def finish(self, choice: int) -> None:
            if found := self.one(Appointment.objects.filter(status="in-progress"), choice):
                self.attempt(lambda: raw_sql.update(found, status="fulfilled"))

        @rule(who=st.integers(0, 2))
        def see_nothing(self, who: int) -> None:
            self.add(
                SkinCheck(patient=self.records[who], finding="no-side-effects-seen", checked_at=self.later(), by=by)
            )

        # --- what somebody at a shell tries ------------------------------------------------------------------------

        @rule(
            choice=st.integers(0, 30),
            who=st.integers(0, 2),
            model=st.sampled_from([SideEffect, Appointment, SkinCheck]),
        )
        def hand_a_row_over(self, choice: int, who: int, model: type) -> None:
            row = self.one(model.objects.exclude(patient=self.records[who]), choice)
            assert row is None or not self.attempt(lambda: raw_sql.update(row, patient_id=self.records[who].pk))

        @rule(choice=st.integers(0, 30), column=st.sampled_from(["kept_id", "merged_id", "undone_at", "sealed"]))
        def rewrite_a_merge(self, choice: int, column: str) -> None:
            merges = list(Merge.objects.filter(undone_at=None).order_by("at", "pk"))
            if merges:
                other = self.records[choice % 3].pk
                value = {"undone_at": timezone.now(), "sealed": False}.get(column, other)
                same = getattr(merges[0], column) == value
                assert same or not self.attempt(lambda: raw_sql.update(merges[0], **{column: value}))

        @rule(choice=st.integers(0, 30), moved=st.booleans(), model=st.sampled_from([SideEffect, Appointment]))
        def record_one_more(self, choice: int, moved: bool, model: type) -> None:
            merge = Merge.objects.filter(undone_at=None).order_by("at", "pk").first()
            row = self.one(model.objects.all(), choice)
            if merge and row:
                new = MergedRow(merge=merge, table_name=model._meta.db_table, row_id=row.pk, moved=moved, was="open-0")
                assert not self.attempt(lambda: raw_sql.insert(new))

        @rule(old=st.integers(0, 2), into=st.integers(0, 2), sealed=st.booleans())
        def record_a_merge_that_was_none(self, old: int, into: int, sealed: bool) -> None:
            one, other = self.records[old], self.records[into]
            if self.into[one.pk] or sealed:
                row = Merge(merged=one, kept=other, sealed=sealed)
                assert not self.attempt(lambda: raw_sql.insert(row))

        # --- what holds after each ---------------------------------------------------------------------------------

        @invariant()
        def every_row_is_with_the_record_that_stands_for_its_own(self) -> None:
            for model in (SideEffect, Appointment, SkinCheck):
                for pk, patient in model.objects.values_list("pk", "patient"):
                    assert patient == self.stands_for(self.entered[pk])

    return Clinic


def test_nothing_is_handed_over_in_any_order(rosa, mesotherapy, consultation):
    rosa.is_receptionist = True
    rosa.save()
    run_state_machine_as_test(
        machine(by=rosa, mesotherapy=mesotherapy, consultation=consultation),
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Unshrunk: the steps of a failure are read in a minute, shrinking them takes five.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
