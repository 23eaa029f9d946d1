import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import NOW, make_anaesthetic, make_appointment, make_lot, make_session, make_side_effect, on, train
from treatments.booking import book_appointment
from treatments.eligibility import verdict
from treatments.models import Appointment, Session, SkinCheck
from treatments.sessions import finish_session, log_bruising_instead, start_session, write_session


@pytest.fixture
def booked(amara, rosa, mesotherapy, reception) -> Appointment:
    return make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)


@pytest.fixture
def running(booked, rosa) -> Session:
    return start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa, now=NOW)


def test_starting_records_the_skin_check_and_who_treats(running, booked, rosa):
    booked.refresh_from_db()
    check = SkinCheck.objects.get()
    assert (booked.status, running.practitioner, running.started_at) == ("in-progress", rosa, NOW)
    assert (check.session, check.finding, check.checked_at, check.by) == (running, "no-bruising-seen", NOW, rosa)


@pytest.mark.parametrize("said", ["", "no-side-effects-seen", "looked yesterday"])
def test_without_the_skin_check_it_is_refused(said, booked, rosa):
    with pytest.raises(Refused) as refusal:
        start_session(appointment=booked, skin_check=said, by=rosa, now=NOW)

    booked.refresh_from_db()
    assert refusal.value.codes == ["skin-check-missing"]
    assert (booked.status, Session.objects.count(), SkinCheck.objects.count()) == ("booked", 0, 0)


def test_the_skin_check_it_starts_with_is_no_look_since_the_session(running, amara, mesotherapy):
    assert verdict(amara, mesotherapy).state == "not-checked"


def test_an_untrained_practitioner_does_not_start_it(booked, omar):
    with pytest.raises(Refused) as refusal:
        start_session(appointment=booked, skin_check="no-bruising-seen", by=omar, now=NOW)

    assert refusal.value.codes == ["practitioner-not-trained"]


def test_training_that_lapsed_before_the_day_refuses_the_start(amara, omar, mesotherapy, reception):
    train(omar, until=dt.date(2026, 11, 3))
    booked = make_appointment(patient=amara, practitioner=omar, treatment=mesotherapy, by=reception)

    with pytest.raises(Refused) as refusal:
        start_session(appointment=booked, skin_check="no-bruising-seen", by=omar, now=on(4))

    assert refusal.value.codes == ["practitioner-not-trained"]
    assert start_session(appointment=booked, skin_check="no-bruising-seen", by=omar, now=on(3, 23)).started_at == on(
        3, 23
    )


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_practitioners_start(person, booked, request):
    with pytest.raises(PermissionDenied):
        start_session(appointment=booked, skin_check="no-bruising-seen", by=request.getfixturevalue(person), now=NOW)


def test_a_consultation_needs_neither_training_nor_skin_check(amara, omar, consultation, reception):
    booked = make_appointment(patient=amara, practitioner=omar, treatment=consultation, by=reception)

    assert start_session(appointment=booked, by=omar, now=NOW).family == "consultation"
    assert not SkinCheck.objects.exists()


def test_starting_a_held_one_names_the_rule_first(booked, amara, rosa):
    make_side_effect(patient=amara, by=rosa)

    with pytest.raises(Refused) as refusal:
        start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa, now=NOW)

    assert refusal.value.codes == ["bruising-present", "wrong-status"]


def test_bruising_that_appears_while_treating_does_not_undo_the_session(
    running, booked, amara, rosa, mesotherapy, reception
):
    later = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(20))

    make_side_effect(patient=amara, by=rosa, session=running)

    booked.refresh_from_db()
    later.refresh_from_db()
    assert (booked.status, later.status) == ("in-progress", "on-hold")
    assert finish_session(session=running, by=rosa, now=NOW).appointment.status == "fulfilled"


def test_bruising_found_at_the_skin_check_is_logged_and_the_visit_becomes_a_review(
    booked, amara, rosa, bruise_review, mesotherapy
):
    bruise = log_bruising_instead(appointment=booked, by=rosa, site="arm", side="right", severity=1, now=NOW)

    booked.refresh_from_db()
    assert (booked.status, booked.treatment, booked.stood_for) == ("booked", bruise_review, mesotherapy)
    assert (bruise.seen_by, bruise.where) == (rosa, "right arm")
    assert start_session(appointment=booked, by=rosa, now=NOW).family == "review"


