import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from clinic.audit import record_event
from patients.models import Consent, Patient
from patients.registration import record_consent, withdraw_consent
from tests.factories import make_consent, make_patient, on
from tests.pages.clinical import NOBODY
from tests.pages.desk import signed_in, words
from treatments.merging import merge_patients

PHOTOS = ("photo-care", "photo-teaching", "photo-publicity")


@pytest.fixture
def amara(reception) -> Patient:
    return make_patient(reception, consents=())


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def include(patient, staff) -> str:
    """The card that the chart shows, as `staff` sees it."""
    context = {"patient": patient, "consents": list(patient.consents.all()), "user": staff, "once": "x"}
    return " ".join(re.sub(r"<[^>]*>", " ", render_to_string("patients/_consents.html", context)).split())


def test_a_consent_is_recorded_with_its_version_and_who_recorded_it(amara, reception):
    sent = {"kind": "photo-teaching", "version": "2026-10"}
    response = signed_in(reception).post(f"/patients/{amara.pk}/consents/", sent)

    consent = Consent.objects.get()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert (consent.patient, consent.kind, consent.version) == (amara, "photo-teaching", "2026-10")
    assert (consent.recorded_by, consent.withdrawn_at) == (reception, None)
    assert told(response) == ["Consent recorded: photos for teaching."]


def test_the_version_can_be_left_out(amara, rosa):
    signed_in(rosa).post(f"/patients/{amara.pk}/consents/", {"kind": "photo-care"})

    assert [(c.kind, c.version) for c in Consent.objects.all()] == [("photo-care", "")]


def test_recorded_twice_the_first_one_stands(amara, reception):
    client = signed_in(reception)
    for version in ("1", "2"):
        client.post(f"/patients/{amara.pk}/consents/", {"kind": "photo-care", "version": version})

    assert [c.version for c in Consent.objects.all()] == ["1"]


