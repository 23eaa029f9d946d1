"""A practitioner's private calendar address: what stands under it, who makes it, and when it is no longer answered."""

import datetime as dt
import logging
import re
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from clinic.calendar_addresses import digest_of, make_calendar_address, new_token, revoke_calendar_address
from clinic.log_filters import WithoutCalendarTokens
from clinic.models import AuditEvent, CalendarAddress, Site, Staff
from tests.factories import make_patient, make_practitioner, make_side_effect
from tests.pages.desk import booked, signed_in, statements, today_at, words
from treatments.booking import cancel_appointment, move_appointment
from treatments.calendar_feed import initials


def address_of(staff: Staff, by: Staff | None = None) -> str:
    token = new_token()
    make_calendar_address(staff=staff, token=token, by=by or staff)
    return f"/calendar/{token}.ics"


def read(address: str) -> Calendar:
    response = Client().get(address)
    assert response.status_code == 200, response.content
    return Calendar.from_ical(response.content)


def events(address: str) -> list[Event]:
    return sorted(read(address).walk("VEVENT"), key=lambda event: event["dtstart"].dt)


@pytest.fixture
def ahead(amara, mesotherapy, rosa, reception):
    return booked(amara, mesotherapy, rosa, reception, today_at(10, days=2))


# --- What a calendar reads -------------------------------------------------------------------------------------------


def test_it_holds_time_initials_and_treatment_and_nothing_else_of_the_patient(ahead, rosa, amara):
    address = address_of(rosa)
    (event,) = events(address)

    assert str(event["summary"]) == "A. O. · Mesotherapy"
    assert (event["dtstart"].dt, event["dtend"].dt) == (ahead.starts_at, ahead.ends_at)
    assert (str(event["uid"]), str(event["status"])) == (f"{ahead.pk}@allclear", "CONFIRMED")
    whole = Client().get(address).content.decode()
    for secret in ("Amara", "Okafor", amara.number, amara.phone, str(amara.pk), "1988"):
        assert secret not in whole


def test_it_names_the_sites_zone_with_its_rules(ahead, rosa):
    calendar = read(address_of(rosa))

    (zone,) = calendar.walk("VTIMEZONE")
    (event,) = calendar.walk("VEVENT")
    assert str(zone["tzid"]) == event["dtstart"].params["TZID"] == "Europe/London"
    assert {part.name for part in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}
    assert event["dtstart"].dt.hour == 10


def test_each_site_is_on_its_own_clock(ahead, rosa, amara, consultation, reception):
    auckland = Site.objects.create(name="Auckland", time_zone="Pacific/Auckland", closes_at=dt.time(0))
    far = booked(amara, consultation, make_practitioner(site=auckland), reception, today_at(22, days=3))
    far.practitioner = rosa
    far.save()

    calendar = read(address_of(rosa))

    assert sorted(str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")) == ["Europe/London", "Pacific/Auckland"]
    there = next(event for event in calendar.walk("VEVENT") if str(event["uid"]).startswith(str(far.pk)))
    assert there["dtstart"].dt == far.starts_at.astimezone(ZoneInfo("Pacific/Auckland"))


def test_on_hold_is_tentative_and_cancelled_is_left_out(ahead, rosa, amara, jonas, consultation, reception):
    cancelled = booked(jonas, consultation, rosa, reception, today_at(15, days=2))
    cancel_appointment(appointment=cancelled, by=reception)
    make_side_effect(patient=amara, by=rosa)

    assert [str(event["status"]) for event in events(address_of(rosa))] == ["TENTATIVE"]


def test_moved_it_keeps_its_uid(ahead, rosa, reception):
    address = address_of(rosa)
    before = events(address)[0]
    moved = move_appointment(appointment=ahead, starts_at=today_at(11, days=4), by=reception)

    (after,) = events(address)

    assert (after["uid"], after["dtstart"].dt) == (before["uid"], moved.starts_at)


def test_sixty_days_back_and_a_year_ahead(rosa, amara, consultation, reception):
    for days in (-61, -59, 365, 368):
        booked(amara, consultation, rosa, reception, today_at(12, days=days))

    assert len(events(address_of(rosa))) == 2


def test_it_is_theirs_alone(ahead, rosa, jonas, consultation, reception):
    nia = make_practitioner("Nia Cole")
    booked(jonas, consultation, nia, reception, today_at(10, days=2))

    assert [str(event["summary"]) for event in events(address_of(nia))] == ["J. W. · Consultation"]


def test_an_empty_diary_is_a_calendar_too(rosa):
    assert read(address_of(rosa)).walk("VEVENT") == []


def test_initials_of_odd_names(reception):
    assert initials(make_patient(reception, "mary ann", "o'Brien-Smith")) == "M. O."
    assert initials(make_patient(reception, "Łukasz", "Żak")) == "Ł. Ż."


def test_no_cache_keeps_it_and_no_search_engine_lists_it(rosa):
    response = Client().get(address_of(rosa))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies


def test_three_appointments_cost_what_one_does(ahead, rosa, jonas, consultation, reception):
    address = address_of(rosa)
    read(address)
    with statements() as for_one:
        read(address)
    booked(jonas, consultation, rosa, reception, today_at(15, days=2))
    booked(jonas, consultation, rosa, reception, today_at(15, days=5))

    with statements() as for_three:
        read(address)

    assert len(for_three) == len(for_one) == 3  # the address, the trail, the diary


# --- Who reads it ----------------------------------------------------------------------------------------------------


def test_reading_is_in_the_trail_once_an_hour(rosa):
    address = address_of(rosa)
    for _ in range(3):
        read(address)

    event = AuditEvent.objects.get(kind="record-read")
    assert (event.subject, event.subject_id, event.actor, event.door) == (
        "calendar-address",
        CalendarAddress.objects.get().pk,
        rosa,
        "calendar",
    )


def test_an_hour_later_it_is_in_the_trail_again(rosa):
    from treatments.views.calendar import _keep_reading

    address, request = address_of(rosa), None
    read(address)

    for minutes in (59, 61):
        _keep_reading(request, CalendarAddress.objects.get(), timezone.now() + dt.timedelta(minutes=minutes))

    assert AuditEvent.objects.filter(kind="record-read").count() == 2


def test_revoked_it_is_not_found_and_another_one_still_is(rosa):
    first, second = address_of(rosa), address_of(rosa)
    one = CalendarAddress.objects.get(digest=digest_of(first.split("/")[-1].removesuffix(".ics")))

    for _ in range(2):
        revoke_calendar_address(address=one, by=rosa)

    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    assert AuditEvent.objects.filter(kind="token-revoked").count() == 1


@pytest.mark.parametrize("column", ["is_active", "is_practitioner"])
def test_of_somebody_who_left_it_is_not_found(column, rosa):
    address = address_of(rosa)
    setattr(rosa, column, False)
    rosa.save()

    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "x" * 43, "é" * 43, "..", "%00", "a" * 4000])
