"""DOMAIN.md's two tables, each cell by operation and by raw SQL. (The API's cells: tests/api.)"""

import datetime as dt
from collections.abc import Callable

import pytest

from clinic.refusals import Refused
from tests import raw_sql
from tests.factories import NOW, TOMORROW_10AM, make_appointment, make_gone, make_review, make_side_effect, on
from treatments import booking, sessions
from treatments.eligibility import verdict
from treatments.models import Appointment, SideEffect
from treatments.models.appointment import Status
from treatments.side_effects import enter_in_error

# --- The status table -------------------------------------------------------------------------------------------------

BY_HAND = {
    ("booked", "on-hold"): "only with a blocker",
    ("arrived", "on-hold"): "only with a blocker",
    ("on-hold", "booked"): "only when clear",
    ("on-hold", "arrived"): "only as a review",
}
ALLOWED = {
    ("booked", "arrived"),
    ("booked", "in-progress"),
    ("arrived", "in-progress"),
    ("booked", "cancelled"),
    ("on-hold", "cancelled"),
    ("arrived", "cancelled"),
    ("booked", "noshow"),
    ("in-progress", "fulfilled"),
}
# The way back of a slip, and only to where the appointment came from: here each was booked before.
UNDONE = {("arrived", "booked"), ("cancelled", "booked"), ("noshow", "booked")}


def in_status(status: str, *, patient, practitioner, treatment, by) -> Appointment:
    """An appointment brought to `status` by the operations; held ones by a bruise that is gone again."""
    appointment = make_appointment(patient=patient, practitioner=practitioner, treatment=treatment, by=by)
    if status in ("arrived",):
        booking.check_in(appointment=appointment, by=by, now=NOW)
    elif status in ("in-progress", "fulfilled"):
        session = sessions.start_session(
            appointment=appointment, skin_check="no-bruising-seen", by=practitioner, now=NOW
        )
        if status == "fulfilled":
            sessions.finish_session(session=session, by=practitioner, now=NOW)
    elif status == "cancelled":
        booking.cancel_appointment(appointment=appointment, by=by, now=NOW)
    elif status == "noshow":
        booking.mark_no_show(appointment=appointment, by=by, now=on(4))
    elif status == "on-hold":
        make_gone(make_side_effect(patient=patient, by=practitioner), practitioner)
    appointment.refresh_from_db()
    assert appointment.status == status
    return appointment


@pytest.mark.parametrize("after", Status.values)
@pytest.mark.parametrize("before", Status.values)
def test_every_step_by_raw_sql(before, after, amara, rosa, mesotherapy, reception):
    appointment = in_status(before, patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)

    if before == after or (before, after) in ALLOWED | UNDONE or (before, after) == ("on-hold", "booked"):
        raw_sql.update(appointment, status=after)
        appointment.refresh_from_db()
        assert appointment.status == after
    else:
        with raw_sql.refused_as("wrong-status"):
            raw_sql.update(appointment, status=after)


def start(*, appointment: Appointment, by, now: dt.datetime):
    return sessions.start_session(
        appointment=appointment, skin_check="no-bruising-seen", by=appointment.practitioner, now=now
    ).appointment


def finish(*, appointment: Appointment, by, now: dt.datetime):
    session = sessions.finish_session(session=appointment.session, by=appointment.practitioner, now=now)
    return session.appointment


def move(*, appointment: Appointment, by, now: dt.datetime):
    return booking.move_appointment(appointment=appointment, starts_at=on(20), by=by, now=now)


STEPS: dict[str, tuple[Callable[..., Appointment], dict[str, str]]] = {
    "confirm": (booking.confirm_appointment, {"on-hold": "booked"}),
    "move": (move, {"booked": "booked", "on-hold": "booked"}),
    "check-in": (booking.check_in, {"booked": "arrived"}),
    "start": (start, {"booked": "in-progress", "arrived": "in-progress"}),
    "cancel": (booking.cancel_appointment, {"booked": "cancelled", "on-hold": "cancelled", "arrived": "cancelled"}),
    "review-instead": (booking.review_instead, {"booked": "booked", "on-hold": "booked", "arrived": "arrived"}),
    "finish": (finish, {"in-progress": "fulfilled"}),
}


