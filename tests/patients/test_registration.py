import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from patients.models import Consent, Patient
from patients.registration import correct_patient_details, record_consent, register_patient, withdraw_consent
from tests.factories import NOW, make_patient, on


@pytest.fixture
def amara(reception) -> Patient:
    return make_patient(reception, consents=())


def test_record_numbers_count_up(reception):
    first, second = make_patient(reception), make_patient(reception, "Jonas", "Weber")

    assert [first.number, second.number] == ["AC-00001", "AC-00002"]


def test_a_refused_registration_uses_no_number_and_leaves_no_row(reception):
    with pytest.raises(ValidationError):
        make_patient(reception, phone="call me")

    assert make_patient(reception).number == "AC-00001"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("date_of_birth", dt.date(2199, 1, 1), "The birth date is in the future."),
        ("date_of_birth", dt.date(1899, 12, 31), "The birth date is before 1900."),
        ("phone", "nonsense", "Give at least five digits, with spaces and + only, for example +44 7700 900123."),
        ("given_name", "", "This field cannot be blank."),
        ("given_name", "   ", "This field cannot be blank."),
        ("email", "nobody", "Enter a valid email address."),
    ],
)
def test_nonsense_gets_a_sentence_by_field(field, value, sentence, reception):
    with pytest.raises(ValidationError) as error:
        make_patient(reception, **{field: value})

    assert error.value.message_dict == {field: [sentence]}
    assert not Patient.objects.exists()


def test_born_today_is_no_future(reception):
    assert make_patient(reception, date_of_birth=dt.date.today() - dt.timedelta(days=1)).pk


@pytest.mark.parametrize("person", ["manager", "superuser"])
def test_who_may_not_register(person, request):
    with pytest.raises(PermissionDenied):
        make_patient(request.getfixturevalue(person))


def test_a_correction_keeps_what_stood_before_and_who_changed_it(amara, reception, rosa):
    correct_patient_details(patient=amara, by=rosa, phone="020 7946 0000", allergies="lidocaine")

    amara.refresh_from_db()
    assert (amara.phone, amara.allergies) == ("020 7946 0000", "lidocaine")
    assert list(amara.history.values_list("phone", "history_user")) == [
        ("020 7946 0000", rosa.pk),
        ("+44 7700 900123", reception.pk),
    ]


def test_what_is_not_editable_is_refused(amara, reception):
    with pytest.raises(ValidationError):
        correct_patient_details(patient=amara, by=reception, number="AC-99999")


def test_age_counts_whole_years(amara):
    assert [amara.age_on(dt.date(2026, 2, day)) for day in (13, 14)] == [37, 38]


# --- Consents ---------------------------------------------------------------------------------------------------------


def test_a_consent_recorded_twice_is_one(amara, reception):
    first = record_consent(patient=amara, kind="photo-care", by=reception, version="3", now=NOW)
    second = record_consent(patient=amara, kind="photo-care", by=reception, version="4", now=on(5))

    assert first == second
    assert (Consent.objects.count(), first.version, first.given_at) == (1, "3", NOW)


def test_a_withdrawn_consent_stays_on_record_and_can_be_given_again(amara, reception):
    first = record_consent(patient=amara, kind="photo-care", by=reception, now=NOW)
    withdraw_consent(consent=first, by=reception, now=on(5))
    withdraw_consent(consent=first, by=reception, now=on(6))
    again = record_consent(patient=amara, kind="photo-care", by=reception, now=on(7))

    first.refresh_from_db()
    assert (first.withdrawn_at, first.withdrawn_by) == (on(5), reception)
    assert list(Consent.objects.in_force()) == [again]


def test_an_unknown_kind_is_refused(amara, reception):
    with pytest.raises(ValidationError) as error:
        record_consent(patient=amara, kind="everything", by=reception)

    assert list(error.value.message_dict) == ["kind"]


def test_register_patient_takes_only_what_a_person_may_set(reception):
    with pytest.raises(ValidationError):
        register_patient(
            by=reception, given_name="A", family_name="B", date_of_birth=dt.date(1990, 1, 1), merged_into=None
        )
