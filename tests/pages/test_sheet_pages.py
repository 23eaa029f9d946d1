"""Sheets on their pages: published after a look, given before the consent and after a session, read as they were given."""

import pytest

from patients.models import Consent
from tests.factories import make_patient, make_session
from tests.pages.desk import signed_in, words
from treatments.models import Sheet, SheetGiven
from treatments.sheets import current_sheet

pytestmark = pytest.mark.usefixtures("records")


def test_the_sheet_of_risks_comes_first_and_stands_on_the_consent(reception):
    ada = make_patient(reception, "Ada", "Byron", consents=())
    client, address = signed_in(reception), f"/patients/{ada.pk}/treatment-consent/"
    risks = current_sheet("pre-treatment")

    assert client.post(address, {"version": "1"}).status_code == 409
    assert not Consent.objects.filter(patient=ada).exists()
    answer = client.post(f"{address}sheet/", {"sheet": str(risks.pk), "how": "printed"})
    assert answer.url == f"/sheets/given/{SheetGiven.objects.get().pk}/"
    assert "Next: the consent" in words(client.get(answer.url))
    assert "Given" in words(client.get(address))
    assert client.post(address, {"version": "1"}).status_code == 302

    assert Consent.objects.get(patient=ada).sheet_version == "Risks of mesotherapy, version 1, en"


def test_a_treatment_consent_posted_elsewhere_is_led_to_the_sheet(reception):
    ada = make_patient(reception, "Ada", "Byron", consents=())

    answer = signed_in(reception).post(f"/patients/{ada.pk}/consents/", {"kind": "treatment"})

    assert answer.url == f"/patients/{ada.pk}/treatment-consent/"
    assert not Consent.objects.filter(patient=ada).exists()


def test_the_aftercare_sheet_is_given_from_the_session_and_stands_there(amara, rosa, reception, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)
    client, address = signed_in(rosa), f"/sessions/{session.pk}/sheet/"
    assert client.get(address).status_code == 200

    client.post(address, {"sheet": str(current_sheet("aftercare").pk), "how": "printed"})

    given = SheetGiven.objects.get()
    assert "After your mesotherapy , version 1" in words(client.get(f"/sessions/{session.pk}/"))
    assert client.get(f"/sheets/given/{given.pk}/sheet.pdf").content.startswith(b"%PDF")
    assert signed_in(reception).get(f"/sheets/given/{given.pk}/").status_code == 404
    assert signed_in(reception).get(address).status_code == 403


def test_a_manager_looks_before_publishing_and_markup_is_only_text(manager, reception):
    first, client = current_sheet("aftercare"), signed_in(manager)
    typed = {"title": "After", "body": "<script>alert(1)</script>", "after": "1"}

    tried = client.post(f"/sheets/{first.pk}/next/", typed | {"preview": "1"})
    assert "&lt;script&gt;alert(1)" in tried.content.decode()
    assert "<script>alert" not in tried.content.decode()
    assert Sheet.objects.filter(kind="aftercare").count() == 1
    assert client.post(f"/sheets/{first.pk}/next/", typed | {"body": " "}).status_code == 422

    published = client.post(f"/sheets/{first.pk}/next/", typed | {"publish": "1"})
    assert published.url == f"/sheets/{current_sheet('aftercare').pk}/"
    assert "Version 2 has taken its place" in words(client.get(f"/sheets/{first.pk}/"))
    assert client.get("/sheets/").status_code == 200
    assert client.get("/sheets/new/").status_code == 200
    assert signed_in(reception).get("/sheets/new/").status_code == 403
