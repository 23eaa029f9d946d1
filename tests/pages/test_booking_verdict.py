import datetime as dt
from urllib.parse import parse_qs

import pytest

from tests.factories import (
    make_gone,
    make_practitioner,
    make_side_effect,
    make_treatment,
    train,
)
from tests.pages.desk import booked, buttons, signed_in, today_at, words
from treatments.models.treatment import Family
from treatments.side_effects import enter_in_error

SOON = today_at(10, days=2)


def typed(treatment, practitioner, at: dt.datetime = SOON, **more: object) -> dict[str, object]:
    return {
        "treatment": treatment.pk,
        "practitioner": practitioner.pk,
        "date": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M}",
    } | more


def offered(response) -> list[str]:
    return [str(words) for value, words in response.context["form"].fields["practitioner"].widget.choices if value]


# --- The verdict, before a time is looked for -------------------------------------------------------------------------


def test_before_a_treatment_is_chosen_there_is_nothing_to_say(amara, mesotherapy, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/book/")

    assert response.status_code == 200
    assert "verdict" not in response.context
    assert "Choose the treatment; whether it can be booked, and when, shows at once." in words(response)
    assert "<title>Book for Amara Okafor · Allclear</title>" in response.content.decode()


def test_never_checked_is_said_and_can_be_booked(amara, mesotherapy, rosa, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")

    assert "No recorded hold on mesotherapy Not checked since the last mesotherapy session" in words(response)
    assert response.context["bookable"] is True


def test_while_bruised_the_reason_and_what_to_do_instead_stand_there_at_once(
    amara, mesotherapy, consultation, bruise_review, rosa, reception
):
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", note="size of a plum", now=today_at(0))

    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}&date=2026-12-01")

    assert "bookable" not in response.context
    said = words(response)
    assert "Not yet: no mesotherapy while bruising is present" in said
    assert f"Bruising since {today_at().day} {today_at():%b}, practitioner review needed." in said
    assert "Lifts when: A practitioner records the bruise as gone, in person or from a new photo." in said
    assert "thigh" not in said
    assert "plum" not in said
    queries = [parse_qs(one["query"]) for one in response.context["instead"]]
    assert queries == [
        {"treatment": [str(bruise_review.pk)], "date": ["2026-12-01"]},
        {"treatment": [str(consultation.pk)], "date": ["2026-12-01"]},
    ]
    assert "Book a bruise review instead Book a consultation instead" in said
    assert "No recorded hold" not in said


def test_a_practitioner_reads_where_the_bruise_is(amara, mesotherapy, rosa):
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=today_at(0))

    assert "Left thigh: bruising since" in words(
        signed_in(rosa).get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")
    )


@pytest.mark.parametrize(
    "kind, by, headline",
    [
        ("bruising", "reception", "Not yet: bruising is reported and not yet seen"),
        ("infection", "reception", "Not yet: no mesotherapy while infection is suspected"),
    ],
)
def test_what_is_only_reported_or_suspected_refuses_as_well(kind, by, headline, amara, mesotherapy, reception):
    make_side_effect(patient=amara, by=reception, kind=kind, now=today_at(0))

    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")

    assert headline in words(response)
    assert "bookable" not in response.context


@pytest.mark.parametrize("family", [Family.CONSULTATION, Family.REVIEW, Family.OTHER])
def test_while_bruised_anything_else_is_bookable_and_no_clearance_is_claimed(family, amara, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=today_at(0))
    treatment = make_treatment(family, "Something else")

    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={treatment.pk}")

    assert response.context["bookable"] is True
    assert "No recorded hold" not in words(response)


def test_near_misses_of_the_refusal_are_bookable(amara, jonas, mesotherapy, rosa, reception):
    client = signed_in(reception)
    make_side_effect(patient=jonas, by=rosa, now=today_at(0))
    make_side_effect(patient=amara, by=rosa, kind="swelling", now=today_at(0))
    make_gone(make_side_effect(patient=amara, by=rosa, now=today_at(0)), rosa, now=today_at(0, 1))
    enter_in_error(side_effect=make_side_effect(patient=amara, by=rosa, now=today_at(0, 2)), reason="typo", by=rosa)

    response = client.get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")

    assert response.context["verdict"].allowed is True
    assert "No recorded hold on mesotherapy No open bruising, and looked for since the last session." in words(response)


