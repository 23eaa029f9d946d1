"""A second step that is lost is reset by a manager, and by nobody for themselves."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent, SignInSession
from clinic.second_step import reset_second_step
from tests.pages.signing import SIGN_IN, app_for, in_two_steps, signed_in_by_page, told

INDEX = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def as_in_a_clinic(settings) -> None:
    settings.MFA_REQUIRED_FOR = ["manager", "practitioner"]


def test_a_manager_resets_somebodys_lost_one(rosa, manager, django_capture_on_commit_callbacks):
    client = in_two_steps(rosa, app_for(rosa))
    mail.outbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        reset_second_step(staff=rosa, by=manager)

    assert not Authenticator.objects.filter(user=rosa).exists()
    assert not SignInSession.objects.filter(staff=rosa).exists()
    assert client.get("/").url == f"{SIGN_IN}?next=/"
    assert told("second-step-changed")[-1] == {"change": "reset", "steps": ["recovery_codes", "totp"]}
    assert AuditEvent.objects.filter(kind="second-step-changed").first().actor == manager
    assert [one.subject for one in mail.outbox] == ["Allclear: Your second step was reset"]
    assert signed_in_by_page(rosa).get("/").url == INDEX


def test_nobody_resets_their_own_or_one_that_is_not_there(manager, rosa):
    app_for(manager)
    with pytest.raises(ValidationError, match="Nobody resets their own second step"):
        reset_second_step(staff=manager, by=manager)
    with pytest.raises(ValidationError, match="has no second step to reset"):
        reset_second_step(staff=rosa, by=manager)

    assert Authenticator.objects.filter(user=manager).count() == 2


def test_only_a_manager_resets_it(rosa, omar, reception):
    app_for(rosa)
    for by in (omar, reception):
        with pytest.raises(PermissionDenied):
            reset_second_step(staff=rosa, by=by)

    assert Authenticator.objects.filter(user=rosa).count() == 2
