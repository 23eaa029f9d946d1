import datetime as dt
from urllib.parse import parse_qs

import pytest

from clinic.models import Refusal
from tests.factories import (
    make_patient,
    make_practitioner,
    make_room,
    make_side_effect,
    make_site,
    make_treatment,
)
from tests.pages.desk import booked, signed_in, statements, today_at, words
from treatments.models import Appointment
from treatments.models.treatment import Family

SOON = today_at(10, days=2)


def typed(treatment, practitioner, at: dt.datetime = SOON, **more: object) -> dict[str, object]:
    return {
        "treatment": treatment.pk,
        "practitioner": practitioner.pk,
        "date": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M}",
    } | more


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def offered(response) -> list[str]:
    return [str(words) for value, words in response.context["form"].fields["practitioner"].widget.choices if value]


def refusals() -> list[tuple[str, str, str]]:
    return [(refusal.door, refusal.operation, refusal.code) for refusal in Refusal.objects.all()]


# --- Booking ----------------------------------------------------------------------------------------------------------


def test_a_booking_leads_to_the_chart_which_says_what_was_booked(amara, mesotherapy, rosa, room, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(mesotherapy, rosa, room=room.pk))

    made = Appointment.objects.get()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert told(response) == [f"Booked: Mesotherapy, {SOON:%a} {SOON.day} {SOON:%b} 10:00 with Rosa Lind."]
    assert (made.patient, made.treatment, made.practitioner, made.room) == (amara, mesotherapy, rosa, room)
    assert (made.starts_at, made.ends_at, made.status) == (SOON, SOON + dt.timedelta(hours=1), "booked")
    assert (made.created_by, made.history.get().history_user) == (reception, reception)


def test_a_form_sent_twice_books_once_and_leads_to_the_same(amara, consultation, rosa, reception):
    client = signed_in(reception)

    answers = [client.post(f"/patients/{amara.pk}/book/", typed(consultation, rosa, once="abc")) for _ in range(2)]

    assert Appointment.objects.count() == 1
    assert [(one.status_code, told(one)[-1]) for one in answers] == [(302, told(answers[0])[0])] * 2


def test_the_same_form_with_another_time_books_the_other_time_too(amara, consultation, rosa, reception):
    client = signed_in(reception)

    client.post(f"/patients/{amara.pk}/book/", typed(consultation, rosa, once="abc"))
    client.post(f"/patients/{amara.pk}/book/", typed(consultation, rosa, once="abc", time="12:00"))

    assert [f"{one.starts_at.astimezone(SOON.tzinfo):%H:%M}" for one in Appointment.objects.all()] == ["10:00", "12:00"]


def test_a_patient_bruised_meanwhile_is_refused_with_what_was_typed_kept_for_the_review(
    amara, mesotherapy, bruise_review, rosa, reception
):
    make_side_effect(patient=amara, by=reception, now=today_at(0))

    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(mesotherapy, rosa))

    assert response.status_code == 409
    assert not Appointment.objects.exists()
    assert refusals() == [("page", "book_appointment", "bruising-reported")]
    assert "Not yet: bruising is reported and not yet seen" in words(response)
    assert "It was not booked." in words(response)
    assert parse_qs(response.context["instead"][0]["query"]) == {
        name: [str(value)] for name, value in typed(bruise_review, rosa).items()
    }


def test_an_untrained_practitioner_is_refused_and_stays_chosen(amara, mesotherapy, rosa, omar, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(mesotherapy, omar))

    assert response.status_code == 409
    assert refusals() == [("page", "book_appointment", "practitioner-not-trained")]
    assert "It was not booked Omar Aziz has no valid mesotherapy training record" in words(response)
    assert offered(response) == ["Rosa Lind", "Omar Aziz (no training record that day)"]
    assert response.context["form"]["practitioner"].value() == str(omar.pk)
    assert not Appointment.objects.exists()


def test_taken_times_are_refused_with_every_reason_and_what_was_typed_stays(
    amara, jonas, consultation, rosa, room, reception
):
    booked(jonas, consultation, rosa, reception, SOON)

    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa, room=room.pk))

    assert response.status_code == 409
    assert [blocker.code for blocker in response.context["refused"].blockers] == ["practitioner-busy"]
    assert "Rosa Lind is taken from 10:00 to 10:30. Choose another time." in words(response)
    form = response.context["form"]
    assert (form["time"].value(), form["room"].value()) == ("10:00", str(room.pk))
    assert Appointment.objects.count() == 1


def test_back_to_back_is_booked(amara, jonas, consultation, rosa, reception):
    booked(jonas, consultation, rosa, reception, SOON)

    response = signed_in(reception).post(
        f"/patients/{amara.pk}/book/", typed(consultation, rosa, SOON + dt.timedelta(minutes=30))
    )

    assert response.status_code == 302


