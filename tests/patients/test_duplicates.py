"""Who is likely registered already, and why; and who is not, however alike."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.duplicates import LikelyDuplicates, likely_duplicates
from patients.models import Patient
from patients.registration import register_patient
from tests import raw_sql
from tests.factories import make_patient
from tests.treatments.test_races import at_once

BORN = dt.date(1988, 2, 14)


def born(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def why(
    given: str = "Amara", family: str = "Okafor", born: dt.date = BORN, phone: str = "", **more: object
) -> list[str]:
    found = likely_duplicates(given_name=given, family_name=family, date_of_birth=born, phone=phone, **more)
    return [f"{one.patient}: {one.why}" for one in found]


# --- Likely ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, family, reason",
    [
        ("Amara", "Okafor", "same name"),
        ("AMARA", "okafor", "same name"),
        ("Okafor", "Amara", "same name"),
        ("Ámara", "Okafór", "same name"),
        ("Amarah", "Okafor", "name nearly the same"),
        ("Amraa", "Okafor", "name nearly the same"),
        ("Tamara", "Okafor", "name nearly the same"),
        ("Amara", "Okaforr", "name nearly the same"),
        ("Amara Ngozi", "Okafor", "name nearly the same"),
        ("Amara", "Eze-Okafor", "name nearly the same"),
        ("Ama", "Raokafor", "name nearly the same"),
    ],
)
def test_a_name_forgives_accents_order_and_slips_beside_the_same_birth_date(given, family, reason, amara):
    assert why(given, family) == [f"Amara Okafor: same birth date, {reason}"]


@pytest.mark.parametrize(
    "there, typed",
    [
        (("José", "Ruiz"), ("Ruiz", "Jose")),
        (("Jürgen", "Müller-Lüdenscheidt"), ("Jurgen", "Muller Ludenscheidt")),
        (("Zoë", "O'Brien"), ("Zoe", "O’Brien")),
        (("Mary Ann", "van den Berg"), ("Maryann", "Vandenberg")),
        (("Łukasz", "Żak"), ("Łukasz", "Zak")),
    ],
)
def test_names_as_they_are_spelt_elsewhere(there, typed, reception):
    make_patient(reception, *there)

    assert len(why(*typed)) == 1


@pytest.mark.parametrize(
    "typed, reason",
    [
        ("1988-02-14", "same birth date"),
        ("1988-02-15", "birth date nearly the same"),
        ("1998-02-14", "birth date nearly the same"),
        ("1988-02-04", "birth date nearly the same"),
        ("1988-12-04", None),  # two slips
        ("1988-02-13", "birth date nearly the same"),
    ],
)
def test_a_birth_date_forgives_one_slip_beside_the_same_name(typed, reason, amara):
    assert why(born=born(typed)) == ([f"Amara Okafor: {reason}, same name"] if reason else [])


def test_day_and_month_exchanged_are_a_slip(reception):
    make_patient(reception, "Amara", "Okafor", date_of_birth=born("1988-02-11"))

    assert why(born=born("1988-11-02")) == ["Amara Okafor: birth date nearly the same, same name"]


@pytest.mark.parametrize("phone", ["+44 7700 900123", "07700 900123", "0044 7700 900-123", "(07700) 900123"])
def test_a_phone_is_the_same_with_and_without_its_country(phone, amara):
    assert why(phone=phone, born=born("1970-06-30")) == ["Amara Okafor: same name, same phone"]


@pytest.mark.parametrize("phone", ["+44 7700 900124", "+44 7700 90123", "+44 7700 900132"])
def test_one_digit_off_is_nearly_the_same_and_enough_beside_the_same_name_only(phone, amara):
    assert why(phone=phone, born=born("1970-06-30")) == ["Amara Okafor: same name, phone nearly the same"]
    assert why("Amarah", phone=phone, born=born("1970-06-30")) == []


def test_twins_are_warned_of(amara):
    assert why("Chidi", phone="+44 7700 900123") == ["Amara Okafor: same birth date, same family name, same phone"]


def test_so_is_somebody_who_has_married(amara):
    assert why("Amara", "Bianchi", phone="+44 7700 900123") == ["Amara Okafor: same birth date, same phone"]


def test_the_likeliest_comes_first_and_ten_at_most(reception):
    for number in range(12):
        make_patient(reception, "Amarah", "Okafor", phone=f"+44 7700 9001{number:02}")
    make_patient(reception, "Amara", "Okafor", phone="+44 7700 900555")

    found = why(phone="+44 7700 900555")

    assert found[0] == "Amara Okafor: same birth date, same name, same phone"
    assert len(found) == 10


# --- Not likely ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, family, day, phone",
    [
        ("Amara", "Okafor", "1970-06-30", "+44 7700 900999"),  # a common name: other birth date, other phone
        ("Amara", "Okafor", "1970-06-30", ""),
        ("Chidi", "Okafor", "1990-06-30", "+44 7700 900123"),  # brother or sister, the mother's phone
        ("Chidi", "Okafor", "1988-02-14", "+44 7700 900999"),  # twins with phones of their own, or chance
        ("Jonas", "Weber", "1988-02-14", ""),  # a birthday shared
        ("Jonas", "Weber", "1988-02-14", "+44 7700 900124"),
        ("Jonas", "Weber", "1970-06-30", "+44 7700 900123"),  # a phone shared
        ("Ada", "Okafor", "1988-02-14", ""),  # short words forgive nothing
        ("Amara", "Obi", "1988-02-14", ""),
        ("Amara", "Okafor", "1989-03-14", ""),  # two slips in the birth date
        ("Amara", "Okafor", "1970-06-30", "+44 7700 900214"),  # two slips in the phone
    ],
)
def test_alike_is_not_the_same(given, family, day, phone, amara):
    assert why(given, family, born(day), phone) == []


def test_mia_and_lia_are_two_but_for_their_phone(reception):
    make_patient(reception, "Mia", "Okafor")

    assert why("Lia") == []
    assert why("Lia", phone="+44 7700 900123") == ["Mia Okafor: same birth date, same family name, same phone"]


def test_a_record_that_was_merged_away_is_not_named_and_nobody_who_is_left_out(amara, reception):
    other = make_patient(reception)
    raw_sql.update(other, merged_into_id=amara.pk)

    assert why() == ["Amara Okafor: same birth date, same name"]
    assert why(leave_out=[amara.pk]) == []


def test_no_phone_on_either_side_is_no_likeness(reception):
    make_patient(reception, phone="", date_of_birth=born("1970-06-30"))

    assert why(phone="") == []


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_three_statements_and_each_from_an_index(amara, jonas):
    with CaptureQueriesContext(connection) as statements:
        why(phone="+44 7700 900123")

    asked = [query["sql"] for query in statements.captured_queries]
    assert len(asked) == 3
    assert [plan_of(sql) for sql in asked] == ["date_of_birth", "phone_key", "name_key"]


def plan_of(sql: str) -> str:
    """The column whose index is asked."""
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # three rows are read faster than any index
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(explain + sql)
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    names = {"patient_by_birth_date": "date_of_birth", "_phone_key_": "phone_key", "_name_key_": "name_key"}
    return next((column for name, column in names.items() if name in plan), plan)


# --- Asked when registering ------------------------------------------------------------------------------------------


def register(by, **more: object) -> Patient:
    known = {"given_name": "Amara", "family_name": "Okafor", "date_of_birth": BORN, "phone": "+44 7700 900123"}
    return register_patient(by=by, **known | more)


def test_asked_nothing_is_registered_and_no_number_is_lost(amara, reception):
    with pytest.raises(LikelyDuplicates) as likely:
        register(reception, ask=True)

    assert [one.patient for one in likely.value.found] == [amara]
    assert register(reception, ask=True, not_these=[amara.pk]).number == "AC-00002"


def test_told_apart_from_one_the_next_is_asked_about(amara, reception):
    register(reception, ask=True, not_these=[amara.pk])

    with pytest.raises(LikelyDuplicates) as likely:
        register(reception, ask=True, not_these=[amara.pk])

    assert [one.patient.number for one in likely.value.found] == ["AC-00002"]


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_desks_with_one_new_patient_the_second_is_asked(attempt, own_database, reception):
    results = at_once(lambda: register(reception, ask=True), lambda: register(reception, ask=True))

    assert sorted(type(one).__name__ for one in results) == ["LikelyDuplicates", "Patient"]
    assert Patient.objects.count() == 1


def test_the_same_phone_and_day_and_month_exchanged_are_asked_about_whatever_the_name(reception):
    make_patient(reception, "Mei", "Tanaka", date_of_birth=dt.date(1990, 1, 8), phone="+44 7700 900196")

    assert why("Mai", "Tanaca", phone="07700 900 196", born=dt.date(1990, 8, 1)) == [
        "Mei Tanaka: birth date nearly the same, same phone"
    ]
    assert why("Mai", "Tanaca", phone="07700 900 196", born=dt.date(1991, 1, 8)) == []
