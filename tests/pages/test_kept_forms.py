"""What was typed is not lost when a session ends: it is kept for whoever typed it, and for nobody else."""

import re

import pytest
from django.test import Client

from clinic.models import KeptForm, Staff
from patients.models import Patient
from tests.factories import make_staff
from tests.pages.desk import words
from tests.pages.signing import SIGN_IN, app_for, code_of, seen_ago, sign_in, signed_in_by_page

NEW = "/patients/new/"
TYPED = {"given_name": "Nia", "family_name": "Bevan", "phone": "+44 7700 900789"}
KEPT = re.compile(r"/accounts/login/\?next=(/kept/[0-9a-f-]{36}/)$")


@pytest.fixture
def at_desk(reception):
    return signed_in_by_page(reception)


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

    assert KeptForm.objects.get().fields == [[name, [value]] for name, value in TYPED.items()]


@pytest.mark.parametrize("referer, page", [
    ("http://testserver/patients/?search=bevan", "/patients/?search=bevan"),
    ("http://evil.example/patients/", ""), ("http://testserver/nowhere/", ""), ("nonsense", ""), ("http://[", ""), ("", ""),
])  # fmt: skip
def test_it_leads_back_to_the_page_it_was_typed_on(referer, page, at_desk, reception):
    seen_ago(at_desk, minutes=16)
    address = KEPT.search(at_desk.post(NEW, TYPED, headers={"referer": referer}).url)[1]
    sign_in(at_desk, reception)

    assert KeptForm.objects.get().page == page
    assert ("The page it was typed on" in words(at_desk.get(address))) is bool(page)


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


def test_a_form_that_cannot_be_read_at_all_is_not_kept_and_breaks_nothing(at_desk):
    seen_ago(at_desk, minutes=16)
    response = at_desk.post(NEW, b"x", content_type="multipart/form-data; boundary=;")

    assert response.status_code in (302, 400)
    assert not KeptForm.objects.exists()


def test_a_null_byte_and_odd_names_are_kept_without_harm(at_desk, reception):
    address = KEPT.search(sent_too_late(at_desk, given_name="N\0ia", **{'<b>"odd': "<script>"}).url)[1]
    sign_in(at_desk, reception)

    page = at_desk.get(address).content.decode()

    assert KeptForm.objects.get().fields[0] == ["given_name", ["Nia"]]
    assert "<b>&quot;odd" not in page
    assert "<script>" not in page.split("<main", 1)[1]


def test_at_most_twenty_are_kept_of_one_person(at_desk, reception):
    for number in range(22):
        sent_too_late(at_desk, given_name=f"Nia {number}")
        if number < 21:
            sign_in(at_desk, reception)

    kept = [form.fields[0][1][0] for form in KeptForm.objects.all()]
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
