"""The consent to treatment by the API: the sheet of risks comes before it there, too."""

import pytest

from patients.models import Consent
from tests.api.calls import API
from tests.factories import make_patient
from treatments.sheet_giving import give_sheet
from treatments.sheets import current_sheet


@pytest.fixture
def ada(reception):
    return make_patient(reception, "Ada", "Byron", consents=())


def test_without_the_sheet_it_is_refused_with_its_reason(api, reception, ada):
    response = api(reception).post(f"{API}patients/{ada.pk}/consents/", {"kind": "treatment", "version": "1"})

    assert response.status_code == 409
    assert [(one["code"], one["message"]) for one in response.json()["blockers"]] == [
        ("sheet-not-given", "The sheet of risks has not been given to this patient.")
    ]
    assert not Consent.objects.filter(patient=ada).exists()


def test_with_the_sheet_it_is_recorded_and_the_sheet_stands_on_it(api, reception, ada):
    given = give_sheet(sheet=current_sheet("pre-treatment"), patient=ada, how="printed", by=reception)

    response = api(reception).post(f"{API}patients/{ada.pk}/consents/", {"kind": "treatment", "version": "1"})

    assert response.status_code == 201
    consent = Consent.objects.get(patient=ada)
    assert (consent.kind, consent.version) == ("treatment", "1")
    assert (consent.sheet_version, consent.sheet_given_at) == ("Risks of mesotherapy, version 1, en", given.given_at)


def test_photos_for_care_need_no_sheet(api, reception, ada):
    assert api(reception).post(f"{API}patients/{ada.pk}/consents/", {"kind": "photo-care"}).status_code == 201
