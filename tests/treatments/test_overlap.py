"""A treatment the catalogue lets overlap: for practitioner and room, never for the patient, never past the rule."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from clinic.refusals import Refused, guard_code
from tests import raw_sql
from tests.factories import NOW, make_patient, make_side_effect, make_treatment, on
from tests.pages.desk import signed_in
from tests.treatments.test_races import at_once
from treatments.booking import book_appointment, move_appointment, review_instead
from treatments.models import Appointment, Treatment
from treatments.models.treatment import Family
from treatments.rule_check import rule_breaches

TUESDAY = on(3)


@pytest.fixture
def numbing(records) -> Treatment:
    """A cream is put on and left to work: the practitioner sees somebody else meanwhile."""
    treatment = make_treatment(Family.OTHER, "Numbing cream", minutes=30)
    treatment.overlap_allowed = True
    treatment.save()
    return treatment


@pytest.fixture
def book(rosa, room, reception):
    def book(patient, treatment, at: dt.datetime = TUESDAY, **more: object) -> Appointment:
        known = {"practitioner": rosa, "room": room, "by": reception, "now": NOW}
        return book_appointment(patient=patient, treatment=treatment, starts_at=at, **known | more)

    return book


def codes(act) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.codes


def unsaved(like: Appointment, patient, treatment, **columns: object) -> Appointment:
    """The same time, people and room, for another patient; for raw SQL."""
    names = ("practitioner", "room", "site", "starts_at", "ends_at", "created_by")
    given = {name: getattr(like, name) for name in names} | {"overlap_allowed": treatment.overlap_allowed}
    return Appointment(patient=patient, treatment=treatment, **given | columns)


def test_it_is_off_unless_the_catalogue_says_so(amara, jonas, consultation, book):
    assert consultation.overlap_allowed is False
    book(amara, consultation)

    assert codes(lambda: book(jonas, consultation)) == ["practitioner-busy", "room-busy"]


def test_the_catalogue_has_it_with_its_words(manager, consultation):
    client = signed_in(manager)
    address = f"/admin/treatments/treatment/{consultation.pk}/change/"
    page = client.get(address).content.decode()
    assert "Practitioner and room may have another appointment at the same time; the patient never." in page

    form = {"name": "Consultation", "family": "consultation", "duration_minutes": 30, "is_active": "on"}
    client.post(address, form | {"overlap_allowed": "on"})

    consultation.refresh_from_db()
    assert (consultation.overlap_allowed, consultation.history.first().history_user) == (True, manager)


@pytest.mark.parametrize("first, second", [("numbing", "consultation"), ("consultation", "numbing"), ("numbing",) * 2])
def test_practitioner_and_room_may_overlap_whichever_was_booked_first(first, second, amara, jonas, book, request):
    one, other = (request.getfixturevalue(name) for name in (first, second))

    assert (book(amara, one).status, book(jonas, other).status) == ("booked", "booked")


def test_by_raw_sql_too(amara, jonas, numbing, consultation, book):
    standing = book(amara, consultation)

    raw_sql.insert(unsaved(standing, jonas, numbing))

    assert Appointment.objects.count() == 2


def test_the_patient_never_overlaps(amara, numbing, book):
    standing = book(amara, numbing)

    assert codes(lambda: book(amara, numbing, at=on(3, 9, 15))) == ["patient-busy"]
    with raw_sql.refused_as("patient-busy"):
        raw_sql.insert(unsaved(standing, amara, numbing))
    assert book(amara, numbing, at=on(3, 9, 30)).status == "booked"


def test_two_that_may_not_overlap_still_do_not_beside_one_that_may(
    amara, jonas, numbing, consultation, book, reception
):
    book(amara, numbing)
    book(jonas, consultation)
    third = make_patient(reception, "Mei", "Tanaka")

    assert codes(lambda: book(third, consultation)) == ["practitioner-busy", "room-busy"]


def test_a_move_into_it_is_allowed_and_a_move_of_it(amara, jonas, numbing, consultation, book, reception):
    cream, talk = book(amara, numbing), book(jonas, consultation, at=on(4))

    move_appointment(appointment=talk, starts_at=cream.starts_at, by=reception, now=NOW)
    moved = move_appointment(appointment=cream, starts_at=on(3, 9, 15), by=reception, now=NOW)

    assert moved.starts_at == on(3, 9, 15)


def test_one_that_may_not_overlap_is_not_moved_onto_another(amara, jonas, consultation, book, reception):
    standing, talk = book(amara, consultation), book(jonas, consultation, at=on(4))

    assert codes(lambda: move_appointment(appointment=talk, starts_at=standing.starts_at, by=reception, now=NOW)) == [
        "practitioner-busy",
        "room-busy",
    ]


# --- The rule is another matter --------------------------------------------------------------------------------------


@pytest.fixture
def overlapping_mesotherapy(mesotherapy) -> Treatment:
    mesotherapy.overlap_allowed = True
    mesotherapy.save()
    return mesotherapy


def test_it_never_touches_the_rule(amara, jonas, rosa, overlapping_mesotherapy, book):
    standing = book(jonas, overlapping_mesotherapy)
    make_side_effect(patient=amara, by=rosa)

    assert codes(lambda: book(amara, overlapping_mesotherapy)) == ["bruising-present"]
    with raw_sql.refused_as("bruising-present"):
        raw_sql.insert(unsaved(standing, amara, overlapping_mesotherapy))
    assert rule_breaches() == []


def test_a_bruise_holds_it_like_any_other(amara, jonas, rosa, overlapping_mesotherapy, book):
    held, kept = book(amara, overlapping_mesotherapy), book(jonas, overlapping_mesotherapy)
    make_side_effect(patient=amara, by=rosa)

    held.refresh_from_db()
    kept.refresh_from_db()
    assert (held.status, kept.status) == ("on-hold", "booked")


def test_training_is_asked_all_the_same(amara, omar, overlapping_mesotherapy, book):
    assert codes(lambda: book(amara, overlapping_mesotherapy, practitioner=omar)) == ["practitioner-not-trained"]


# --- Switched off again ----------------------------------------------------------------------------------------------


def test_switched_off_what_stands_stays_and_nothing_new_overlaps(amara, jonas, numbing, consultation, book, reception):
    cream, talk = book(amara, numbing), book(jonas, consultation)
    numbing.overlap_allowed = False
    numbing.save()

    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    later = book(jonas, consultation, at=on(4))
    assert codes(lambda: book(amara, numbing, at=later.starts_at)) == ["practitioner-busy", "room-busy"]
    with raw_sql.refused_as("overlap-not-allowed"):
        raw_sql.insert(unsaved(later, amara, numbing, overlap_allowed=True))
    with raw_sql.refused_as("practitioner-busy"):
        raw_sql.insert(unsaved(later, amara, numbing, room=None))
    for one in (cream, talk):
        one.refresh_from_db()
        assert one.status == "booked"


def test_turned_into_a_review_it_keeps_its_place(amara, jonas, overlapping_mesotherapy, bruise_review, rosa, book):
    held, other = book(amara, overlapping_mesotherapy), book(jonas, overlapping_mesotherapy)
    make_side_effect(patient=amara, by=rosa)

    review = review_instead(appointment=held, by=rosa, now=NOW)

    assert (review.status, review.starts_at, Appointment.objects.get(pk=other.pk).status) == (
        "booked",
        other.starts_at,
        "booked",
    )


# --- At once ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("attempt", range(3))
def test_two_inserts_at_once_overlap_where_one_may_and_not_where_neither_may(
    attempt, amara, jonas, numbing, consultation, book
):
    standing = book(amara, consultation, at=on(2, 15))
    times = {"starts_at": on(3), "ends_at": on(3, 9, 30)}

    def insert(patient, treatment, **columns: object):
        def act() -> str:
            try:
                with transaction.atomic():
                    raw_sql.insert(unsaved(standing, patient, treatment, **times | columns))
            except IntegrityError as error:
                return guard_code(error)
            return "booked"

        return act

    assert at_once(insert(amara, numbing), insert(jonas, consultation)) == ["booked", "booked"]
    later = {"starts_at": on(4), "ends_at": on(4, 9, 30)}
    both = at_once(insert(amara, consultation, **later), insert(jonas, consultation, **later))
    assert sorted(both)[0] == "booked"
    assert sorted(both)[1] in ("practitioner-busy", "room-busy")
    same = {"starts_at": on(5), "ends_at": on(5, 9, 30)}
    assert sorted(at_once(insert(amara, numbing, **same), insert(amara, numbing, **same))) == ["booked", "patient-busy"]
