import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone

from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from clinic.invitations import invite_staff
from clinic.models import AuditEvent, Staff
from tests.factories import PASSWORD
from tests.pages.desk import buttons, words

SIGN_IN = "/accounts/login/"
MISMATCH = "The email address and/or password you specified are not correct."
TOO_MANY = "Too many failed login attempts. Try again later."


def try_as(client, staff, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": staff.email, "password": password} | more)


def sure(client) -> None:
    """Confirm once more who one is, as changing how one signs in asks for."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def trail(kind: str) -> list[tuple[str, object]]:
    return [(event.door, event.actor or event.subject_id) for event in AuditEvent.objects.filter(kind=kind)]


# --- Signing in and out -----------------------------------------------------------------------------------------------


def test_signing_in_by_email_leads_to_today_and_is_in_the_trail(client, reception):
    response = try_as(client, reception)

    assert (response.status_code, response.url) == (302, "/")
    assert trail("signed-in") == [("page", reception)]
    assert client.get("/").context["user"] == reception


def test_signing_in_leads_to_where_one_wanted_to_go(client, reception):
    wanted = client.get("/worklists/").url

    response = try_as(client, reception, next="/worklists/")

    assert wanted == f"{SIGN_IN}?next=/worklists/"
    assert response.url == "/worklists/"


def test_signing_in_leads_to_no_other_site(client, reception):
    assert try_as(client, reception, next="https://evil.example/").url == "/"


def test_the_address_may_be_typed_in_any_case(client, reception):
    assert client.post(SIGN_IN, {"login": reception.email.upper(), "password": PASSWORD}).status_code == 302


def test_a_wrong_password_is_said_in_words_keeps_the_address_and_is_in_the_trail(client, reception):
    response = try_as(client, reception, "not the password at all")

    assert response.status_code == 200
    assert MISMATCH in words(response)
    assert f'value="{reception.email}"' in response.content.decode()
    assert "not the password at all" not in response.content.decode()
    assert trail("sign-in-failed") == [("page", reception.pk)]
    assert trail("signed-in") == []


def test_an_unknown_address_is_answered_the_same(client, reception):
    response = client.post(SIGN_IN, {"login": "nobody@clinic.example", "password": PASSWORD})

    assert MISMATCH in words(response)
    assert trail("sign-in-failed") == [("page", None)]


def test_signing_out_is_a_post_and_in_the_trail(client, reception):
    try_as(client, reception)

    asked = client.get("/accounts/logout/")
    still = client.get("/").status_code
    client.post("/accounts/logout/")

    assert f"You are signed in as {reception.name}." in words(asked)
    assert still == 200
    assert client.get("/").url == f"{SIGN_IN}?next=/"
    assert trail("signed-out") == [("page", reception)]


def test_a_deactivated_person_is_out_at_once_and_cannot_come_back(client, reception):
    try_as(client, reception)
    reception.is_active = False
    reception.save()

    assert client.get("/").url == f"{SIGN_IN}?next=/"
    again = try_as(client, reception)
    assert again.status_code == 302
    assert "This account is not in use" in words(client.get(again.url))
    assert trail("signed-in") == [("page", reception)]


# --- Closed doors -----------------------------------------------------------------------------------------------------


def test_sign_up_is_closed_and_makes_nobody(client, records):
    people = Staff.objects.count()
    new = {"email": "new@clinic.example", "password1": PASSWORD, "password2": PASSWORD}

    asked, sent = client.get("/accounts/signup/"), client.post("/accounts/signup/", new)

    for response in (asked, sent):
        assert response.status_code == 200
        assert (
            "Sign-up is closed Nobody makes their own account here. A manager of the clinic makes one for you."
            in words(response)
        )
    assert Staff.objects.count() == people


def test_after_five_failures_in_a_row_even_the_right_password_has_to_wait(client, reception, rosa):
    for _ in range(5):
        assert MISMATCH in words(try_as(client, reception, "wrong"))

    assert TOO_MANY in words(try_as(client, reception, "wrong"))
    assert TOO_MANY in words(try_as(client, reception))
    assert try_as(client, rosa).status_code == 302


def test_too_many_tries_from_one_place_have_a_page_of_their_own(client, reception):
    for number in range(30):
        client.post(SIGN_IN, {"login": f"nobody{number}@clinic.example", "password": "wrong"})

    response = try_as(client, reception)

    assert response.status_code == 429
    assert "Too many tries This has been tried too often in a short time. Wait a few minutes, then try again." in words(
        response
    )
    assert "clinic/tokens.css" in response.content.decode()


def slowed() -> list[tuple[str, str, str]]:
    found = AuditEvent.objects.filter(kind="sign-in-failed", details__code="slowed")
    return [(one.details["page"], one.door, one.address) for one in found]


def test_tries_that_were_stopped_are_in_the_trail_once_a_minute(client, reception):
    for _ in range(5):
        try_as(client, reception, "wrong")
    assert slowed() == []

    for _ in range(3):
        assert TOO_MANY in words(try_as(client, reception, "wrong"))

    assert slowed() == [("account_login", "page", "127.0.0.1")]


def test_so_are_those_that_were_not_even_read(client, reception, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}

    assert [try_as(client, reception, "wrong").status_code for _ in range(3)] == [200, 429, 429]

    assert slowed() == [("account_login", "page", "127.0.0.1")]


def test_without_signing_in_every_page_leads_to_the_sign_in(client, records):
    for address in ("/", "/day/", "/patients/", "/worklists/", "/patients/new/", "/admin/"):
        assert client.get(address).url.startswith(f"{SIGN_IN}?next={address}"), address


# --- The look ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        SIGN_IN,
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/inactive/",
    ],
)
def test_the_pages_before_signing_in_wear_the_house_look_and_keep_the_policy(address, client, records):
    response = client.get(address)

    page = response.content.decode()
    assert response.status_code == 200
    assert "clinic/tokens.css" in page
    assert page.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)
    assert "socialaccount" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/logout/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
    ],
)
def test_the_account_pages_do_too(address, client, reception):
    try_as(client, reception)
    sure(client)

    response = client.get(address)

    page = response.content.decode()
    assert response.status_code == 200
    assert "clinic/tokens.css" in page
    assert page.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page)


def test_no_page_offers_signing_up_or_in_by_somebody_else(client, records):
    assert buttons(client.get(SIGN_IN)) == [SIGN_IN, "/accounts/password/reset/", "/accounts/2fa/webauthn/login/"]


def test_the_demo_shows_its_sign_ins_and_a_clinic_never_does(client, records, settings):
    in_clinic = words(client.get(SIGN_IN))
    settings.DEMO = True
    in_demo = words(client.get(SIGN_IN))

    assert DEMO_PASSWORD not in in_clinic
    assert "@clinic.example" not in in_clinic
    assert f"The password of all three is {DEMO_PASSWORD}" in in_demo
    assert all(f"{role.title()} {email}" in in_demo for role, email in DEMO_SIGN_INS.items())


# --- Passwords --------------------------------------------------------------------------------------------------------


def test_a_password_is_changed_by_who_knows_the_old_one(client, reception):
    try_as(client, reception)
    new = {"password1": "quite another phrase", "password2": "quite another phrase"}

    wrong = client.post("/accounts/password/change/", {"oldpassword": "guess"} | new)
    right = client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | new)
    client.post("/accounts/logout/")

    assert wrong.context["form"].errors == {"oldpassword": ["Please type your current password."]}
    assert right.status_code == 302
    assert try_as(client, reception, "quite another phrase").url == "/"


def test_a_short_or_common_password_is_refused_in_words(client, reception):
    try_as(client, reception)

    response = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "password", "password2": "password"}
    )

    assert "This password is too short. It must contain at least 12 characters." in words(response)


def test_a_forgotten_password_is_set_anew_by_a_link(client, reception):
    sent = client.post("/accounts/password/reset/", {"email": reception.email}, follow=True)
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    opened = client.get(link, follow=True)
    form = opened.redirect_chain[-1][0]
    client.post(form, {"password1": "quite another phrase", "password2": "quite another phrase"})

    assert "Look in your mail" in words(sent)
    assert mail.outbox[0].subject.startswith("Allclear: ")
    assert "Set a new password" in words(opened)
    assert try_as(client, reception, "quite another phrase").url == "/"
    assert "This link does not work any more" in words(client.get(link, follow=True))


def test_asking_for_an_unknown_addresss_link_says_the_same(client, records):
    sent = client.post("/accounts/password/reset/", {"email": "nobody@clinic.example"}, follow=True)

    assert "Look in your mail" in words(sent)


def test_the_mail_of_a_forgotten_password_greets_by_name_and_offers_no_account(client, reception, records):
    client.post("/accounts/password/reset/", {"email": reception.email})
    client.post("/accounts/password/reset/", {"email": "nobody@clinic.example"})

    assert [(sent.to, sent.subject) for sent in mail.outbox] == [([reception.email], "Allclear: Your password")]
    assert mail.outbox[0].body.startswith(f"Hello {reception.name},\n\nsomebody asked for a new password")


@pytest.mark.parametrize("days", [0, 60])
def test_who_was_invited_chooses_a_password_by_the_invitation_alone(client, manager, days):
    new = invite_staff(
        email="new@clinic.example", name="New", roles=["receptionist"], by=manager,
        now=timezone.now() - dt.timedelta(days=days),
    )  # fmt: skip
    mail.outbox.clear()

    sent = client.post("/accounts/password/reset/", {"email": new.email}, follow=True)

    assert "Look in your mail" in words(sent)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("phrase", "is_taken"),
    [
        ("Mesotherapy-2026", False),
        ("allclear allclear", False),
        ("High Street 1234", False),
        ("bruised knees heal", True),
    ],
)
def test_a_password_of_the_clinics_own_words_is_refused(client, reception, site, phrase, is_taken):
    client.force_login(reception)
    sure(client)

    response = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": phrase, "password2": phrase}
    )

    assert (response.status_code == 302) == is_taken
    if not is_taken:
        assert "little more than words that anybody here would try first" in words(response)
