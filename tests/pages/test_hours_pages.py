import datetime as dt

import pytest

from clinic.models import ClosedDay, WorkingHours
from tests.factories import make_practitioner, make_site
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(manager):
    return signed_in(manager)


def typed(site, **more: object) -> dict[str, object]:
    return {"weekdays": ["0", "1"], "site": str(site.pk), "starts_at": "09:00", "ends_at": "13:00"} | more


def day(ahead: int) -> str:
    return f"{today_at(days=ahead):%Y-%m-%d}"


def test_a_manager_keeps_a_practitioners_week(client, rosa, site):
    address = f"/hours/people/{rosa.pk}/"

    client.post(address, typed(site))
    response = client.post(address, typed(site, starts_at="13:45", ends_at="24:00", weekdays=["1"]), follow=True)

    assert response.redirect_chain == [(address, 302)]
    assert [str(row) for row in WorkingHours.objects.all()] == [
        "Monday 09:00–13:00",
        "Tuesday 09:00–13:00",
        "Tuesday 13:45–00:00",
    ]
    said = words(client.get("/hours/"))
    assert "Mon 09:00–13:00 Tue 09:00–13:00, 13:45–00:00" in said


def test_who_has_no_hours_is_said_to_work_while_the_site_is_open(client, rosa):
    assert "None kept: works while the site is open" in words(client.get("/hours/"))
    assert "No hours are kept for Rosa Lind" in words(client.get(f"/hours/people/{rosa.pk}/"))


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"weekdays": []}, "Choose at least one day of the week."),
        ({"weekdays": ["9"]}, "Choose days of the week."),
        ({"weekdays": ["Monday"]}, "Choose days of the week."),
        ({"starts_at": ""}, "Say from when."),
        ({"ends_at": ""}, "Say until when."),
        ({"starts_at": "half nine"}, "That is not a time of day."),
        ({"ends_at": "08:00"}, "The hours end before they begin."),
        ({"site": ""}, "Choose a site."),
        ({"site": NOBODY}, "Choose one of the sites."),
        ({"valid_from": "2026-13-01"}, "That is not a day of the calendar."),
        ({"valid_from": "2026-12-01", "valid_until": "2026-11-01"}, "The last day is before the first."),
        (
            {"starts_at": "12:30", "ends_at": "14:00"},
            "Rosa Lind works 09:00–13:00 on Mondays already; change that one.",
        ),
    ],
)
def test_what_is_wrong_has_a_sentence_and_what_was_typed_stays(wrong, sentence, client, rosa, site):
    address = f"/hours/people/{rosa.pk}/"
    client.post(address, typed(site, weekdays=["0"]))

    response = client.post(address, typed(site) | wrong)

    assert response.status_code == 422
    assert sentence in words(response)
    assert WorkingHours.objects.count() == 1


def test_a_stretch_is_changed_and_removed(client, rosa, site, manager):
    client.post(f"/hours/people/{rosa.pk}/", typed(site, weekdays=["0"]))
    row = WorkingHours.objects.get()
    form = client.get(f"/hours/stretches/{row.pk}/").context["form"]
    assert (form["starts_at"].value(), "weekdays" in form.fields) == (dt.time(9), False)

    client.post(f"/hours/stretches/{row.pk}/", typed(site, starts_at="10:00", valid_until="2030-01-01"))
    row.refresh_from_db()
    assert (str(row), row.valid_until, row.history.first().history_user) == (
        "Monday 10:00–13:00",
        dt.date(2030, 1, 1),
        manager,
    )
    removal = f"/hours/people/{rosa.pk}/{row.pk}/remove/"
    assert removal in buttons(client.get(f"/hours/people/{rosa.pk}/"))
    for _ in range(2):
        assert client.post(removal).status_code == 302
    assert not WorkingHours.objects.exists()


def test_sent_twice_it_is_kept_once(client, rosa, site):
    for _ in range(2):
        assert client.post(f"/hours/people/{rosa.pk}/", typed(site, weekdays=["0"], once="abc")).status_code == 302

    assert WorkingHours.objects.count() == 1


def test_the_sites_opening_times_are_kept(client, site):
    address = f"/hours/sites/{site.pk}/"

    saved = client.post(address, {"opens_at": "09:00", "closes_at": "18:30"})
    wrong = client.post(address, {"opens_at": "09:00", "closes_at": "08:30"})

    site.refresh_from_db()
    assert (saved.status_code, site.opens_at, site.closes_at) == (302, dt.time(9), dt.time(18, 30))
    assert (wrong.status_code, "It closes before it opens." in words(wrong)) == (422, True)


def test_a_day_is_closed_and_opened_again(client, site, manager):
    address = f"/hours/sites/{site.pk}/"

    closed = client.post(address, {"first": day(3), "last": "", "reason": "burst pipe"}, follow=True)

    row = ClosedDay.objects.get()
    assert (row.site, f"{row.day}", row.history.get().history_user) == (site, day(3), manager)
    assert "burst pipe" in words(closed)
    client.post(f"{address}closed/{row.pk}/remove/")
    assert not ClosedDay.objects.exists()


def test_how_many_appointments_stay_booked_on_a_closed_day_is_said(
    client, site, amara, jonas, rosa, consultation, reception
):
    booked(amara, consultation, rosa, reception, today_at(0, days=3))
    booked(jonas, consultation, rosa, reception, today_at(0, days=4))

    one = client.post(f"/hours/sites/{site.pk}/", {"first": day(3)}, follow=True)
    none = client.post(f"/hours/sites/{site.pk}/", {"first": day(5)}, follow=True)

    assert "1 appointment stays booked, to be moved." in words(one)
    assert "booked" not in words(none)


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"first": ""}, "Choose a day."),
        ({"first": day(-2)}, "That day has passed."),
        ({"first": day(5), "last": day(4)}, "The last day is before the first."),
        ({"first": day(5), "last": day(50)}, "That is more than 31 days; close it in parts."),
    ],
)
def test_a_day_that_cannot_be_closed_has_a_sentence(wrong, sentence, client, site):
    response = client.post(f"/hours/sites/{site.pk}/", {"first": day(3), "last": "", "reason": ""} | wrong)

    assert (response.status_code, sentence in words(response)) == (422, True)
    assert not ClosedDay.objects.exists()


def test_the_overview_costs_the_same_for_three_as_for_one(client, rosa, site):
    client.post(f"/hours/people/{rosa.pk}/", typed(site))
    with statements() as for_one:
        client.get("/hours/")
    for name in ("Nia Cole", "Freya Holm"):
        client.post(f"/hours/people/{make_practitioner(name).pk}/", typed(make_site(name)))

    with statements() as for_three:
        client.get("/hours/")

    assert len(for_three) == len(for_one)


def test_only_a_manager_may(rosa, reception, site):
    for address in ("/hours/", f"/hours/people/{rosa.pk}/", f"/hours/sites/{site.pk}/"):
        assert [signed_in(one).get(address).status_code for one in (reception, rosa)] == [403, 403]
        assert signed_in(reception).post(address, typed(site)).status_code in (403, 405)


@pytest.mark.parametrize("address", ["people", "stretches", "sites"])
def test_unknown_ones_are_not_found(address, client):
    assert client.get(f"/hours/{address}/{NOBODY}/").status_code == 404