def test_the_consent_to_treatment_has_a_page_of_its_own_for_the_sheet_comes_first(amara, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/consents/", {"kind": "treatment", "version": "1"})

    assert (response.status_code, response.url) == (302, reverse("treatment-consent", args=[amara.pk]))
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "sent, sentence",
    [
        ({"kind": "marketing"}, "The consent was not recorded. There is no such consent."),
        ({}, "The consent was not recorded. Which consent it is, is missing."),
        ({"kind": "photo-care", "version": "v" * 41}, "At most 40 letters and digits."),
    ],
)
def test_a_wrong_consent_is_not_recorded_and_the_page_says_why(sent, sentence, amara, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/consents/", sent)

    assert (response.status_code, Consent.objects.exists()) == (422, False)
    assert sentence in words(response)


def test_what_was_typed_stays_with_its_own_kind_and_the_others_are_empty(amara, reception):
    sent = {"kind": "photo-teaching", "version": "v" * 41}
    page = signed_in(reception).post(f"/patients/{amara.pk}/consents/", sent).content.decode()

    typed = {one: re.search(rf'<input[^>]*id="consent-{one}-version"[^>]*>', page)[0] for one in PHOTOS}
    assert {one: "v" * 41 in field for one, field in typed.items()} == {
        "photo-care": False,
        "photo-teaching": True,
        "photo-publicity": False,
    }
    assert [one for one, field in typed.items() if "aria-invalid" in field] == ["photo-teaching"]


def test_of_a_merged_record_none_is_recorded(amara, reception):
    twin = make_patient(reception, consents=())
    merge_patients(kept=amara, merged=twin, by=reception)
    client = signed_in(reception)

    response = client.post(f"/patients/{twin.pk}/consents/", {"kind": "photo-care"})

    assert (response.status_code, Consent.objects.exists()) == (422, False)
    assert "This record was merged into another. Use the other one." in words(response)
    assert "The patient agreed" not in words(client.get(f"/patients/{twin.pk}/consents/"))


def test_the_page_says_of_each_kind_whether_it_stands_since_when_and_in_which_version(amara, reception, rosa):
    record_consent(patient=amara, kind="photo-care", version="C1", by=reception, now=on(2))
    first = record_consent(patient=amara, kind="photo-teaching", version="T1", by=reception, now=on(2))
    withdraw_consent(consent=first, by=rosa, now=on(3, 15))
    record_consent(patient=amara, kind="photo-teaching", version="T2", by=rosa, now=on(4))

    said = words(signed_in(reception).get(f"/patients/{amara.pk}/consents/"))

    assert "Photos for care In force Given 2 Nov 2026, 09:00, version C1; recorded by Ida Berg." in said
    assert "Photos for teaching In force Given 4 Nov 2026, 09:00, version T2; recorded by Rosa Lind." in said
    assert "given 2 Nov 2026, 09:00, version T1, recorded by Ida Berg; withdrawn 3 Nov 2026, 15:00, Rosa Lind." in said
    assert "Photos for publicity Not in force" in said


@pytest.mark.parametrize(
    "kind, stops, stays",
    [
        ("photo-care", "From now on no new photo is taken in", "because they are part of the record"),
        (
            "photo-teaching",
            "leave the teaching collection at once",
            "The photos stay on the chart for the patient's own",
        ),
        (
            "photo-publicity",
            "leave the publicity collection at once",
            "The photos stay on the chart for the patient's own",
        ),
        ("treatment", "no mesotherapy session can be started", "because later care relies on it"),
    ],
)
def test_withdrawing_asks_first_and_says_what_stops_and_what_stays_and_why(kind, stops, stays, amara, reception):
    consent = make_consent(amara, reception, kind)

    said = words(signed_in(reception).get(f"/consents/{consent.pk}/withdraw/"))

    consent.refresh_from_db()
    assert consent.withdrawn_at is None
    assert f"{consent.get_kind_display()} , given" in said
    assert (stops in said, stays in said) == (True, True)
    assert "The record that it was given stays too." in said
    assert ("Copies given out before" in said) == (kind in ("photo-teaching", "photo-publicity"))


def test_withdrawing_lists_the_copies_that_went_out_and_so_does_the_page_after_it(amara, reception, rosa, jonas):
    consent = make_consent(amara, reception, "photo-teaching")
    client = signed_in(reception)
    address = f"/consents/{consent.pk}/withdraw/"
    assert "Copies given out before None that this system made." in words(client.get(address))
    for patient, kind, use in (
        (amara, "photo-saved", "teaching"),
        (amara, "photo-printed", "care"),
        (jonas, "photo-saved", "teaching"),
    ):
        record_event(kind, actor=rosa, patient_id=patient.pk, use=use, photos=["a", "b"])

    before = words(client.get(address))
    client.post(address)
    after = words(client.get(address))

    for said in (before, after):
        assert said.count("copy of a photo saved (2 photos) by Rosa Lind") == 1
        assert "photo printed" not in said


def test_a_withdrawn_consent_stays_on_record_with_who_withdrew_it(amara, reception, rosa):
    consent = make_consent(amara, reception)

    response = signed_in(rosa).post(f"/consents/{consent.pk}/withdraw/")

    consent.refresh_from_db()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert (consent.withdrawn_by, consent.recorded_by) == (rosa, reception)
    assert told(response) == ["Consent withdrawn: photos for care."]


def test_withdrawn_once_more_it_says_that_it_was(amara, reception):
    consent = make_consent(amara, reception)
    client = signed_in(reception)
    client.post(f"/consents/{consent.pk}/withdraw/")
    withdrawn_at = Consent.objects.get().withdrawn_at

    assert "withdrawn already" in words(client.get(f"/consents/{consent.pk}/withdraw/"))
    assert client.post(f"/consents/{consent.pk}/withdraw/").status_code == 302
    assert Consent.objects.get().withdrawn_at == withdrawn_at


def test_a_manager_records_and_withdraws_none(amara, reception, manager):
    consent = make_consent(amara, reception)
    client = signed_in(manager)

    assert client.post(f"/patients/{amara.pk}/consents/", {"kind": "photo-teaching"}).status_code == 403
    assert client.get(f"/consents/{consent.pk}/withdraw/").status_code == 403
    assert client.post(f"/consents/{consent.pk}/withdraw/").status_code == 403
    assert Consent.objects.in_force().get() == consent


def test_a_manager_reads_what_was_agreed_to(amara, reception, manager):
    make_consent(amara, reception, "photo-teaching")

    said = words(signed_in(manager).get(f"/patients/{amara.pk}/consents/"))

    assert "Photos for teaching In force" in said
    assert ("Withdraw" in said, "The patient agreed" in said) == (False, False)
    assert not Consent.objects.exclude(kind="photo-teaching").exists()


def test_an_unknown_patient_or_consent_is_not_found(reception):
    client = signed_in(reception)
    assert client.get(f"/patients/{NOBODY}/consents/").status_code == 404
    assert client.get(f"/consents/{NOBODY}/withdraw/").status_code == 404


def test_the_charts_card_says_what_is_in_force_and_offers_what_is_not(amara, reception, manager):
    make_consent(amara, reception, "treatment")

    for_reception, for_manager = include(amara, reception), include(amara, manager)

    assert "Treatment Given" in for_reception
    assert "Withdraw : treatment" in for_reception
    assert "Photos for care Not in force Record : photos for care" in for_reception
    assert "Photos for care Not in force" in for_manager
    assert "Withdraw" not in for_manager
    assert "The patient agreed" not in for_manager