def test_a_wrong_one_is_not_found_by_one_statement(token, rosa):
    with statements() as wrong:
        response = Client().get(f"/calendar/{token}.ics")

    assert response.status_code == 404
    assert response["Cache-Control"] == "private, no-store"
    assert len(wrong) == 1


def test_a_revoked_one_costs_what_a_wrong_one_does(rosa):
    address = address_of(rosa)
    revoke_calendar_address(address=CalendarAddress.objects.get(), by=rosa)

    with statements() as revoked:
        Client().get(address)

    assert len(revoked) == 1


def test_it_answers_reading_only_and_needs_no_sign_in(rosa):
    assert Client().head(address_of(rosa)).status_code == 200
    assert Client().post(address_of(rosa)).status_code == 405
    assert Client().get("/calendar-addresses/").status_code == 302


def test_its_token_is_in_no_log(rosa, caplog):
    address = address_of(rosa)
    revoke_calendar_address(address=CalendarAddress.objects.get(), by=rosa)
    with caplog.at_level(logging.DEBUG):
        Client().get(address)

    assert [record.getMessage() for record in caplog.records if record.name == "django.request"] == [
        "Not Found: /calendar/…"
    ]
    assert address.split("/")[-1] not in caplog.text


def test_the_log_of_other_addresses_is_left_alone():
    record = logging.LogRecord("django.request", 30, "", 0, "%s: %s", ("Not Found", "/patients/1/"), None)

    assert WithoutCalendarTokens().filter(record)
    assert record.getMessage() == "Not Found: /patients/1/"


# --- Made, shown once, revoked ---------------------------------------------------------------------------------------


def shown(response) -> str:
    return re.search(r'value="http://testserver(/calendar/[^"]+\.ics)"', response.content.decode()).group(1)


def test_a_practitioner_makes_one_and_it_is_shown_once(ahead, rosa):
    client = signed_in(rosa)

    response = client.post(f"/calendar-addresses/{rosa.pk}/make/")

    assert response.status_code == 201
    assert len(events(shown(response))) == 1
    token = shown(response).split("/")[-1].removesuffix(".ics")
    assert token not in client.get("/calendar-addresses/").content.decode()
    kept = CalendarAddress.objects.get()
    assert (kept.digest, kept.created_by) == (digest_of(token), rosa)
    assert AuditEvent.objects.get(kind="token-issued").subject_id == kept.pk
    assert token not in str(list(AuditEvent.objects.values()))


def test_sent_twice_it_makes_one_and_does_not_show_another(rosa):
    client = signed_in(rosa)

    first, second = (client.post(f"/calendar-addresses/{rosa.pk}/make/", {"once": "abc"}) for _ in range(2))

    assert (first.status_code, second.status_code, CalendarAddress.objects.count()) == (201, 302, 1)
    assert "made and shown a moment ago" in words(client.get("/calendar-addresses/"))


def test_a_manager_makes_one_for_them_and_it_says_so(rosa, manager):
    client = signed_in(manager)

    response = client.post(f"/calendar-addresses/{rosa.pk}/make/")

    assert "Rosa Lind's new address" in words(response)
    assert "by Maud Keane" in words(client.get("/calendar-addresses/"))


def test_a_practitioner_keeps_their_own_only(rosa, omar):
    address_of(omar)
    client = signed_in(rosa)

    assert "Omar" not in words(client.get("/calendar-addresses/"))
    assert client.post(f"/calendar-addresses/{omar.pk}/make/").status_code == 404
    assert client.post(f"/calendar-addresses/{CalendarAddress.objects.get().pk}/revoke/").status_code == 404


def test_reception_has_none(reception, rosa):
    client = signed_in(reception)

    assert client.get("/calendar-addresses/").status_code == 403
    assert client.post(f"/calendar-addresses/{rosa.pk}/make/").status_code == 403


def test_ten_are_enough(rosa):
    for _ in range(10):
        address_of(rosa)
    client = signed_in(rosa)

    response = client.post(f"/calendar-addresses/{rosa.pk}/make/", follow=True)

    assert "Rosa Lind has 10 addresses already; revoke one that is not used." in words(response)
    client.post(f"/calendar-addresses/{CalendarAddress.objects.first().pk}/revoke/")
    assert client.post(f"/calendar-addresses/{rosa.pk}/make/").status_code == 201