@pytest.mark.parametrize("before", Status.values)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_by_operation(step, before, amara, rosa, mesotherapy, bruise_review, reception):
    act, outcomes = STEPS[step]
    appointment = in_status(before, patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    if step == "finish" and before not in ("in-progress", "fulfilled"):
        assert not hasattr(appointment, "session")
        return

    if before in outcomes:
        after = act(appointment=appointment, by=reception, now=NOW)
        after.refresh_from_db()
        assert after.status == outcomes[before]
    else:
        with pytest.raises(Refused) as refusal:
            act(appointment=appointment, by=reception, now=NOW)
        assert refusal.value.codes == ["wrong-status"]
        appointment.refresh_from_db()
        assert appointment.status == before


@pytest.mark.parametrize("before", Status.values)
def test_a_no_show_needs_a_booked_time_that_has_passed(before, amara, rosa, mesotherapy, reception):
    appointment = in_status(before, patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)

    if before == "booked":
        assert booking.mark_no_show(appointment=appointment, by=reception, now=on(4)).status == "noshow"
    else:
        with pytest.raises(Refused) as refusal:
            booking.mark_no_show(appointment=appointment, by=reception, now=on(4))
        assert refusal.value.codes == ["wrong-status"]


def test_a_no_show_before_its_time_is_refused(amara, rosa, mesotherapy, reception):
    appointment = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)

    with pytest.raises(Refused) as refusal:
        booking.mark_no_show(appointment=appointment, by=reception, now=NOW)

    assert refusal.value.codes == ["wrong-status"]


def test_a_held_appointment_whose_time_has_passed_is_moved_not_confirmed(amara, rosa, mesotherapy, reception):
    held = in_status("on-hold", patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)

    with pytest.raises(Refused) as refusal:
        booking.confirm_appointment(appointment=held, by=reception, now=on(10))

    assert refusal.value.codes == ["wrong-status"]
    assert booking.move_appointment(appointment=held, starts_at=on(11), by=reception, now=on(10)).status == "booked"


# --- The rule's table -------------------------------------------------------------------------------------------------


def nothing(patient, rosa, reception) -> None:
    return None


def reported(patient, rosa, reception) -> SideEffect:
    return make_side_effect(patient=patient, by=reception)


def present(patient, rosa, reception) -> SideEffect:
    return make_side_effect(patient=patient, by=rosa)


def fading(patient, rosa, reception) -> SideEffect:
    bruise = present(patient, rosa, reception)
    make_review(side_effect=bruise, finding="fading", by=rosa)
    return bruise


def gone(patient, rosa, reception) -> None:
    make_gone(present(patient, rosa, reception), rosa)


def one_of_two_gone(patient, rosa, reception) -> None:
    present(patient, rosa, reception)
    gone(patient, rosa, reception)


def in_error(patient, rosa, reception) -> None:
    enter_in_error(side_effect=present(patient, rosa, reception), reason="wrong record", by=rosa, now=NOW)


def infection(patient, rosa, reception) -> None:
    make_side_effect(patient=patient, kind="infection", by=rosa)


def swelling(patient, rosa, reception) -> None:
    make_side_effect(patient=patient, kind="swelling", by=rosa)


ROWS = [
    (nothing, "", "not-checked"),
    (reported, "bruising-reported", "bruised"),
    (present, "bruising-present", "bruised"),
    (fading, "bruising-present", "bruised"),
    (one_of_two_gone, "bruising-present", "bruised"),
    (gone, "", "clear"),
    (in_error, "", "not-checked"),
    (infection, "infection-suspected", "not-checked"),
    (swelling, "", "not-checked"),
]
row = pytest.mark.parametrize(("state", "code", "speaks"), ROWS, ids=[make.__name__ for make, _, _ in ROWS])


def _refused_by(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.codes[0] == code


@row
def test_booking_mesotherapy(state, code, speaks, amara, rosa, reception, mesotherapy):
    state(amara, rosa, reception)

    def book() -> Appointment:
        return make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)

    if code:
        _refused_by(code, book)
        assert not Appointment.objects.exists()
    else:
        assert book().status == "booked"


