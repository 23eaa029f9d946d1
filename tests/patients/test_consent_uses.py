"""What each consent allows, what withdrawing it hides and leaves, and what went out before."""

import pytest

from clinic.audit import record_event
from patients.consent_uses import WITHDRAWAL, consents_of, copies_given_out
from patients.models import Consent, PhotoUse
from patients.registration import record_consent, withdraw_consent
from tests.factories import make_consent, make_patient, on
from treatments.merging import merge_patients


@pytest.fixture
def amara(reception):
    return make_patient(reception, consents=())


def copy_of(patient, by, use="teaching", kind="photo-saved", **more):
    return record_event(kind, actor=by, patient_id=patient.pk, use=use, **more)


def test_every_kind_says_what_stops_at_once_and_what_stays():
    assert set(WITHDRAWAL) == set(Consent.Kind.values)
    assert all(one.stops and one.stays for one in WITHDRAWAL.values())


def test_each_use_of_photos_has_a_consent_of_its_own():
    assert [(use.value, use.consent_kind) for use in PhotoUse] == [
        ("care", "photo-care"),
        ("teaching", "photo-teaching"),
        ("publicity", "photo-publicity"),
    ]


def test_a_patient_has_every_kind_with_version_and_day_of_its_own(amara, reception):
    record_consent(patient=amara, kind="photo-teaching", version="T2", by=reception, now=on(2))
    record_consent(patient=amara, kind="photo-publicity", version="P1", by=reception, now=on(3))

    standing = {one.kind.value: one.standing for one in consents_of(amara)}

    assert {kind: (one.version, one.given_at) if one else None for kind, one in standing.items()} == {
        "treatment": None,
        "photo-care": None,
        "photo-teaching": ("T2", on(2)),
        "photo-publicity": ("P1", on(3)),
    }


def test_one_use_withdrawn_leaves_the_others_standing(amara, reception):
    kinds = ("photo-care", "photo-teaching", "photo-publicity")
    given = {kind: record_consent(patient=amara, kind=kind, by=reception, now=on(2)) for kind in kinds}

    withdraw_consent(consent=given["photo-teaching"], by=reception, now=on(4))

    assert [one.kind.value for one in consents_of(amara) if one.standing] == ["photo-care", "photo-publicity"]


def test_a_consent_given_anew_stands_before_the_one_withdrawn(amara, reception):
    first = record_consent(patient=amara, kind="photo-teaching", version="T1", by=reception, now=on(2))
    withdraw_consent(consent=first, by=reception, now=on(4))
    second = record_consent(patient=amara, kind="photo-teaching", version="T2", by=reception, now=on(6))

    teaching = next(one for one in consents_of(amara) if one.kind == "photo-teaching")

    assert (teaching.standing, teaching.earlier) == (second, [first])


def test_the_clinics_wordings_are_offered_the_last_one_first(amara, jonas, reception):
    record_consent(patient=jonas, kind="photo-teaching", version="T1", by=reception, now=on(2))
    record_consent(
        patient=make_patient(reception, "Mina"), kind="photo-teaching", version="T2", by=reception, now=on(3)
    )

    versions = {one.kind.value: one.versions for one in consents_of(amara)}

    assert (versions["photo-teaching"], versions["photo-publicity"]) == (["T2", "T1"], [])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_three_statements_however_much_there_was(rows, amara, reception, django_assert_max_num_queries):
    for row in range(rows):
        consent = record_consent(patient=amara, kind="photo-care", version=str(row), by=reception, now=on(2, row))
        withdraw_consent(consent=consent, by=reception, now=on(2, row, 30))

    with django_assert_max_num_queries(3):
        kinds = consents_of(amara)
        said = [(one.recorded_by.name, one.withdrawn_by.name) for kind in kinds for one in kind.earlier]

    assert said == [("Ida Berg", "Ida Berg")] * rows


def test_copies_given_out_are_those_of_this_patient_and_this_use(amara, jonas, reception, rosa):
    consent = make_consent(amara, reception, "photo-teaching")
    saved, printed = copy_of(amara, rosa), copy_of(amara, rosa, kind="photo-printed")
    copy_of(amara, rosa, use="care")
    copy_of(amara, rosa, use="publicity")
    copy_of(amara, rosa, kind="photo-read")
    copy_of(jonas, rosa)

    copies = copies_given_out(consent)

    assert (copies.events, copies.count, copies.not_shown) == ([printed, saved], 2, 0)


@pytest.mark.parametrize("kind", ["treatment", "photo-care"])
def test_under_care_and_treatment_nothing_leaves_the_clinic(kind, amara, reception):
    assert copies_given_out(make_consent(amara, reception, kind)) is None


def test_many_copies_are_counted_and_the_newest_listed(amara, reception, rosa):
    consent = make_consent(amara, reception, "photo-publicity")
    events = [copy_of(amara, rosa, use="publicity") for _ in range(52)]

    copies = copies_given_out(consent)

    assert (len(copies.events), copies.events[0], copies.count, copies.not_shown) == (50, events[-1], 52, 2)


def test_what_went_out_under_a_merged_record_is_listed_too(amara, reception, rosa):
    twin = make_patient(reception, consents=())
    before = copy_of(twin, rosa)
    merge_patients(merged=twin, kept=amara, by=reception)
    amara.refresh_from_db()

    copies = copies_given_out(make_consent(amara, reception, "photo-teaching"))

    assert copies.events == [before]
