"""A session ends after a while without anybody there, and some hours after it began; what was typed is not lost by it."""

import re

import pytest
from django.test import Client

from clinic.models import AuditEvent, KeptForm, SignInSession, Staff
from patients.models import Patient
from tests.factories import make_staff
from tests.pages.desk import words
from tests.pages.signing import SIGN_IN, app_for, code_of, last_seen, seen_ago, sign_in, signed_in_by_page, told

NEW = "/patients/new/"
TYPED = {"given_name": "Nia", "family_name": "Bevan", "phone": "+44 7700 900789"}
KEPT = re.compile(r"/accounts/login/\?next=(/kept/[0-9a-f-]{36}/)$")


@pytest.fixture
def at_desk(reception):
    return signed_in_by_page(reception)


# --- Time ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes, seconds, holds", [(0, 0, True), (14, 59, True), (15, 1, False), (600, 0, False)])
def test_it_holds_for_fifteen_minutes_without_anybody_there(minutes, seconds, holds, at_desk):
    seen_ago(at_desk, minutes=minutes, seconds=seconds)

    response = at_desk.get("/patients/")

    assert response.status_code == (200 if holds else 302)
    if not holds:
        assert response.url == f"{SIGN_IN}?next=/patients/"


@pytest.mark.parametrize("hours, holds", [(11.9, True), (12.1, False)])
def test_it_holds_for_twelve_hours_however_busy_somebody_is(hours, holds, at_desk):
    seen_ago(at_desk, minutes=0, began_hours=hours)

    assert (at_desk.get("/patients/").status_code == 200) is holds


def test_a_clinic_may_choose_another_time(at_desk, settings):
    settings.SESSION_IDLE_MINUTES = 30
    seen_ago(at_desk, minutes=29)
    assert at_desk.get("/patients/").status_code == 200

    seen_ago(at_desk, minutes=31)
    assert at_desk.get("/patients/").status_code == 302


def test_the_sign_in_page_says_why_once(at_desk):
    seen_ago(at_desk, minutes=16)

    first, second = at_desk.get("/patients/", follow=True), at_desk.get("/patients/", follow=True)

    said = "You were signed out after 15 minutes without anybody at this screen."
    assert said in words(first)
    assert said not in words(second)


def test_it_is_in_the_trail_with_its_reason(at_desk, reception):
    seen_ago(at_desk, minutes=16)
    at_desk.get("/patients/")
    at_desk.get("/patients/")

    assert told("signed-out") == [{"after": "idle"}]
    assert AuditEvent.objects.get(kind="signed-out").actor == reception


def test_the_key_of_the_old_session_opens_nothing_any_more(at_desk):
    old = at_desk.cookies["sessionid"].value
    seen_ago(at_desk, minutes=16)
    at_desk.get("/patients/")

    assert not SignInSession.objects.filter(session_key=old).exists()
    assert at_desk.cookies["sessionid"].value != old


def test_the_api_by_the_browsers_sign_in_ends_too_and_a_token_does_not(at_desk, api, reception):
    program = api(reception)
    seen_ago(at_desk, minutes=16)

    assert at_desk.get("/api/v1/patients/").status_code == 401
    assert program.get("/api/v1/patients/").status_code == 200


def test_the_account_pages_end_too(at_desk):
    seen_ago(at_desk, minutes=16)

    assert at_desk.get("/accounts/password/change/").status_code == 302
    assert at_desk.get("/accounts/2fa/").status_code == 302


# --- Somebody is there ---------------------------------------------------------------------------------------------------


def test_a_page_that_is_opened_counts_as_somebody_there(at_desk):
    seen_ago(at_desk, minutes=14)
    before = last_seen(at_desk)

    at_desk.get("/patients/")

    assert last_seen(at_desk) - before >= 14 * 60


def test_what_a_page_asks_for_by_itself_does_not(at_desk):
    seen_ago(at_desk, minutes=14)
    before = last_seen(at_desk)

    for address in ("/worklists/count/", "/diary/", "/signed-in/left/"):
        assert at_desk.get(address, headers={"x-background": "1"}).status_code in (200, 204)

    assert last_seen(at_desk) == before


def test_it_is_written_at_most_once_a_minute(at_desk):
    seen_ago(at_desk, seconds=50)
    before = last_seen(at_desk)

    at_desk.get("/patients/")

    assert last_seen(at_desk) == before


def test_staying_is_told_to_the_server_by_a_post(at_desk):
    seen_ago(at_desk, minutes=14)

    left = at_desk.get("/signed-in/left/", headers={"x-background": "1"}).json()["left"]
    stayed = at_desk.post("/signed-in/stay/").json()["left"]

    assert 50 <= left <= 60
    assert 890 <= stayed <= 900
    assert at_desk.get("/signed-in/stay/").status_code == 405


