"""Who must have a second step is led to it, keeps it, and every change of it is in the trail and mailed."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from clinic.models import AuditEvent
from tests.factories import make_staff
from tests.pages.desk import statements, words
from tests.pages.signing import (
    SIGN_IN,
    app_for,
    browser,
    code_of,
    confirm,
    in_two_steps,
    recovery_codes,
    sign_in,
    signed_in_by_page,
    told,
)

INDEX, AUTHENTICATE = "/accounts/2fa/", "/accounts/2fa/authenticate/"
TURN_OFF = "/accounts/2fa/totp/deactivate/"
ONLY_ONE = "Your role signs in with a second step, and this is your only one. Add another first; then this can go."


@pytest.fixture(autouse=True)
def as_in_a_clinic(settings) -> None:
    settings.MFA_REQUIRED_FOR = ["manager", "practitioner"]


def passkey_of(staff, name: str = "Phone") -> Authenticator:
    """A row such as a passkey leaves: enough to list it and to take it away."""
    return Authenticator.objects.create(user=staff, type="webauthn", data={"name": name, "credential": {}})


# --- Led to it -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [["manager"], ["practitioner"], ["receptionist", "practitioner"]])
def test_who_must_have_one_is_led_to_it_from_every_page(roles, records):
    at_desk = signed_in_by_page(make_staff(*roles))

    for address in ("/", "/patients/", "/worklists/", "/security/", "/admin/", "/nowhere/"):
        assert at_desk.get(address).url == INDEX, address
    assert at_desk.post("/patients/new/", {"given_name": "Nia"}).url == INDEX


def test_they_may_open_what_sets_it_up_and_the_way_out(records):
    at_desk = signed_in_by_page(make_staff("manager"))

    page = at_desk.get(INDEX)
    confirm(at_desk)

    assert "Your role signs in with a second step. Set up one of these two; then you can go on." in words(page)
    for address in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/logout/", "/healthz"):
        assert at_desk.get(address).status_code == 200, address
    assert at_desk.post("/accounts/logout/").status_code == 302


def test_set_up_with_an_app_they_go_on_and_keep_recovery_codes(records):
    at_desk = signed_in_by_page(make_staff("practitioner"))
    confirm(at_desk)
    secret = at_desk.get("/accounts/2fa/totp/activate/").context["form"].secret

    done = at_desk.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})

    assert done.url == "/accounts/2fa/recovery-codes/"
    assert "These are shown this once." in words(at_desk.get(done.url))
    assert at_desk.get("/patients/").status_code == 200


@pytest.mark.parametrize("make", [app_for, passkey_of])
def test_who_has_one_is_not_led_anywhere(make, rosa):
    make(rosa)
    client = browser()
    client.force_login(rosa)

    assert client.get("/patients/").status_code == 200


def test_recovery_codes_alone_are_no_second_step(rosa):
    app_for(rosa)
    Authenticator.objects.filter(user=rosa, type="totp").delete()
    client = browser()
    client.force_login(rosa)

    assert client.get("/patients/").url == INDEX


def test_reception_needs_none_unless_the_clinic_says_so(reception, settings):
    assert signed_in_by_page(reception).get("/patients/").status_code == 200

    settings.MFA_REQUIRED_FOR = ["manager", "practitioner", "receptionist"]
    assert signed_in_by_page(reception).get("/patients/").url == INDEX


def test_the_demo_asks_for_none(rosa, settings):
    settings.DEMO = True

    assert signed_in_by_page(rosa).get("/patients/").status_code == 200


def test_who_becomes_a_practitioner_is_asked_from_then_on(reception):
    at_desk = signed_in_by_page(reception)
    assert at_desk.get("/patients/").status_code == 200
    reception.is_practitioner = True
    reception.save()

    assert at_desk.get("/patients/").url == INDEX


def test_by_htmx_the_whole_page_goes_there(rosa):
    response = signed_in_by_page(rosa).get("/patients/", headers={"hx-request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (401, INDEX)


def test_the_api_by_the_browsers_sign_in_answers_403_and_a_token_is_not_asked(rosa, api):
    response = signed_in_by_page(rosa).get("/api/v1/patients/")

    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert response.json()["detail"] == "Your role signs in with a second step. Set one up first, under Security."
    assert api(rosa).get("/api/v1/patients/").status_code == 200


def test_having_one_is_asked_of_the_database_once_a_session(rosa):
    app_for(rosa)
    client = browser()
    client.force_login(rosa)
    client.get("/patients/")
    with statements() as asked:
        client.get("/patients/")

    assert [one for one in asked if "mfa_authenticator" in one] == []


# --- Kept ----------------------------------------------------------------------------------------------------------------


def test_the_last_one_cannot_be_turned_off_while_it_is_needed(rosa):
    client = in_two_steps(rosa, app_for(rosa))
    confirm(client)

    asked, sent = client.get(TURN_OFF), client.post(TURN_OFF)

    assert ONLY_ONE in words(asked)
    assert ONLY_ONE in words(sent)
    assert Authenticator.objects.filter(user=rosa, type="totp").exists()


def test_the_last_passkey_cannot_be_removed_either(rosa):
    passkey = passkey_of(rosa)
    client = browser()
    client.force_login(rosa)
    confirm(client)

    refused = client.post(f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/")

    assert refused.status_code == 422
    assert ONLY_ONE in words(refused)
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_one_of_two_can(rosa):
    client, passkey = in_two_steps(rosa, app_for(rosa)), passkey_of(rosa)
    confirm(client)

    assert client.post(f"/accounts/2fa/webauthn/keys/{passkey.pk}/remove/").status_code == 302
    assert [one.type for one in Authenticator.objects.filter(user=rosa).order_by("type")] == ["recovery_codes", "totp"]
    assert client.get("/patients/").status_code == 200


def test_nobody_removes_anothers_passkey(rosa, omar):
    theirs = passkey_of(omar)
    client = in_two_steps(rosa, app_for(rosa))
    confirm(client)

    assert client.post(f"/accounts/2fa/webauthn/keys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_reception_may_turn_theirs_off(reception):
    client = in_two_steps(reception, app_for(reception))
    confirm(client)

    assert client.post(TURN_OFF).status_code == 302
    assert not Authenticator.objects.filter(user=reception).exists()


# --- In the trail, and mailed --------------------------------------------------------------------------------------------


def test_setting_it_up_is_in_the_trail_and_mailed(client, reception, django_capture_on_commit_callbacks):
    sign_in(client, reception)
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})

    assert sorted(one["step"] for one in told("second-step-changed")) == ["recovery_codes", "totp"]
    assert [one.subject for one in mail.outbox] == ["Allclear: Second step added"]
    assert mail.outbox[0].to == [reception.email]
    assert secret not in mail.outbox[0].body


def test_a_wrong_code_is_in_the_trail_of_failed_sign_ins(client, rosa):
    app_for(rosa)
    sign_in(client, rosa)
    client.post(AUTHENTICATE, {"code": "000000"})

    assert told("sign-in-failed") == [{"code": "second-step", "step": "code"}]
    assert AuditEvent.objects.get(kind="sign-in-failed").subject_id == rosa.pk


@pytest.mark.parametrize("sent", ["", "5", "[]", "{}", "null", '"x"', '{"id": 5}', "{", '{"response": {"userHandle": 5}}',
                                  '{"id":"AA","rawId":"AA","type":"public-key","response":{}}'])  # fmt: skip
def test_a_passkey_that_is_none_is_refused_in_words_and_never_breaks_the_page(sent, client, rosa, reception):
    passkey_of(rosa)
    second = browser()
    app_for(rosa)
    Authenticator.objects.filter(type="webauthn").delete()
    sign_in(second, rosa)

    alone = client.post("/accounts/2fa/webauthn/login/", {"credential": sent})
    as_second = second.post(AUTHENTICATE, {"credential": sent})
    confirm(at_desk := signed_in_by_page(reception))
    added = at_desk.post("/accounts/2fa/webauthn/add/", {"name": "Phone", "credential": sent})

    assert (added.status_code, Authenticator.objects.filter(user=reception).count()) == (200, 0)
    assert (alone.status_code, alone.url) == (302, SIGN_IN)
    assert as_second.status_code == 200
    assert client.get("/").url == f"{SIGN_IN}?next=/"


def test_five_wrong_codes_have_to_wait(client, rosa):
    secret = app_for(rosa)
    sign_in(client, rosa)
    for _ in range(5):
        client.post(AUTHENTICATE, {"code": "000000"})
    response = client.post(AUTHENTICATE, {"code": code_of(secret, cleared=False)})

    assert "Too many failed login attempts. Try again later." in words(response)


def test_a_recovery_code_that_is_used_is_in_the_trail_and_mailed(rosa, django_capture_on_commit_callbacks):
    app_for(rosa)
    client = browser()
    sign_in(client, rosa)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(AUTHENTICATE, {"code": recovery_codes(rosa)[0]})

    assert told("second-step-changed") == [{"change": "code-used", "step": "recovery_codes", "left": 9}]
    assert "A recovery code was used to confirm that it is you. 9 are left." in mail.outbox[0].body


# --- Nobody is in by the password alone once there is one -----------------------------------------------------------------


def enrol(client) -> None:
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302


@pytest.mark.parametrize("role", ["manager", "receptionist"])
def test_setting_one_up_ends_every_other_session(role, records, django_capture_on_commit_callbacks):
    staff = make_staff(role)
    knows_the_password, own = signed_in_by_page(staff), signed_in_by_page(staff)

    with django_capture_on_commit_callbacks(execute=True):
        enrol(own)

    assert knows_the_password.get("/patients/").url.startswith(SIGN_IN)
    assert own.get("/patients/").status_code == 200
    assert [one.get("ended") for one in told("second-step-changed") if one["step"] == "totp"] == [1]


def test_who_has_reset_a_password_sets_one_up(records):
    staff = make_staff("practitioner")
    client = browser()
    client.post("/accounts/password/reset/", {"email": staff.email})
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "quite another phrase", "password2": "quite another phrase"})

    again = browser()
    sign_in(again, staff, "quite another phrase")
    again.post("/accounts/reauthenticate/", {"password": "quite another phrase"})

    assert again.get("/accounts/2fa/totp/activate/").status_code == 200
    assert again.get("/accounts/2fa/webauthn/add/").status_code == 200
