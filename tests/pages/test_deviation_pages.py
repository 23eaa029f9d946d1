"""The page on which a treatment given all the same is written down."""

import datetime as dt

import pytest
from django.urls import reverse

from clinic.models import Refusal
from tests.factories import LONDON, make_appointment, make_side_effect
from tests.pages.clinical import NOBODY, ago, browser, errors, links, said, words
from treatments.models import Appointment, Deviation, Session, SideEffect

REASON = "Flown in for the day; the bruise was seen too late."


@pytest.fixture
def bruised(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(3))


def typed(mesotherapy, rosa, **other) -> dict[str, str]:
    begun = ago(days=1).replace(hour=10, minute=0)
    sent = {
        "treatment": mesotherapy.pk, "date": f"{begun:%Y-%m-%d}", "time": "10:00", "until": "10:45",
        "practitioner": rosa.pk, "decided_by": rosa.pk, "reason": REASON,
    }  # fmt: skip
    return {name: str(value) for name, value in (sent | other).items()}


def page(patient) -> str:
    return reverse("deviation-record", args=[patient.pk])


def test_the_page_says_what_stands_against_it_and_leads_to_the_record(amara, bruised, mesotherapy, rosa):
    client = browser(rosa)

    shown = client.get(page(amara))
    answer = client.post(page(amara), typed(mesotherapy, rosa))

    assert "It books nothing and lifts nothing" in words(shown)
    assert "Bruising, left thigh since" in words(shown)
    session = Session.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("session", args=[session.pk]))
    assert said(answer) == ["Written down as a deviation. Now the record of what was done."]
    record = words(client.get(answer.url))
    assert "Given in spite of what stood against it Deviation" in record
    assert REASON in record
    chart = words(client.get(reverse("chart", args=[amara.pk])))
    assert f"Given in spite of what stood against it, decided by Rosa Lind: {REASON}" in chart


def test_sent_twice_it_is_one(amara, bruised, mesotherapy, rosa):
    client, sent = browser(rosa), typed(mesotherapy, rosa, once="one-page")

    answers = [client.post(page(amara), sent) for _ in range(2)]

    assert [answer.url for answer in answers] == [reverse("session", args=[Session.objects.get().pk])] * 2


def test_past_midnight_it_ended_on_the_day_after(amara, bruised, mesotherapy, rosa):
    begun = ago(days=3)

    browser(rosa).post(page(amara), typed(mesotherapy, rosa, date=f"{begun:%Y-%m-%d}", time="23:30", until="00:15"))

    visit = Deviation.objects.get().appointment
    assert visit.ends_at - visit.starts_at == dt.timedelta(minutes=45)
    assert visit.starts_at.astimezone(LONDON).time() == dt.time(23, 30)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"reason": " "}, "reason", "Say why it was given in spite of what stood against it."),
        ({"decided_by": NOBODY}, "decided_by", "Choose one of the practitioners."),
        ({"treatment": NOBODY}, "treatment", "Choose one of the clinic's mesotherapies."),
        ({"until": "noon"}, "until", "That is not a time of day."),
        ({"until": "10:00"}, "ends_at", "It ends after it begins."),
        ({"date": "2036-01-01"}, "ends_at", "A deviation is written down once it is over, never ahead."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(wrong, field, sentence, amara, bruised, mesotherapy, rosa):
    answer = browser(rosa).post(page(amara), typed(mesotherapy, rosa, reason="Because of it") | wrong)

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert sentence in words(answer).replace("’", "'")
    assert wrong.get("reason", "Because of it") in answer.content.decode()
    assert not Appointment.objects.exists()


def test_the_held_visits_time_is_filled_in_and_it_stays(amara, mesotherapy, rosa, reception):
    visit = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=ago(hours=3), now=ago(5)
    )
    make_side_effect(patient=amara, by=rosa, now=ago(4))

    shown = browser(rosa).get(f"{page(amara)}?visit={visit.pk}")

    assert shown.context["form"]["time"].value() == visit.starts_at.astimezone(LONDON).time().replace(microsecond=0)
    assert "stays on hold" in words(shown)


@pytest.mark.parametrize("visit", ["x", NOBODY])
def test_a_visit_that_is_not_theirs_is_no_matter(visit, amara, rosa, bruised, mesotherapy):
    assert browser(rosa).get(f"{page(amara)}?visit={visit}").status_code == 200


def test_an_unknown_patient_is_not_found(rosa, mesotherapy):
    assert browser(rosa).get(f"/patients/{NOBODY}/deviation/").status_code == 404


def test_the_chart_leads_practitioners_to_it_and_nobody_else(amara, rosa, manager, reception):
    leads = [links(browser(one).get(reverse("chart", args=[amara.pk])), "deviation-record", amara.pk)
             for one in (rosa, manager, reception)]  # fmt: skip

    assert leads == [True, False, False]
    assert not Refusal.objects.exists()