def test_who_is_signed_out_has_no_time_left(client, records):
    assert client.get("/signed-in/left/").json() == {"left": 0}
    assert client.post("/signed-in/stay/").json() == {"left": 0}


def test_the_page_says_how_long_it_holds(at_desk, client, records):
    assert re.search(r'data-idle-left="(89\d|900)"', at_desk.get("/patients/").content.decode())
    assert "data-idle-left" not in client.get(SIGN_IN).content.decode()


# --- What was typed ------------------------------------------------------------------------------------------------------


def sent_too_late(at_desk, path: str = NEW, **more: str):
    seen_ago(at_desk, minutes=16)
    return at_desk.post(path, TYPED | more)


def test_a_form_that_is_sent_too_late_is_kept_and_shown_after_the_sign_in(at_desk, reception):
    late = sent_too_late(at_desk)
    address = KEPT.search(late.url)[1]
    asked = at_desk.get(late.url)
    back = sign_in(at_desk, reception, next=address)
    page = at_desk.get(back.url)

    assert not Patient.objects.exists()
    assert "What you typed is kept. Sign in, and you can look at it and save it." in words(asked)
    assert back.url == address
    assert "Given name Nia Family name Bevan Phone +44 7700 900789" in words(page)
    assert "not saved yet" in words(page)


def test_it_is_sent_again_where_it_was_meant_to_go_and_then_kept_no_more(at_desk, reception):
    address = KEPT.search(sent_too_late(at_desk).url)[1]
    sign_in(at_desk, reception)

    saved = at_desk.post(f"{address}save/", TYPED)

    assert (saved.status_code, saved.url) == (307, NEW)
    assert not KeptForm.objects.exists()
    assert at_desk.get(address).status_code == 404


def test_it_is_thrown_away_when_its_writer_says_so(at_desk, reception):
    address = KEPT.search(sent_too_late(at_desk).url)[1]
    sign_in(at_desk, reception)

    assert at_desk.post(f"{address}discard/").url == "/"
    assert not KeptForm.objects.exists()


def test_nobody_else_sees_it_or_takes_it(at_desk, reception):
    address = KEPT.search(sent_too_late(at_desk).url)[1]
    other = signed_in_by_page(make_staff("receptionist"))

    seen, taken = other.get(address), other.post(f"{address}save/", TYPED)
    other.post(f"{address}discard/")

    assert (seen.status_code, taken.status_code) == (404, 404)
    assert "Nothing is kept here for you" in words(seen)
    assert KeptForm.objects.get().staff == reception


def test_it_is_kept_although_another_request_of_the_page_noticed_the_end_first(at_desk, reception):
    seen_ago(at_desk, minutes=16)
    at_desk.get("/worklists/count/", headers={"x-background": "1"})

    assert KEPT.search(at_desk.post(NEW, TYPED).url)
    assert KeptForm.objects.get().staff == reception


def test_by_htmx_it_is_kept_too(at_desk):
    seen_ago(at_desk, minutes=16)

    late = at_desk.post(NEW, TYPED, headers={"hx-request": "true", "hx-current-url": "http://testserver/x/"})

    assert late.status_code == 401
    assert late["HX-Redirect"] == f"{SIGN_IN}?next=/kept/{KeptForm.objects.get().pk}/"


def test_a_script_that_sends_by_itself_keeps_nothing(at_desk):
    seen_ago(at_desk, minutes=16)
    at_desk.post(NEW, TYPED, headers={"sec-fetch-mode": "cors"})
    at_desk.post(NEW, TYPED, headers={"x-background": "1"})

    assert not KeptForm.objects.exists()


def test_passwords_tokens_and_the_pages_own_fields_are_never_kept(at_desk):
    sent_too_late(at_desk, new_password="hunter2", csrfmiddlewaretoken="x" * 32, api_token="t", client_secret="s")

    assert KeptForm.objects.get().fields == {name: [value] for name, value in TYPED.items()}


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/admin/clinic/site/add/", "/nowhere/", "/security/x/"])
def test_some_forms_are_never_kept(path, at_desk):
    sent_too_late(at_desk, path)

    assert not KeptForm.objects.exists()


def test_nobody_in_particular_keeps_nothing(client, records):
    response = client.post(NEW, TYPED, follow=True)

    assert not KeptForm.objects.exists()
    assert "What you typed was not saved; sign in and type it again." in words(response)