def test_held_appointments_can_be_turned_into_a_review_from_here(amara, mesotherapy, bruise_review, rosa, reception):
    held = booked(amara, mesotherapy, rosa, reception, SOON)
    make_side_effect(patient=amara, by=rosa, now=today_at(0))
    client = signed_in(reception)

    response = client.get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")
    client.post(f"/appointments/{held.pk}/review-instead/")

    held.refresh_from_db()
    assert list(response.context["held"]) == [held]
    assert f"/appointments/{held.pk}/review-instead/" in buttons(response)
    assert (held.treatment, held.stood_for, held.status, held.starts_at) == (bruise_review, mesotherapy, "booked", SOON)


# --- Who, and what is taken -------------------------------------------------------------------------------------------


def test_only_who_is_trained_that_day_is_offered_for_mesotherapy(
    amara, mesotherapy, consultation, rosa, omar, reception
):
    train(omar, until=SOON.date())
    client = signed_in(reception)
    make_practitioner("Freya Holm", trained=False)

    def page(treatment, day: dt.datetime):
        return client.get(f"/patients/{amara.pk}/book/?treatment={treatment.pk}&date={day:%Y-%m-%d}")

    assert offered(page(mesotherapy, SOON)) == ["Omar Aziz", "Rosa Lind"]
    # Trained today and no longer on that day: it can be booked ahead, and says so.
    lapses = f"Omar Aziz (training ends {SOON.day} {SOON:%b})"
    assert offered(page(mesotherapy, SOON + dt.timedelta(days=1))) == ["Rosa Lind", lapses]
    assert offered(page(consultation, SOON)) == ["Freya Holm", "Omar Aziz", "Rosa Lind"]


def test_where_nobody_is_trained_the_page_says_so(amara, mesotherapy, omar, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")

    assert offered(response) == []
    assert "No trained practitioner: nobody has a valid mesotherapy training record for this day." in words(response)


def test_a_practitioners_taken_times_of_the_day_are_not_among_the_free(
    amara, jonas, consultation, rosa, omar, reception
):
    booked(jonas, consultation, rosa, reception, SOON)
    booked(jonas, consultation, rosa, reception, SOON + dt.timedelta(days=1))
    booked(amara, consultation, omar, reception, SOON + dt.timedelta(hours=1))

    response = signed_in(reception).get(
        f"/patients/{amara.pk}/book/?treatment={consultation.pk}&practitioner={rosa.pk}&date={SOON:%Y-%m-%d}"
    )

    first = response.context["offered"].days[0].people[0]
    starts = [offer.clock for offer in first.every if "09:00" <= offer.clock <= "12:00"]
    # Rosa is taken at 10, Amara herself (with Omar) at 11.
    assert (first.practitioner, first.every[0].on) == (rosa, SOON.date())
    assert starts == ["09:00", "09:15", "09:30", "10:30", "11:30", "11:45", "12:00"]
    assert "Jonas" not in words(response)


def test_a_practitioner_books_with_themselves_unless_they_say_otherwise(amara, consultation, rosa, omar):
    response = signed_in(rosa).get(f"/patients/{amara.pk}/book/?treatment={consultation.pk}")

    assert response.context["form"]["practitioner"].value() == str(rosa.pk)


@pytest.mark.parametrize(
    "query",
    ["treatment=x", "treatment=\x00", "date=9999-12-31", "date=0001-01-01", "practitioner=x", "time=25:00&room=x"],
)
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(query, amara, consultation, rosa, reception):
    client = signed_in(reception)

    assert client.get(f"/patients/{amara.pk}/book/?{query}").status_code == 200
    assert client.get(f"/patients/{amara.pk}/book/?treatment={consultation.pk}&{query}").status_code == 200
