"""The start gate: the rule, the training, the consent, the skin check; what stands is said, what is missing leads on."""

import pytest
from django.urls import reverse

from clinic.models import Refusal
from patients.models import Consent
from patients.registration import withdraw_consent
from tests.factories import make_appointment, make_patient, make_side_effect
from tests.pages.clinical import ago, browser, links, statements, words
from treatments.gate import start_gate
from treatments.models import Appointment, Session, SheetGiven, SideEffect
from treatments.sheets import current_sheet

# The visit, the verdict and its reasons, the training, the consent, the last look, the worklists' badge.
GATE_STATEMENTS = 7
ATTESTED = {"skin_check": "on"}


def visit(patient, treatment, practitioner, at=None) -> Appointment:
    at = at or ago(hours=0.1)
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=practitioner, starts_at=at, now=at
    )


def gate(appointment) -> str:
    return reverse("session-start", args=[appointment.pk])


def passed(appointment, by) -> dict[str, bool]:
    return {line.name: line.passed for line in start_gate(appointment, by)}


@pytest.fixture
def ada(reception):
    """Never asked to agree."""
    return make_patient(reception, "Ada", "Byron", consents=())


@pytest.fixture
def waiting(ada, mesotherapy, rosa) -> Appointment:
    return visit(ada, mesotherapy, rosa)


# --- In order, with words for each ------------------------------------------------------------------------------------------


def test_all_four_are_asked_in_this_order(rosa, amara, mesotherapy):
    read = words(browser(rosa).get(gate(visit(amara, mesotherapy, rosa))))

    places = [
        read.index(title) for title in ("The rule:", "Your training", "Consent to treatment", "Skin check, made now")
    ]
    assert places == sorted(places)


def test_what_stands_is_said_with_version_and_time(rosa, amara, mesotherapy):
    Consent.objects.filter(patient=amara).update(version="4", sheet_version="Risks, version 2, en")

    read = words(browser(rosa).get(gate(visit(amara, mesotherapy, rosa))))

    assert "Given 5 Jan, 09:00, version 4; recorded by Ida Berg" in read
    assert "The sheet of risks given before it: Risks, version 2, en" in read


@pytest.mark.parametrize("missing", ["rule", "training", "consent"])
def test_one_line_shut_leaves_the_others_open_and_nothing_starts(
    missing, rosa, omar, amara, ada, mesotherapy, bruise_review
):
    patient = ada if missing == "consent" else amara
    by = omar if missing == "training" else rosa
    appointment = visit(patient, mesotherapy, rosa)
    if missing == "rule":
        make_side_effect(patient=patient, by=rosa, now=ago(hours=0.05))

    assert passed(appointment, by) == {name: name != missing for name in ("rule", "training", "consent")}
    page = browser(by).get(gate(appointment))
    assert 'name="skin_check"' not in page.content.decode()
    assert "Comes last: once everything above stands." in words(page)
    assert browser(by).post(gate(appointment), ATTESTED).status_code == 409
    assert not Session.objects.exists()


def test_everything_missing_is_refused_in_the_gates_order(omar, rosa, ada, mesotherapy):
    appointment = visit(ada, mesotherapy, rosa)

    answer = browser(omar).post(gate(appointment), {})

    assert [blocker.code for blocker in answer.context["blockers"]] == [
        "practitioner-not-trained",
        "treatment-consent-missing",
        "skin-check-missing",
    ]
    assert Refusal.objects.get().code == "practitioner-not-trained"


def test_what_injects_nothing_is_asked_nothing(rosa, ada, consultation):
    appointment = visit(ada, consultation, rosa)

    assert start_gate(appointment, rosa) == []
    assert browser(rosa).post(gate(appointment), {}).status_code == 302


def test_a_shut_gate_leads_to_writing_down_what_was_given_and_an_open_one_does_not(rosa, ada, amara, mesotherapy):
    shut, opened = visit(ada, mesotherapy, rosa, ago(hours=3)), visit(amara, mesotherapy, rosa)

    assert (
        f"{reverse('deviation-record', args=[ada.pk])}?visit={shut.pk}"
        in browser(rosa).get(gate(shut)).content.decode()
    )
    assert "deviation" not in browser(rosa).get(gate(opened)).content.decode().split("<main")[1]


def test_who_is_trained_today_is_named(omar, rosa, amara, mesotherapy):
    assert "Trained today: Rosa Lind" in words(browser(omar).get(gate(visit(amara, mesotherapy, rosa))))


# --- Consent: there, on the way, and back --------------------------------------------------------------------------------------