def test_who_signed_out_themselves_keeps_nothing(at_desk):
    at_desk.post("/accounts/logout/")
    at_desk.post(NEW, TYPED)

    assert not KeptForm.objects.exists()


def test_after_the_next_sign_in_nothing_more_is_kept_for_the_one_before(at_desk, reception):
    sent_too_late(at_desk)
    other = make_staff("receptionist")
    sign_in(at_desk, other)
    at_desk.post("/accounts/logout/")
    at_desk.post(NEW, TYPED)

    assert KeptForm.objects.count() == 1


def test_nothing_is_kept_for_somebody_deactivated(at_desk, reception):
    seen_ago(at_desk, minutes=16)
    at_desk.get("/patients/")
    Staff.objects.filter(pk=reception.pk).update(is_active=False)
    at_desk.post(NEW, TYPED)

    assert not KeptForm.objects.exists()


def test_another_sites_form_is_not_kept(reception):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(reception)
    seen_ago(stranger, minutes=16)
    stranger.post(NEW, TYPED)

    assert not KeptForm.objects.exists()


@pytest.mark.parametrize("site, mode, kept", [("same-origin", "navigate", 1), ("cross-site", "navigate", 0),
                                              ("same-origin", "cors", 0), ("none", "navigate", 0)])  # fmt: skip
def test_a_page_older_than_the_sign_in_loses_nothing_and_another_site_gains_nothing(site, mode, kept, reception):
    stale = Client(enforce_csrf_checks=True)
    stale.force_login(reception)

    response = stale.post(NEW, TYPED, headers={"sec-fetch-site": site, "sec-fetch-mode": mode})

    assert KeptForm.objects.filter(staff=reception).count() == kept
    assert response.status_code == (302 if kept else 403)
    assert not Patient.objects.exists()


def test_by_way_of_the_second_step_it_is_shown_too(at_desk, reception):
    secret = app_for(reception)
    address = KEPT.search(sent_too_late(at_desk).url)[1]

    asked = sign_in(at_desk, reception, next=address)
    shown = at_desk.post(asked.url, {"code": code_of(secret)})

    assert (asked.url, shown.url) == ("/accounts/2fa/authenticate/", address)
    assert at_desk.get(address).status_code == 200


def test_a_form_that_is_too_long_is_not_kept_and_says_so(at_desk):
    seen_ago(at_desk, minutes=16)

    response = at_desk.post(NEW, TYPED | {"note": "x" * 300_000}, follow=True)

    assert not KeptForm.objects.exists()
    assert "What you typed was not saved" in words(response)


def test_a_null_byte_and_odd_names_are_kept_without_harm(at_desk, reception):
    address = KEPT.search(sent_too_late(at_desk, given_name="N\0ia", **{'<b>"odd': "<script>"}).url)[1]
    sign_in(at_desk, reception)

    page = at_desk.get(address).content.decode()

    assert KeptForm.objects.get().fields["given_name"] == ["Nia"]
    assert "<b>&quot;odd" not in page
    assert "<script>" not in page.split("<main", 1)[1]


def test_at_most_twenty_are_kept_of_one_person(at_desk, reception):
    for number in range(22):
        sent_too_late(at_desk, given_name=f"Nia {number}")
        if number < 21:
            sign_in(at_desk, reception)

    kept = [form.fields["given_name"][0] for form in KeptForm.objects.all()]
    assert kept == [f"Nia {number}" for number in range(21, 1, -1)]


# --- Kept by the page itself, before it is left --------------------------------------------------------------------------


def test_a_page_keeps_what_is_typed_before_it_is_left(at_desk, reception):
    before = at_desk.post(f"/signed-in/keep/?path={NEW}", TYPED, headers={"x-background": "1"})
    seen_ago(at_desk, minutes=16)
    after = at_desk.post(f"/signed-in/keep/?path={NEW}", TYPED, headers={"x-background": "1"})

    assert (before.status_code, after.status_code) == (201, 201)
    assert {form.staff for form in KeptForm.objects.all()} == {reception}
    assert not Patient.objects.exists()


@pytest.mark.parametrize("path", ["", "https://evil.example/", "//evil.example/", "/\\evil.example/", "/nowhere/",
                                  "/accounts/login/", "/patients/new/" + "x" * 600])  # fmt: skip
def test_it_keeps_nothing_for_another_place(path, at_desk):
    response = at_desk.post("/signed-in/keep/", TYPED, query_params={"path": path})

    assert response.status_code == 404
    assert not KeptForm.objects.exists()


def test_nobody_keeps_anything_there(client, records):
    assert client.post(f"/signed-in/keep/?path={NEW}", TYPED).status_code == 404