def test_bruising_found_without_a_review_in_the_catalogue_is_logged_all_the_same(booked, rosa):
    bruise = log_bruising_instead(appointment=booked, by=rosa, now=NOW)

    booked.refresh_from_db()
    assert (booked.status, bruise.is_open) == ("on-hold", True)


def test_what_was_done_is_written_down_and_finished(running, rosa):
    lipostab, lidocaine = make_lot(rosa), make_anaesthetic(rosa)
    write_session(
        session=running,
        by=rosa,
        anaesthetic="given",
        anaesthetic_lot=lidocaine,
        anaesthetic_ml=Decimal("1.5"),
        asepsis=["hands-washed"],
        sites=[{"site": "thigh", "side": "left"}],
        lots=[{"lot": lipostab, "volume_ml": Decimal("4")}],
        creams=[],
        burning=0,
        pain=10,
        swelling=True,
        itching=False,
        next_step="look in a week",
        note="calm",
    )
    finished = finish_session(session=running, by=rosa, now=on(2, 10))

    finished.refresh_from_db()
    assert (finished.finished_at, finished.finished_by, finished.creams) == (on(2, 10), rosa, [])
    assert (finished.anaesthetic, finished.sites) == ("given", [{"site": "thigh", "side": "left"}])
    assert (finished.swelling, finished.itching, finished.next_step) == (True, False, "look in a week")
    assert {(use.lot, use.volume_ml, use.used_on) for use in finished.lot_uses.all()} == {
        (lipostab, Decimal("4"), NOW.date()),
        (lidocaine, Decimal("1.5"), NOW.date()),
    }
    assert finished.history.count() == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("burning", 11),
        ("pain", -1),
        ("anaesthetic", "maybe"),
        ("asepsis", ["prayed"]),
        ("sites", [{"site": "moon"}]),
        ("sites", [{"site": "thigh", "side": "up"}]),
        ("started_at", NOW),
        ("products", [{"name": "Lipostab"}]),
        ("lots", [{"lot": "7a3f1c9e-0000-4000-8000-000000000000"}]),
        ("anaesthetic_ml", Decimal("1")),
    ],
)
def test_nonsense_is_refused_by_field(field, value, running, rosa):
    with pytest.raises(ValidationError) as error:
        write_session(session=running, by=rosa, **{field: value})

    assert list(error.value.message_dict) == [field]


def test_a_consultation_has_no_injection_sites_or_products(amara, rosa, consultation):
    session = make_session(patient=amara, practitioner=rosa, treatment=consultation, finished=False)

    with pytest.raises(ValidationError) as error:
        write_session(session=session, by=rosa, sites=[{"site": "thigh"}])
    with pytest.raises(ValidationError) as other:
        write_session(session=session, by=rosa, lots=[{"lot": make_lot(rosa)}])

    assert (list(error.value.message_dict), list(other.value.message_dict)) == (["sites"], ["lots"])


def test_a_finished_record_is_not_changed_or_finished_again(running, rosa):
    finish_session(session=running, by=rosa, now=NOW)

    for again in (
        lambda: write_session(session=running, by=rosa, note="more"),
        lambda: finish_session(session=running, by=rosa, now=NOW),
    ):
        with pytest.raises(Refused) as refusal:
            again()
        assert refusal.value.codes == ["wrong-status"]


def test_the_same_appointment_is_not_started_twice(running, booked, rosa):
    with pytest.raises(Refused) as refusal:
        start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa, now=NOW)

    assert refusal.value.codes == ["wrong-status"]
    assert Session.objects.count() == 1


def test_an_untrained_practitioner_is_not_booked_for_mesotherapy(amara, omar, mesotherapy, reception):
    with pytest.raises(Refused) as refusal:
        book_appointment(
            patient=amara, treatment=mesotherapy, practitioner=omar, starts_at=on(5), by=reception, now=NOW
        )

    assert refusal.value.codes == ["practitioner-not-trained"]
    assert refusal.value.blockers[0].message == "Omar Aziz has no valid mesotherapy training record for 5 Nov."
