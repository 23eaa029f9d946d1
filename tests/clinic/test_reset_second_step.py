"""A clinic's only manager, who has lost everything, is let in again from the command line."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command

from clinic.models import AuditEvent, SignInSession
from tests.pages.desk import signed_in
from tests.pages.signing import app_for, told


def run(email: str) -> str:
    said = io.StringIO()
    call_command("reset_second_step", email, stdout=said)
    return said.getvalue()


def test_it_removes_the_second_step_ends_the_sessions_and_is_told(manager, django_capture_on_commit_callbacks):
    app_for(manager)
    signed_in(manager)

    with django_capture_on_commit_callbacks(execute=True):
        said = run(manager.email.upper())

    assert said == "Maud Keane's second step is removed, and they are signed out everywhere.\n"
    assert not Authenticator.objects.exists()
    assert not SignInSession.objects.filter(staff=manager).exists()
    assert told("second-step-changed") == [{"change": "reset", "steps": ["recovery_codes", "totp"]}]
    assert AuditEvent.objects.get(kind="second-step-changed").door == "command-line"
    assert "Whoever runs the server has removed the second step" in mail.outbox[0].body


@pytest.mark.parametrize("whose, said", [("", "Nobody has the address"), ("theirs", "has no second step to reset")])
def test_it_says_when_there_is_nothing_to_do(whose, said, manager):
    with pytest.raises(CommandError, match=said):
        run(manager.email if whose else "nobody@clinic.example")


def test_the_demos_people_get_no_mail(manager, settings, django_capture_on_commit_callbacks):
    settings.DEMO = True
    app_for(manager)

    with django_capture_on_commit_callbacks(execute=True):
        run(manager.email)

    assert mail.outbox == []
