"""The whole chart given out: nothing of the patient's is missing, nothing of anybody else's is in it, and it is audited."""

import datetime as dt
import html
import json
import re
import uuid

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused, record_refusal
from patients.models import Consent, Patient
from patients.registration import withdraw_consent
from tests.factories import make_gone, make_patient, make_session, make_side_effect
from tests.pages.clinical import ago, picture
from treatments import chart_export
from treatments.chart_document import LEFT_OUT, SECTIONS, chart_document
from treatments.chart_export import as_they_stand, chart_as_json, chart_as_pdf
from treatments.demo_clinic import people_and_places
from treatments.demo_year import a_year
from treatments.merging import merge_patients
from treatments.models import Closure, Hold, Lot, LotUse, Merge, PhotoFile, Session
from treatments.photo_files import photo_storage
from treatments.photos import add_photo
from treatments.recalls import recall_lot, tell_patient
from treatments.side_effects import correct_patient, enter_in_error
from treatments.templatetags.chart import plain
from treatments.timeline import timeline
from treatments.waiting_list import join_waiting_list


@pytest.fixture
def year(records):
    """The demo clinic's year of one patient: a row of nearly every kind."""
    with timezone.override("Europe/London"):
        clinic = people_and_places()
        yield clinic, a_year(clinic)


def models_of_a_patient() -> set[type[Model]]:
    """Every model that names a patient by a foreign key, directly or by way of another that does."""
    found: set[type[Model]] = {Patient}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in found
            and any(isinstance(field, ForeignKey) and field.related_model in found for field in model._meta.fields)
        }
        if not more:
            return found
        found |= more


def test_every_model_that_hangs_on_a_patient_has_a_section_or_a_reason():
    assert {model._meta.label for model in models_of_a_patient()} == {*SECTIONS, *LEFT_OUT}
    assert all(LEFT_OUT.values())


def test_every_row_of_the_patients_stands_in_the_document(year):
    clinic, helena = year
    join_waiting_list(patient=helena, treatment=clinic.mesotherapy, by=clinic.reception)

    document = chart_document(helena, by=clinic.rosa, now=timezone.now())

    written = json.dumps(document)
    for label in SECTIONS:
        model = apps.get_model(label)
        if label.startswith(("patients.Historical", "treatments.Historical")) or label in WITHOUT_AN_ID:
            continue
        keys = [str(key) for key in model.objects.values_list("pk", flat=True)]
        assert [key for key in keys if key not in written] == [], label
        assert keys or label in NOT_IN_THE_YEAR, label
    assert sum(len(one["holds"]) for one in document["appointments"]) == Hold.objects.count() == 5
    changes = [change for one in document["sessions"] for change in one["changes"]]
    assert len(changes) == Session.history.count()
    files = [file for one in document["side_effects"] for photo in one["photos"] for file in photo["files"]]
    assert len(files) == PhotoFile.objects.count()


# Held by what they belong to, and counted there.
WITHOUT_AN_ID = {"treatments.Hold", "treatments.PhotoFile", "patients.PatientIdentifier"}
NOT_IN_THE_YEAR = {"treatments.RecallCall", "treatments.Merge", "treatments.Closure"}


def test_the_json_is_utf_8_in_a_fixed_order_with_times_and_their_zone(year):
    clinic, helena = year

    written = chart_as_json(patient=helena, by=clinic.rosa, now=clinic.at(0, 9))

    document = json.loads(written)
    assert "“the left thigh has gone blue”" in written.decode()
    assert list(document)[:7] == ["format", "version", "made_at", "made_by", "time_zone", "clinic", "fhir"]
    assert document["time_zone"] == "Europe/London"
    again = json.loads(chart_as_json(patient=helena, by=clinic.rosa, now=clinic.at(0, 9)))
    assert document | {"copies_given_out": []} == again | {"copies_given_out": []}
    assert list(document["sessions"][0]) == list(again["sessions"][0])
    for look in document["side_effects"][0]["reviews"]:
        assert dt.datetime.fromisoformat(look["seen_at"]).utcoffset() is not None
        assert set(look) >= {"seen_at", "recorded_at", "finding", "outcome", "by"}
    assert document["side_effects"][0]["reviews"][-1]["outcome"] == {"code": "resolved", "words": "Resolved"}


