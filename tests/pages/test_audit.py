"""The audit trail's page: found by person, patient, kind and days; refused accesses stand in it too."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from clinic.audit import record_event
from clinic.audit_chain import seal_events
from clinic.models import AuditEvent
from clinic.refusals import Blocker, Refused, record_refusal
from clinic.staffing import set_roles
from tests.factories import make_lot, make_patient, make_side_effect
from tests.pages.desk import signed_in, statements, words
from tests.treatments.figured import treat
from treatments.alerts import raise_alert
from treatments.merging import merge_patients
from treatments.recalls import recall_lot
from treatments.side_effects import enter_in_error

Kind = AuditEvent.Kind


def found(response) -> list[tuple[str, str]]:
    """What, and by whom; without the readings of the trail itself."""
    rows = [row.event for row in response.context["rows"] if row.event.subject != "audit"]
    return [(event.kind, event.actor.name if event.actor else "") for event in rows]


@pytest.fixture
def trail(amara, jonas, rosa, reception, manager):
    """Rosa read both charts, Ida one; then Ida became a practitioner too."""
    AuditEvent.objects.exists()
    for patient, reader in ((amara, rosa), (jonas, rosa), (amara, reception)):
        record_event(Kind.CHART_READ, actor=reader, patient_id=patient.pk)
    set_roles(staff=reception, roles=["receptionist", "practitioner"], by=manager)


def test_everything_stands_there_newest_first(trail, manager):
    response = signed_in(manager).get("/audit/?period=7-days")

    assert response.status_code == 200
    assert [row for row in found(response) if row[0] in ("roles-changed", "chart-read")][:4] == [
        ("roles-changed", "Maud Keane"),
        ("chart-read", "Ida Berg"),
        ("chart-read", "Rosa Lind"),
        ("chart-read", "Rosa Lind"),
    ]
    assert "before: Receptionist; after: Receptionist, Practitioner" in words(response)


def test_who_read_a_chart_is_a_link_from_it(trail, amara, manager):
    client = signed_in(manager)
    chart = client.get(f"/patients/{amara.pk}/")
    address = f"/audit/?patient={amara.number}&kind=chart-read"
    assert address.replace("&", "&amp;") in chart.content.decode()

    assert found(client.get(address)) == [
        ("chart-read", "Maud Keane"),
        ("chart-read", "Ida Berg"),
        ("chart-read", "Rosa Lind"),
    ]


def test_who_does_not_read_the_trail_has_no_such_link(trail, amara, rosa):
    assert "/audit/" not in signed_in(rosa).get(f"/patients/{amara.pk}/").content.decode()


def test_by_person(trail, rosa, manager):
    response = signed_in(manager).get(f"/audit/?actor={rosa.pk}&kind=chart-read")

    assert found(response) == [("chart-read", "Rosa Lind")] * 2


def test_a_record_that_was_merged_is_found_with_the_one_that_stands(trail, amara, jonas, reception, manager):
    merge_patients(kept=amara, merged=jonas, by=reception)

    for number in (amara.number, jonas.number, str(jonas.pk)):
        response = signed_in(manager).get(f"/audit/?patient={number}&kind=chart-read")
        assert len(found(response)) == 3


def test_by_days_on_the_readers_clock(trail, manager):
    yesterday = timezone.localdate() - dt.timedelta(days=1)

    assert found(signed_in(manager).get(f"/audit/?until={yesterday}")) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("patient=AC-99999", "No patient has this record number."),
        ("kind=nonsense", "Choose one of these."),
        ("address=nowhere", "That is no address of a machine."),
        ("subject_id=7", "That is no id."),
        ("since=2026-13-01", "That is not a day of the calendar."),
        ("since=2026-03-02&until=2026-03-01", "The last day comes before the first."),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(asked, sentence, trail, manager):
    response = signed_in(manager).get(f"/audit/?{asked}")

    assert response.status_code == 422
    assert sentence in words(response)


def test_each_row_says_its_place_in_the_chain_once_it_is_linked(trail, rosa, manager):
    address = f"/audit/?actor={rosa.pk}&kind=chart-read"
    client = signed_in(manager)
    assert "Not linked yet" in words(client.get(address))

    seal_events()

    assert "Not linked yet" not in words(client.get(address))
    assert "Link 1" in words(client.get("/audit/"))


def test_reading_the_trail_is_in_it(trail, manager):
    signed_in(manager).get("/audit/?kind=chart-read")

    event = AuditEvent.objects.filter(subject="audit").latest("pk")
    assert (event.kind, event.actor, event.details) == ("record-read", manager, {"row": "list", "by": ["kind"]})


def test_who_was_shown_somebody_on_a_list_is_found_by_that_patient(amara, jonas, rosa, mesotherapy, manager):
    now = timezone.now()
    lot = make_lot(rosa, "A1", now=now - dt.timedelta(days=9))
    treat(amara, rosa, mesotherapy, now - dt.timedelta(days=8), lots=[lot])
    infection = make_side_effect(patient=amara, by=rosa, kind="infection", now=now - dt.timedelta(days=3))
    alert = raise_alert(kind="infections-together", key="one", reason="Two.", facts={"infections": [str(infection.pk)]})
    wrong = make_side_effect(patient=amara, by=rosa, now=now - dt.timedelta(days=2))
    enter_in_error(side_effect=wrong, reason="Another patient's.", by=rosa, now=now)
    bruising = Blocker("bruising-present", "A bruise is there.")
    record_refusal(Refused([bruising], patient_id=amara.pk), by=rosa, door="page", operation="book_appointment")
    recall = recall_lot(lot=lot, reason="The maker took it back.", by=manager)
    addresses = [f"/lots/{lot.pk}/", f"/recalls/{recall.pk}/", f"/alerts/{alert.pk}/"]
    client = signed_in(manager)
    for address in ["/records/", "/unusual/", "/refusals/", *addresses]:
        assert client.get(address).status_code == 200, address

    def seen(patient) -> list[tuple[str, str]]:
        rows = client.get(f"/audit/?patient={patient.number}&kind=record-read").context["rows"]
        return sorted((row.event.subject, row.event.actor.name) for row in rows)

    assert seen(amara) == [
        (subject, "Maud Keane") for subject in ("alert", "lot", "recall", "records", "refusals", "unusual")
    ]
    assert seen(jonas) == []


def test_a_list_of_many_writes_them_all_at_once(amara, jonas, rosa, manager):
    for patient in (amara, amara, jonas):
        make_side_effect(patient=patient, by=rosa, kind="pain")

    response = signed_in(manager).get("/records/?what=side-effects")

    rows = AuditEvent.objects.filter(request_id=response["X-Request-Id"])
    assert sorted(rows.values_list("patient_id", flat=True), key=str) == sorted([None, amara.pk, jonas.pk], key=str)
    assert set(rows.values_list("subject", "door", "address", "actor", "at")) == {
        ("records", "page", "127.0.0.1", manager.pk, rows[0].at)
    }


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_only_a_manager_reads_it(who, request, trail):
    assert signed_in(request.getfixturevalue(who)).get("/audit/").status_code == 403


def test_it_asks_the_same_however_many_there_are(trail, amara, rosa, manager):
    client = signed_in(manager)
    client.get("/audit/")
    counts = []
    for _ in range(2):
        with statements() as asked:
            assert client.get("/audit/").status_code == 200
        counts.append(len(asked))
        for number in range(3):
            record_event(Kind.CHART_READ, actor=rosa, patient_id=make_patient(rosa, f"Given{number}", str(number)).pk)
    assert counts[0] == counts[1]
    assert counts[0] <= 14


def test_the_next_page_goes_on_where_this_one_ends(trail, rosa, manager):
    for number in range(60):
        record_event(Kind.PHOTO_READ, actor=rosa, rows=number)
    client = signed_in(manager)

    first = client.get("/audit/?kind=photo-read")
    second = client.get(f"/audit/?kind=photo-read&page={first.context['page'].next}")

    assert [len(found(first)), len(found(second))] == [50, 10]
    assert "This page's mark is not known" in words(client.get("/audit/?page=n999999")).replace("’", "'")


# --- Refused accesses -------------------------------------------------------------------------------------------------


def refused() -> list[tuple[str, str, str]]:
    events = AuditEvent.objects.filter(kind=Kind.ACCESS_REFUSED).order_by("pk")
    return [(event.actor.name if event.actor else "", event.door, event.details["page"]) for event in events]


def test_a_page_that_a_role_may_not_open_is_in_the_trail_with_whom_and_about_what(amara, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa)
    client = signed_in(reception)

    assert client.get(f"/side-effects/{bruise.pk}/review/").status_code == 403

    event = AuditEvent.objects.get(kind=Kind.ACCESS_REFUSED)
    assert (event.actor, event.door, event.details["page"], event.subject_id) == (
        reception,
        "page",
        "review",
        bruise.pk,
    )


def test_the_same_again_within_a_minute_is_not_written_again(reception):
    client = signed_in(reception)
    for _ in range(3):
        client.get("/audit/")
    client.get("/unusual/")

    assert refused() == [("Ida Berg", "page", "audit"), ("Ida Berg", "page", "unusual")]
    cache.clear()
    client.get("/audit/")
    assert len(refused()) == 3


def test_what_is_opened_by_right_leaves_no_such_row(trail, manager):
    signed_in(manager).get("/audit/")
    assert refused() == []


def test_the_api_writes_it_too(api, amara, reception):
    make_side_effect(patient=amara, by=reception)
    side_effect = amara.side_effects.get()

    response = api(reception).post(f"/api/v1/side-effects/{side_effect.pk}/reviews/", {})

    assert response.status_code == 403
    assert [(who, door) for who, door, _ in refused()] == [("Ida Berg", "api")]


def test_a_token_that_is_not_good_is_a_failed_sign_in(api, reception):
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION="Bearer " + "f" * 64)

    assert client.get("/api/v1/patients/").status_code == 401

    event = AuditEvent.objects.get(kind=Kind.SIGN_IN_FAILED)
    assert (event.actor, event.door, event.details["code"]) == (None, "api", "token")


def test_who_brings_no_token_is_only_asked_for_one(api, records):
    assert api(None).get("/api/v1/patients/").status_code == 401
    assert not AuditEvent.objects.filter(kind=Kind.SIGN_IN_FAILED).exists()
