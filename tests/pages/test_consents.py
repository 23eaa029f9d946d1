import re

import pytest
from django.template.loader import render_to_string

from patients.models import Consent, Patient
from tests.factories import make_consent, make_patient
from tests.pages.desk import signed_in, words


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
    response = signed_in(reception).post(f"/patients/{amara.pk}/consents/", {"kind": "treatment", "version": "2026-10"})

    consent = Consent.objects.get()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert (consent.patient, consent.kind, consent.version) == (amara, "treatment", "2026-10")
    assert (consent.recorded_by, consent.withdrawn_at) == (reception, None)
    assert told(response) == ["Consent recorded: treatment."]


def test_the_version_can_be_left_out(amara, rosa):
    signed_in(rosa).post(f"/patients/{amara.pk}/consents/", {"kind": "photo-care"})

    assert [(c.kind, c.version) for c in Consent.objects.all()] == [("photo-care", "")]


def test_recorded_twice_the_first_one_stands(amara, reception):
    client = signed_in(reception)
    for version in ("1", "2"):
        client.post(f"/patients/{amara.pk}/consents/", {"kind": "treatment", "version": version})

    assert [c.version for c in Consent.objects.all()] == ["1"]


@pytest.mark.parametrize(
    "sent, sentence",
    [
        ({"kind": "marketing"}, "Kind: Select a valid choice. marketing is not one of the available choices."),
        (
            {"kind": "treatment", "version": "v" * 41},
            "Version: Ensure this value has at most 40 characters (it has 41).",
        ),
    ],
)
def test_a_wrong_consent_is_not_recorded_and_the_chart_says_why(sent, sentence, amara, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/consents/", sent)

    assert response.status_code == 302
    assert told(response) == [f"The consent was not recorded. {sentence}"]
    assert not Consent.objects.exists()


def test_withdrawing_asks_first_and_changes_nothing_by_that(amara, reception):
    consent = make_consent(amara, reception)

    response = signed_in(reception).get(f"/consents/{consent.pk}/withdraw/")

    consent.refresh_from_db()
    assert "Photos for care , given" in words(response)
    assert "From now on it does not hold. The record that it was given stays." in words(response)
    assert consent.withdrawn_at is None


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

    assert client.post(f"/patients/{amara.pk}/consents/", {"kind": "treatment"}).status_code == 403
    assert client.get(f"/consents/{consent.pk}/withdraw/").status_code == 403
    assert client.post(f"/consents/{consent.pk}/withdraw/").status_code == 403
    assert Consent.objects.in_force().get() == consent


def test_recording_needs_a_post(amara, reception):
    assert signed_in(reception).get(f"/patients/{amara.pk}/consents/").status_code == 405


def test_the_charts_card_says_what_is_in_force_and_offers_what_is_not(amara, reception, manager):
    make_consent(amara, reception, "treatment")

    for_reception, for_manager = include(amara, reception), include(amara, manager)

    assert "Treatment Given" in for_reception
    assert "Withdraw : treatment" in for_reception
    assert "Photos for care Not recorded Record : photos for care" in for_reception
    assert "Photos for care Not recorded" in for_manager
    assert "Withdraw" not in for_manager
    assert "The patient agreed" not in for_manager