@row
def test_the_verdict(state, code, speaks, amara, rosa, reception, mesotherapy, consultation):
    state(amara, rosa, reception)

    found = verdict(amara, mesotherapy)
    beside = verdict(amara, consultation)

    assert (found.allowed, found.state) == (not code, speaks)
    assert [blocker.code for blocker in found.blockers] == ([code] if code else [])
    assert (beside.allowed, beside.blockers) == (True, [])


@row
@pytest.mark.parametrize("family", ["consultation", "bruise_review"])
def test_booking_something_else(state, code, speaks, family, amara, rosa, reception, request):
    treatment = request.getfixturevalue(family)
    state(amara, rosa, reception)

    assert make_appointment(patient=amara, practitioner=rosa, treatment=treatment, by=reception).status == "booked"


@row
@pytest.mark.parametrize("step", ["move", "confirm"])
def test_moving_or_confirming_a_held_one(state, code, speaks, step, amara, rosa, reception, mesotherapy):
    held = in_status("on-hold", patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    state(amara, rosa, reception)
    act = STEPS[step][0]

    if code:
        _refused_by(code, lambda: act(appointment=held, by=reception, now=NOW))
        held.refresh_from_db()
        assert (held.status, held.starts_at) == ("on-hold", TOMORROW_10AM)
    else:
        assert act(appointment=held, by=reception, now=NOW).status == "booked"


@row
def test_starting_mesotherapy(state, code, speaks, amara, rosa, reception, mesotherapy):
    appointment = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    state(amara, rosa, reception)
    if appointment.holds.exists() and not code:
        booking.confirm_appointment(appointment=appointment, by=reception, now=NOW)

    def begin(check: str = "no-bruising-seen") -> object:
        return sessions.start_session(appointment=appointment, skin_check=check, by=rosa, now=NOW)

    if code:
        _refused_by(code, begin)
    else:
        _refused_by("skin-check-missing", lambda: begin(""))
        assert begin().appointment.status == "in-progress"


# --- The same, by raw SQL ----------------------------------------------------------------------------------------------


def _by_hand(code: str, act: Callable[[], None]) -> None:
    if code:
        with raw_sql.refused_as(code):
            act()
    else:
        act()


@row
def test_booking_by_hand(state, code, speaks, amara, rosa, reception, mesotherapy, consultation, bruise_review):
    state(amara, rosa, reception)

    def insert(treatment: object, day: int) -> None:
        raw_sql.insert(
            Appointment(
                patient=amara,
                treatment=treatment,
                practitioner=rosa,
                site=rosa.site,
                created_by=reception,
                starts_at=on(day),
                ends_at=on(day, 10),
            )
        )

    _by_hand(code, lambda: insert(mesotherapy, 9))
    insert(consultation, 10)
    insert(bruise_review, 11)


@row
@pytest.mark.parametrize("moved", [False, True], ids=["confirm", "move"])
def test_confirming_or_moving_by_hand(state, code, speaks, moved, amara, rosa, reception, mesotherapy):
    held = in_status("on-hold", patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    state(amara, rosa, reception)
    there = {"starts_at": on(20), "ends_at": on(20, 10)} if moved else {}

    _by_hand(code, lambda: raw_sql.update(held, status="booked", **there))


@row
@pytest.mark.parametrize("step", ["arrived", "in-progress"])
def test_checking_in_or_starting_by_hand(state, code, speaks, step, amara, rosa, reception, mesotherapy):
    """A blocker leaves nothing booked to start; what is held then only comes back by a confirmation that is refused."""
    appointment = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    state(amara, rosa, reception)
    appointment.refresh_from_db()

    if appointment.status == "booked":
        raw_sql.update(appointment, status=step)
    else:
        # From on hold there is no such step, blocked or not; and the way back to booked asks the rule.
        with raw_sql.refused_as("wrong-status"):
            raw_sql.update(appointment, status=step)
        _by_hand(code, lambda: raw_sql.update(appointment, status="booked"))