def test_no_secret_of_the_clinics_is_in_it(year):
    clinic, helena = year

    written = chart_as_json(patient=helena, by=clinic.rosa).decode()

    for secret in (*Staff.objects.values_list("email", flat=True), *Staff.objects.values_list("password", flat=True)):
        assert secret not in written
    for name in PhotoFile.objects.values_list("name", flat=True):
        assert name not in written
    assert helena.email in written


def test_an_entry_in_error_is_there_and_says_so(year):
    clinic, helena = year

    document = json.loads(chart_as_json(patient=helena, by=clinic.rosa))

    (wrong,) = [one for one in document["side_effects"] if one["error_at"]]
    assert (wrong["error_by"], wrong["error_reason"]) == ("Rosa Lind", "Meant for the patient before her.")
    assert wrong["kind"] == {"code": "swelling", "words": "Swelling"}
    assert as_they_stand(helena).in_error == 1


def test_the_pdf_is_one_and_the_trail_says_who_took_it(year):
    clinic, helena = year

    pdf = chart_as_pdf(patient=helena, by=clinic.rosa)

    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Subtype /Image") >= 5 or b"/ObjStm" in pdf
    event = AuditEvent.objects.get(kind="chart-printed")
    assert (event.actor, event.patient_id) == (clinic.rosa, helena.pk)


@pytest.fixture
def amara_agreed(reception):
    return make_patient(reception, consents=("treatment", "photo-care"))


def test_photos_of_an_entry_in_error_are_not_given_out(amara_agreed, rosa):
    kept = make_side_effect(patient=amara_agreed, by=rosa, now=ago(5))
    wrong = make_side_effect(patient=amara_agreed, kind="pain", by=rosa, now=ago(4))
    add_photo(side_effect=kept, image=picture(), by=rosa)
    add_photo(side_effect=wrong, image=picture(width=700), by=rosa)
    enter_in_error(side_effect=wrong, reason="Another patient's", by=rosa)

    pictures, files = chart_export._pictures(amara_agreed)

    assert [one.photo.side_effect for one in pictures] == [kept]
    assert pictures[0].mark.startswith(f"Clinical photo · {amara_agreed.number} · ")
    assert len(files) == 1
    standing = as_they_stand(amara_agreed)
    assert (standing.photos, standing.photos_left_out, standing.in_error) == (1, 1, 1)


def test_a_missing_file_is_said_and_the_rest_is_given(amara_agreed, rosa):
    bruise = make_side_effect(patient=amara_agreed, by=rosa, now=ago(5))
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa)
    photo_storage().delete(photo.files.get(size="display").name)

    pictures, files = chart_export._pictures(amara_agreed)

    assert ([one.missing for one in pictures], files) == ([True], {})
    assert chart_as_pdf(patient=amara_agreed, by=rosa).startswith(b"%PDF-")


def test_nothing_of_another_patient_is_in_it(amara, jonas, rosa, mesotherapy):
    make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ago(9))
    bruise = make_side_effect(patient=jonas, by=rosa, note="As big as a coin", now=ago(3))
    moved = correct_patient(side_effect=bruise, patient=amara, reason="Wrong chart", by=rosa)

    written = chart_as_json(patient=amara, by=rosa).decode()

    assert str(moved.pk) in written
    assert '"entered_first_for_another_patient": true' in written
    for theirs in (jonas.number, str(jonas.pk), str(bruise.pk)):
        assert theirs not in written


def test_what_a_merge_left_behind_is_in_it_and_what_the_record_was(amara, rosa, reception):
    double = make_patient(reception, given_name="Amarah")
    merge_patients(kept=amara, merged=double, by=reception)

    document = chart_document(amara, by=rosa, now=timezone.now())

    assert [one["number"] for one in document["patient"]["merged_records"]] == [double.number]
    assert Merge.objects.count() == 1
    assert len(document["consents"]) == 2


def test_reception_gives_no_chart_out(amara, reception):
    for give_out in (chart_as_json, chart_as_pdf):
        with pytest.raises(PermissionDenied):
            give_out(patient=amara, by=reception)
    assert not AuditEvent.objects.filter(kind__in=["chart-printed", "chart-exported"]).exists()


def test_an_empty_chart_can_be_given_out(amara, rosa):
    assert chart_as_pdf(patient=amara, by=rosa).startswith(b"%PDF-")