def test_without_the_consent_it_does_not_start_and_says_so(rosa, waiting):
    answer = browser(rosa).post(gate(waiting), ATTESTED)

    assert answer.status_code == 409
    assert [blocker.code for blocker in answer.context["blockers"]] == ["treatment-consent-missing"]
    assert not Session.objects.exists()


def test_a_withdrawn_consent_is_none(rosa, reception, amara, mesotherapy):
    appointment = visit(amara, mesotherapy, rosa)
    withdraw_consent(consent=Consent.objects.get(patient=amara), by=reception)

    answer = browser(rosa).post(gate(appointment), ATTESTED)

    assert [blocker.code for blocker in answer.context["blockers"]] == ["treatment-consent-missing"]


def test_from_the_gate_by_the_sheet_to_the_consent_and_back_to_the_gate(rosa, ada, waiting):
    client = browser(rosa)
    there = f"{reverse('treatment-consent', args=[ada.pk])}?visit={waiting.pk}"
    assert f'href="{there}"' in client.get(gate(waiting)).content.decode()
    giving = f"{reverse('treatment-consent-sheet', args=[ada.pk])}?visit={waiting.pk}"
    assert f'action="{giving}"' in client.get(there).content.decode()

    given = client.post(giving, {"sheet": str(current_sheet("pre-treatment").pk), "how": "printed"})
    assert given.url == f"{reverse('sheet-given', args=[SheetGiven.objects.get().pk])}?visit={waiting.pk}"
    assert f'href="{there}"' in client.get(given.url).content.decode()
    assert f'action="{there}"' in client.get(there).content.decode()
    agreed = client.post(there, {"version": "1"})

    assert agreed.url == gate(waiting)
    assert passed(waiting, rosa)["consent"]
    assert f'href="{gate(waiting)}"' in client.get(there).content.decode()
    assert client.post(gate(waiting), ATTESTED).url == reverse("session", args=[Session.objects.get().pk])


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example/", "//elsewhere.example", "7a3f1c9e-0000-4000-8000-000000000000", ""]
)
def test_no_other_address_leads_away_from_the_consent(where, rosa, ada, waiting):
    address, client = reverse("treatment-consent", args=[ada.pk]), browser(rosa)
    client.post(f"{address}sheet/", {"sheet": str(current_sheet("pre-treatment").pk), "how": "printed"})

    answer = client.post(f"{address}?visit={where}&next={where}", {"version": "1"})

    assert answer.url == reverse("chart", args=[ada.pk])


def test_another_patients_visit_is_no_way_back(rosa, ada, amara, mesotherapy, waiting):
    other = visit(amara, mesotherapy, rosa, ago(hours=3))
    address, client = reverse("treatment-consent", args=[ada.pk]), browser(rosa)
    client.post(f"{address}sheet/", {"sheet": str(current_sheet("pre-treatment").pk), "how": "printed"})

    assert client.post(f"{address}?visit={other.pk}", {"version": "1"}).url == reverse("chart", args=[ada.pk])


def test_reception_who_starts_nothing_goes_to_the_chart(reception, ada, waiting):
    address, client = f"{reverse('treatment-consent', args=[ada.pk])}?visit={waiting.pk}", browser(reception)
    client.post(
        f"{reverse('treatment-consent', args=[ada.pk])}sheet/",
        {"sheet": str(current_sheet("pre-treatment").pk), "how": "printed"},
    )

    assert client.post(address, {"version": "1"}).url == reverse("chart", args=[ada.pk])


# --- Bruising found here ---------------------------------------------------------------------------------------------------------


def test_one_click_logs_the_bruise_and_makes_the_visit_a_review(rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)
    page = browser(rosa).get(gate(appointment))
    assert links(page, "bruising-found", appointment.pk)

    answer = browser(rosa).post(reverse("bruising-found", args=[appointment.pk]), {"once": "one-page-found"})

    bruise = SideEffect.objects.get()
    appointment.refresh_from_db()
    assert (bruise.kind, bruise.seen_by, appointment.treatment) == ("bruising", rosa, bruise_review)
    assert answer.url == reverse("side-effect", args=[bruise.pk])


# --- What it costs ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bruises", [1, 3])
def test_the_gate_asks_the_same_however_many_bruises(bruises, rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)
    for number in range(bruises):
        make_side_effect(patient=amara, by=rosa, site=("thigh", "arm", "knee")[number], now=ago(hours=0.05))

    client = browser(rosa)
    client.get(gate(appointment))
    assert statements(client, gate(appointment)) == GATE_STATEMENTS