@pytest.mark.parametrize(
    "wrong, field, sentence",
    [
        ({"date": ""}, "date", "Choose a day."),
        ({"date": "2026-02-30"}, "date", "That is not a day of the calendar."),
        ({"date": "9999-12-31"}, "date", "That is not a day of the calendar."),
        ({"time": ""}, "time", "Choose a time."),
        ({"time": "25:00"}, "time", "That is not a time of day."),
        ({"practitioner": ""}, "practitioner", "Choose a practitioner."),
        ({"room": "00000000-0000-4000-8000-000000000000"}, "room", "Choose one of the rooms."),
        ({"date": "2020-01-06"}, "starts_at", "That time has passed."),
        ({"date": "2099-01-06"}, "starts_at", "That is more than three years ahead."),
        (
            {"date": "2027-03-28", "time": "01:30"},
            "starts_at",
            "On 28 Mar 2027 the clocks go forward, and 01:30 does not exist. Choose another time.",
        ),
    ],
)
def test_what_cannot_be_a_time_or_place_has_a_sentence_beside_it(
    wrong, field, sentence, amara, consultation, rosa, reception
):
    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa) | wrong)

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert sentence in words(response)
    assert response.context["form"]["treatment"].value() == str(consultation.pk)
    assert not Appointment.objects.exists()
    assert not Refusal.objects.exists()


def test_a_wrong_time_is_tied_to_both_of_its_fields(amara, consultation, rosa, reception):
    page = (
        signed_in(reception)
        .post(f"/patients/{amara.pk}/book/", typed(consultation, rosa) | {"date": "2020-01-06"})
        .content.decode()
    )

    assert page.count('aria-describedby="id_starts_at_error"') == 2
    assert page.count('id="id_starts_at_error"') == 1


def test_the_hour_that_comes_twice_is_its_first(amara, consultation, rosa, reception):
    autumn = {"date": "2027-10-31", "time": "01:30"}

    signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa) | autumn)

    assert Appointment.objects.get().starts_at == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)


def test_the_time_typed_is_the_readers_sites(amara, consultation, rosa, reception):
    reception.site = make_site("Tokyo")
    reception.site.time_zone = "Asia/Tokyo"
    reception.site.save()
    reception.save()

    signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa))

    assert Appointment.objects.get().starts_at == SOON.replace(tzinfo=None).replace(
        tzinfo=dt.timezone(dt.timedelta(hours=9))
    )


def test_a_treatment_no_longer_offered_is_not_booked(amara, consultation, rosa, reception):
    consultation.is_active = False
    consultation.save()

    response = signed_in(reception).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa))

    assert response.status_code == 422
    assert response.context["form"].errors == {"treatment": ["That treatment is no longer offered."]}


def test_a_room_out_of_use_is_not_offered(amara, consultation, rosa, reception):
    kept, closed = make_room("Room 1"), make_room("Room 2")
    closed.is_active = False
    closed.save()

    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?treatment={consultation.pk}")

    choices = response.context["form"].fields["room"].choices
    assert [label for value, label in choices] == ["No room", "Room 1, High Street"]
    assert [value.value for value, label in choices if value] == [kept.pk]


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_a_manager_books_nothing(amara, consultation, rosa, manager):
    client = signed_in(manager)

    assert client.get(f"/patients/{amara.pk}/book/").status_code == 403
    assert client.post(f"/patients/{amara.pk}/book/", typed(consultation, rosa)).status_code == 403
    assert not Appointment.objects.exists()


def test_a_superuser_without_a_role_books_nothing(amara, consultation, rosa, superuser):
    assert signed_in(superuser).post(f"/patients/{amara.pk}/book/", typed(consultation, rosa)).status_code == 403


def test_an_unknown_patient_is_not_found(reception):
    assert signed_in(reception).get("/patients/00000000-0000-4000-8000-000000000000/book/").status_code == 404


def test_the_page_costs_the_same_for_many_taken_times_and_practitioners(amara, mesotherapy, rosa, reception):
    address = f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}&practitioner={rosa.pk}&date={SOON:%Y-%m-%d}"
    booked(make_patient(reception, "One", "More"), mesotherapy, rosa, reception, SOON)
    make_room("Room 1")
    client = signed_in(reception)
    with statements() as for_one:
        client.get(address)
    for number in range(3):
        booked(
            make_patient(reception, "Yet", f"Another{number}"),
            mesotherapy,
            rosa,
            reception,
            SOON + dt.timedelta(hours=2 + number),
        )
        make_practitioner(f"Other {number}")
        make_room(f"Another {number}")
        make_treatment(Family.OTHER)

    with statements() as for_more:
        client.get(address)

    assert len(for_more) == len(for_one) <= 12
