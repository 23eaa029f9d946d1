"""The commands beside the API: tokens, members of staff, training."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from clinic.models import AuditEvent, Staff
from tests.api.calls import API
from tests.factories import make_site, make_staff
from treatments.models import TrainingRecord


def _run(*words: str) -> list[str]:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().splitlines()


def _opens(token: str) -> bool:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get(f"{API}patients/").status_code == 200


def _refused(*words: str) -> str:
    with pytest.raises(CommandError) as error:
        _run(*words)
    return str(error.value)


# --- api_token -------------------------------------------------------------------------------------------------------


def test_the_last_line_is_a_token_that_opens(reception):
    token = _run("api_token", reception.email.upper())[-1]

    assert _opens(token)
    kept = AuthToken.objects.get()
    assert round((kept.expiry - kept.created) / dt.timedelta(days=1), 3) == 90
    assert token not in (kept.digest, kept.token_key)


def test_a_token_holds_as_long_as_it_is_told(reception):
    _run("api_token", reception.email, "--days", "1")

    assert AuthToken.objects.get().expiry - timezone.now() <= dt.timedelta(days=1)


def test_a_token_issued_is_in_the_audit_trail_by_its_beginning_only(reception):
    token = _run("api_token", reception.email)[-1]

    event = AuditEvent.objects.filter(kind="token-issued").get()
    assert (event.subject_id, event.door, event.details["token"]) == (reception.pk, "command-line", token[:8])


def test_tokens_are_listed_by_their_beginning(reception):
    token = _run("api_token", reception.email)[-1]
    AuthToken.objects.create(user=reception, expiry=dt.timedelta(days=-1))

    current, expired = _run("api_token", reception.email, "--list")

    assert current.startswith(f"{token[:8]}  issued ")
    assert "expired" in expired
    assert token not in current


def test_one_token_is_revoked_and_the_other_stays(reception):
    first, second = (_run("api_token", reception.email)[-1] for _ in range(2))

    assert _run("api_token", reception.email, "--revoke", first[:8]) == ["Revoked: 1."]

    assert (_opens(first), _opens(second)) == (False, True)
    assert AuditEvent.objects.filter(kind="token-revoked").get().details["token"] == first[:8]


def test_a_token_is_revoked_by_all_of_it_too(reception):
    token = _run("api_token", reception.email)[-1]

    _run("api_token", reception.email, "--revoke", token)

    assert not _opens(token)


def test_all_of_somebodys_tokens_are_revoked_and_nobody_elses(reception, rosa):
    hers = [_run("api_token", reception.email)[-1] for _ in range(2)]
    rosas = _run("api_token", rosa.email)[-1]

    assert _run("api_token", reception.email, "--revoke", "ALL") == ["Revoked: 2."]

    assert ([_opens(token) for token in hers], _opens(rosas)) == ([False, False], True)
    assert _run("api_token", reception.email, "--list") == ["Ida Berg has no token."]


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["--days", "0"], "A token holds from 1 to 3660 days."),
        (["--days", "99999999999"], "A token holds from 1 to 3660 days."),
        (["--revoke", ""], "Give ALL, or the 8 characters that --list shows."),
        (["--revoke", "abc"], "Give ALL, or the 8 characters that --list shows."),
        (["--revoke", "abcdefgh"], "Ida Berg has no token that begins with abcdefgh."),
    ],
)
def test_what_cannot_be_done_is_said(reception, words, sentence):
    _run("api_token", reception.email)

    assert _refused("api_token", reception.email, *words) == sentence
    assert AuthToken.objects.count() == 1


def test_a_token_that_would_open_nothing_is_not_issued(records, reception):
    reception.is_active = False
    reception.save()
    nobody = make_staff(name="Nobody Yet")

    assert _refused("api_token", reception.email) == "Ida Berg is not active, so a token would open nothing."
    assert "has no role" in _refused("api_token", nobody.email)
    assert _refused("api_token", "who@clinic.example").startswith("Nobody has the address who@clinic.example.")


# --- create_staff ----------------------------------------------------------------------------------------------------


def _create(*words: str, stdin: str = "", monkeypatch=None) -> list[str]:
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return _run("create_staff", *words)


NIA = ("Nia@Clinic.example", "--name", "Nia Cole")


def test_somebody_is_made_with_their_roles_and_may_sign_in(records, client, monkeypatch):
    site = make_site()
    words = (*NIA, "--role", "practitioner", "--role", "manager", "--password-stdin")

    said = _create(*words, stdin="a long enough password\n", monkeypatch=monkeypatch)

    staff = Staff.objects.get()
    assert said == ["Nia Cole <nia@clinic.example> is practitioner and manager now."]
    assert (staff.email, staff.roles, staff.site) == ("nia@clinic.example", ["practitioner", "manager"], site)
    assert client.login(email="nia@clinic.example", password="a long enough password")
    event = AuditEvent.objects.filter(kind="roles-changed").get()
    assert event.details == {"before": [], "after": ["practitioner", "manager"]}


def test_without_a_password_it_says_how_one_is_set(records, monkeypatch):
    said = _create(*NIA, "--role", "receptionist", monkeypatch=monkeypatch)

    assert said[-1] == "They cannot sign in yet. To set a password: manage.py changepassword nia@clinic.example"
    assert not Staff.objects.get().has_usable_password()


def test_where_there_are_two_sites_nobody_is_put_in_one(records, monkeypatch):
    make_site()
    make_site("Low Street")

    _create(*NIA, "--role", "receptionist", monkeypatch=monkeypatch)

    assert Staff.objects.get().site is None


@pytest.mark.parametrize(
    "words, stdin, sentence",
    [
        (["--role", "receptionist", "--password-stdin"], "", "There is no password on stdin; nothing was changed."),
        (["--role", "receptionist", "--password-stdin"], "short\n", "This password is too short."),
        (["--role", "receptionist", "--password-stdin"], "nia@clinic.example\n", "too similar to the email address"),
        (["--role", "owner"], "", "invalid choice: 'owner'"),
        ([], "", "the following arguments are required: --role"),
    ],
)
def test_what_is_not_right_is_said_and_nobody_is_made(records, monkeypatch, words, stdin, sentence):
    with pytest.raises(CommandError) as error:
        _create(*NIA, *words, stdin=stdin, monkeypatch=monkeypatch)

    assert sentence in str(error.value)
    assert not Staff.objects.exists()


def test_an_address_is_somebodys_once(records, monkeypatch, reception):
    words = (reception.email.upper(), "--name", "Another", "--role", "manager")

    assert _refused("create_staff", *words) == f"{reception.email} is somebody's address already; nothing was changed."
    assert "Enter a valid email address." in _refused("create_staff", "nia", "--name", "Nia", "--role", "manager")
    assert Staff.objects.count() == 1


# --- record_training -------------------------------------------------------------------------------------------------

HELD = ("--certificate", "Mesotherapy, level 2", "--from", "2025-01-01", "--until", "2099-12-31")


def test_training_is_recorded(omar):
    assert _run("record_training", omar.email, *HELD) == ["Omar Aziz is trained from 2025-01-01 to 2099-12-31."]

    record = TrainingRecord.objects.get()
    assert (record.staff, record.valid_until) == (omar, dt.date(2099, 12, 31))
    assert AuditEvent.objects.filter(kind="training-changed").get().subject_id == omar.pk


def test_training_that_makes_no_sense_is_not_recorded(omar, reception):
    backwards = ("--certificate", "x", "--from", "2026-01-02", "--until", "2026-01-01")

    assert _refused("record_training", omar.email, *backwards) == "The training ends before it begins."
    assert "Ida Berg is not a practitioner" in _refused("record_training", reception.email, *HELD)
    assert "Nobody has the address" in _refused("record_training", "who@clinic.example", *HELD)
    assert "invalid day value" in _refused("record_training", omar.email, *HELD[:3], "soon", *HELD[4:])
    blank = ("--certificate", " ", *HELD[2:])
    assert _refused("record_training", omar.email, *blank) == "Say who issued the certificate, and its number."
    assert not TrainingRecord.objects.exists()