def test_the_document_asks_the_same_however_long_the_chart(amara, jonas, rosa, mesotherapy):
    asked = []
    for patient, times in ((amara, 1), (jonas, 3)):
        for count in range(times):
            make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=ago(60 - 10 * count))
            make_gone(
                make_side_effect(patient=patient, by=rosa, now=ago(59 - 10 * count)), rosa, now=ago(55 - 10 * count)
            )
        with CaptureQueriesContext(connection) as captured:
            chart_document(patient, by=rosa, now=timezone.now())
        asked.append(len(captured))
    assert asked[0] == asked[1]


def manager_of(clinic) -> Staff:
    return Staff.objects.get(site=clinic.rosa.site, name="Maud Keane")


@pytest.fixture
def recalled(year):
    """The year, with a lot of it recalled and the patient told, another put in and taken out, and a consent withdrawn."""
    clinic, helena = year
    used = Lot.objects.filter(uses__session__patient=helena).first()
    recall_lot(lot=used, reason="Particles seen", by=manager_of(clinic))
    tell_patient(patient=helena, how="phone", note="Feels well", by=manager_of(clinic))
    use = LotUse.history.filter(session__patient=helena).first()
    LotUse.history.create(
        id=uuid.uuid4(), session_id=use.session_id, lot=used, used_on=use.used_on, recorded_at=ago(1),
        history_date=ago(1), history_type="-", history_user=clinic.rosa,
    )  # fmt: skip
    consent = Consent.objects.filter(patient=helena, kind="treatment").get()
    withdraw_consent(consent=consent, by=clinic.rosa)
    join_waiting_list(patient=helena, treatment=clinic.mesotherapy, by=clinic.reception)
    Closure.objects.create(
        patient=helena, worklist="clear-again", closed_at=ago(2), reason="Moved away", by=clinic.reception
    )
    refused = Refused([Blocker("bruising-present", "Bruising is present.")], patient_id=helena.pk)
    record_refusal(refused, by=clinic.reception, door="page", operation="book_appointment")
    chart_as_json(patient=helena, by=clinic.rosa)
    return clinic, helena, used


def test_what_was_done_about_a_recall_a_lot_and_a_consent_is_read_in_the_pdf(recalled):
    clinic, helena, used = recalled

    page = printed(helena, clinic)

    at = f"{ago(1).day} {ago(1):%b %Y}"
    assert f"{used}, recalled" in page
    assert "Particles seen. By phone," in page
    assert "Feels well" in page
    assert f"lot taken out: {used}" in page
    assert f"lot put in: {used}" in page
    assert at in page
    assert "Consent: treatment, given" in page
    assert "withdrawn at, withdrawn by written down" in page
    assert "Told of a recall: by phone" in page


def test_every_list_of_the_document_is_in_the_page(recalled):
    """Each row of each list by a moment that it has: no part of the document is without a place in the PDF."""
    clinic, helena, _ = recalled
    document = chart_document(helena, by=clinic.rosa, now=timezone.now())
    page = printed(helena, clinic)

    unread = {path for path, row in rows_of(document) if not any(words in page for words in moments_of(row))}

    assert unread == set()
    # And none was left out of the test because it was empty.
    assert {name for name, value in document.items() if value == []} == set()


def rows_of(part, path=""):
    """Every row of a list that says when, wherever it is nested."""
    for name, value in part.items():
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                if isinstance(value, list) and moments_of(row):
                    yield f"{path}{name}", row
                yield from rows_of(row, f"{path}{name}.")


def moments_of(row) -> list[str]:
    texts = [one for one in row.values() if isinstance(one, str)]
    return [plain(one).replace(",", "") for one in texts if plain(one) != one]


def printed(patient, clinic) -> str:
    """The page of the PDF as it is read, without commas before the time of day."""
    page, _ = chart_export._page(patient, by=clinic.rosa, now=timezone.now())
    read = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    return re.sub(r"(\d{4}), (\d\d:\d\d)", r"\1 \2", read).replace(" ,", ",").replace(" :", ":")


def test_a_recall_is_a_call_of_the_timeline(recalled):
    clinic, helena, used = recalled

    for reader, lot in ((clinic.rosa, str(used)), (clinic.reception, "")):
        (told,) = [
            one for one in timeline(helena, reader, show=["calls"], size=500).entries if one.what == "recall-told"
        ]
        assert (told.row.who, told.row.code, told.row.text, told.row.more) == (
            manager_of(clinic).name,
            "phone",
            "Feels well",
            lot,
        )
