"""Any order of booking, bruising, looking, erring and moving: the invariant holds, and a refusal always has its reason."""

import datetime as dt

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clinic.refusals import Refused
from tests.factories import NOW
from treatments import booking, sessions
from treatments.eligibility import BLOCKS, RULE_CODES, verdict
from treatments.models import Appointment, SideEffect
from treatments.rule_check import rule_breaches
from treatments.side_effects import enter_in_error, report_side_effect, review_side_effect


def machine(*, patient, practitioner, mesotherapy, consultation, reception):
    class Clinic(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.now = NOW
            self.slots = 0
            # What the test itself believes: the open blocking side effects, counted without asking the program.
            self.blocking: list[object] = []
            self.open: list[object] = []

        def teardown(self) -> None:
            try:
                # A row that breaks the rule stays: once at the end finds it, and asking is half as long as all the steps.
                assert rule_breaches() == []
            finally:
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        def later(self) -> dt.datetime:
            self.now += dt.timedelta(minutes=7)
            return self.now

        def lift(self, pk: object) -> None:
            self.open.remove(pk)
            if pk in self.blocking:
                self.blocking.remove(pk)

        def slot(self) -> dt.datetime:
            self.slots += 1
            return NOW + dt.timedelta(days=10, hours=2 * self.slots)

        def one_of(self, choice: int, **where: object) -> Appointment | None:
            found = list(Appointment.objects.filter(**where).order_by("starts_at"))
            return found[choice % len(found)] if found else None

        def try_step(self, act, *, asks_rule: bool, **given: object) -> bool:
            """Do it; a refusal names the rule exactly when the test believes that something blocks."""
            codes: list[str] = []
            try:
                act(now=self.later(), **given)
            except Refused as refused:
                codes = refused.codes
            if asks_rule:
                assert bool(codes and codes[0] in RULE_CODES) == bool(self.blocking)
            return not codes

        @rule()
        def book_mesotherapy(self) -> None:
            self.try_step(
                booking.book_appointment,
                asks_rule=True,
                patient=patient,
                treatment=mesotherapy,
                practitioner=practitioner,
                starts_at=self.slot(),
                by=reception,
            )

        @rule()
        def book_a_consultation(self) -> None:
            assert self.try_step(
                booking.book_appointment,
                asks_rule=False,
                patient=patient,
                treatment=consultation,
                practitioner=practitioner,
                starts_at=self.slot(),
                by=reception,
            )

        @rule(kind=st.sampled_from(["bruising", "bruising", "infection", "swelling"]), seen=st.booleans())
        def log(self, kind: str, seen: bool) -> None:
            new = report_side_effect(
                patient=patient, kind=kind, seen=seen, by=practitioner if seen else reception, now=self.later()
            )
            self.open.append(new.pk)
            if kind in BLOCKS:
                self.blocking.append(new.pk)

        @precondition(lambda self: self.open)
        @rule(
            choice=st.integers(0, 20),
            finding=st.sampled_from(["worse", "unchanged", "fading", "gone", "gone"]),
            dated_before=st.booleans(),
        )
        def look(self, choice: int, finding: str, dated_before: bool) -> None:
            pk = self.open[choice % len(self.open)]
            side_effect = SideEffect.objects.get(pk=pk)
            earlier = side_effect.reviews.order_by("-seen_at").first() if dated_before else None
            seen_at = earlier.seen_at - dt.timedelta(minutes=1) if earlier else None
            review_side_effect(
                side_effect=side_effect,
                mode="in-person",
                finding=finding,
                seen_at=seen_at,
                by=practitioner,
                now=self.later(),
            )
            # A `gone` dated before another look lifts nothing.
            if finding == "gone" and not earlier:
                self.lift(pk)

        @precondition(lambda self: self.open)
        @rule(choice=st.integers(0, 20))
        def err(self, choice: int) -> None:
            pk = self.open[choice % len(self.open)]
            enter_in_error(
                side_effect=SideEffect.objects.get(pk=pk), reason="not hers", by=practitioner, now=self.later()
            )
            self.lift(pk)

        @rule(choice=st.integers(0, 20), status=st.sampled_from(["booked", "on-hold", "arrived"]))
        def move(self, choice: int, status: str) -> None:
            found = self.one_of(choice, status=status, treatment=mesotherapy)
            if found:
                asks = status == "booked" or (status == "on-hold")
                moved = self.try_step(
                    booking.move_appointment, asks_rule=asks, appointment=found, starts_at=self.slot(), by=reception
                )
                assert moved == (asks and not self.blocking)

        @rule(choice=st.integers(0, 20), status=st.sampled_from(["booked", "on-hold"]))
        def confirm(self, choice: int, status: str) -> None:
            if found := self.one_of(choice, status=status, treatment=mesotherapy):
                self.try_step(
                    booking.confirm_appointment, asks_rule=status == "on-hold", appointment=found, by=reception
                )

        @rule(choice=st.integers(0, 20), status=st.sampled_from(["booked", "on-hold"]))
        def check_in(self, choice: int, status: str) -> None:
            if found := self.one_of(choice, status=status, treatment=mesotherapy):
                done = self.try_step(booking.check_in, asks_rule=status == "booked", appointment=found, by=reception)
                assert done == (status == "booked")

        @rule(choice=st.integers(0, 20), status=st.sampled_from(["booked", "arrived", "on-hold"]))
        def start(self, choice: int, status: str) -> None:
            if found := self.one_of(choice, status=status, treatment=mesotherapy):
                started = self.try_step(
                    sessions.start_session,
                    asks_rule=status != "on-hold",
                    appointment=found,
                    skin_check="no-bruising-seen",
                    by=practitioner,
                )
                assert started == (status != "on-hold" and not self.blocking)

        @rule(choice=st.integers(0, 20))
        def cancel_a_held_one(self, choice: int) -> None:
            if found := self.one_of(choice, status="on-hold"):
                assert self.try_step(booking.cancel_appointment, asks_rule=False, appointment=found, by=reception)

        @rule(choice=st.integers(0, 20), status=st.sampled_from(["booked", "arrived", "on-hold"]))
        def review_instead(self, choice: int, status: str) -> None:
            if found := self.one_of(choice, status=status, treatment=mesotherapy):
                assert self.try_step(booking.review_instead, asks_rule=False, appointment=found, by=reception)

        @invariant()
        def nothing_is_booked_past_a_blocker(self) -> None:
            if self.blocking:
                standing = Appointment.objects.filter(treatment=mesotherapy, status__in=["booked", "arrived"])
                assert not standing.exists()

        @invariant()
        def the_verdict_is_what_the_test_believes(self) -> None:
            found = verdict(patient, mesotherapy)
            assert found.allowed == (not self.blocking)
            assert {blocker.side_effect for blocker in found.blockers} == set(self.blocking)

    return Clinic


def test_the_rule_holds_in_any_order(amara, rosa, mesotherapy, consultation, bruise_review, reception):
    run_state_machine_as_test(
        machine(
            patient=amara, practitioner=rosa, mesotherapy=mesotherapy, consultation=consultation, reception=reception
        ),
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
