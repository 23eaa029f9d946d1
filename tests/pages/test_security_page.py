"""Where somebody is signed in, and with what: shown to them, and ended by them, by a manager, and by being deactivated."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from knox.models import AuthToken

from clinic.calendar_addresses import make_calendar_address, new_token
from clinic.models import AuditEvent, CalendarAddress, KnownBrowser, SignInSession
from clinic.sign_in_sessions import (
    end_everything,
    end_other_sessions,
    end_session,
    revoke_token,
    sessions_of,
    tokens_of,
)
from tests.factories import PASSWORD, make_staff
from tests.pages.desk import statements, words
from tests.pages.signing import FIREFOX, SAFARI, SIGN_IN, browser, seen_ago, signed_in_by_page, told

PAGE = "/security/"


def token_of(staff, days: int = 30) -> tuple[AuthToken, str]:
    return AuthToken.objects.create(user=staff, expiry=dt.timedelta(days=days))


# --- Shown ---------------------------------------------------------------------------------------------------------------


def test_it_shows_where_i_am_signed_in_and_marks_this_one(reception):
    here = signed_in_by_page(reception, FIREFOX)
    signed_in_by_page(reception, SAFARI)
    signed_in_by_page(make_staff("receptionist"), SAFARI)

    page = words(here.get(PAGE))
    signed_in = page[page.index("Signed in now") : page.index("API tokens")]

    assert "Firefox on Windows this one signed in" in signed_in
    assert signed_in.count("Safari on iPhone signed in") == 1
    assert signed_in.count("from 127.0.0.1") == 2


def test_a_session_that_time_has_ended_is_not_shown(reception):
    here, there = signed_in_by_page(reception), signed_in_by_page(reception, SAFARI)
    seen_ago(there, minutes=16)

    assert [one.browser for one in sessions_of(reception)] == ["Firefox on Windows"]
    seen_ago(here, minutes=1, began_hours=12.5)
    assert sessions_of(reception) == []


def test_neither_the_sessions_key_nor_the_token_stands_on_the_page(reception):
    here, there = signed_in_by_page(reception), signed_in_by_page(reception, SAFARI)
    _, token = token_of(reception)

    page = here.get(PAGE).content.decode()

    assert there.session.session_key not in page
    assert here.session.session_key not in page
    assert token not in page
    assert token[:15] not in page
    assert token[:8] in page


def test_its_statements_do_not_grow_with_what_it_shows(reception):
    client = signed_in_by_page(reception)
    token_of(reception)
    with statements() as few:
        client.get(PAGE)
    for agent in (SAFARI, SAFARI):
        signed_in_by_page(reception, agent)
        token_of(reception)
    with statements() as more:
        client.get(PAGE)

    assert len(more) == len(few)


# --- Ended ---------------------------------------------------------------------------------------------------------------


def test_another_browser_is_signed_out_from_here(reception):
    here, there = signed_in_by_page(reception), signed_in_by_page(reception, SAFARI)
    name = SignInSession.objects.get(session_key=there.session.session_key).name

    response = here.post(f"{PAGE}sessions/{name}/end/", follow=True)
    again = here.post(f"{PAGE}sessions/{name}/end/", follow=True)

    assert "Signed out there." in words(response)
    assert "That had ended already." in words(again)
    assert there.get("/").url == f"{SIGN_IN}?next=/"
    assert here.get("/").status_code == 200
    assert told("sessions-ended") == [{"ended": 1, "session": name}]


def test_signed_out_everywhere_else_stays_signed_in_here(reception):
    here, others = signed_in_by_page(reception), [signed_in_by_page(reception, SAFARI) for _ in range(2)]
    somebody = signed_in_by_page(make_staff("receptionist"))

    response = here.post(f"{PAGE}sessions/end-others/", follow=True)

    assert "Signed out everywhere else." in words(response)
    assert [one.get("/").status_code for one in others] == [302, 302]
    assert somebody.get("/").status_code == 200
    assert told("sessions-ended") == [{"ended": 2}]
    assert "You were signed in nowhere else." in words(here.post(f"{PAGE}sessions/end-others/", follow=True))


def test_a_token_is_revoked_and_opens_nothing(reception, client):
    here, (kept, token) = signed_in_by_page(reception), token_of(reception)
    opened = client.get("/api/v1/patients/", headers={"authorization": f"Bearer {token}"}).status_code

    here.post(f"{PAGE}tokens/{kept.token_key[:8]}/revoke/")

    assert opened == 200
    assert client.get("/api/v1/patients/", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert [one["token"] for one in told("token-revoked")] == [token[:8]]


def test_nobody_ends_anothers_by_their_own_page(reception):
    other = make_staff("receptionist")
    theirs, (kept, _) = signed_in_by_page(other), token_of(other)
    name = sessions_of(other)[0].name
    known = KnownBrowser.objects.get(staff=other)
    here = signed_in_by_page(reception)

    here.post(f"{PAGE}sessions/{name}/end/")
    here.post(f"{PAGE}tokens/{kept.token_key[:8]}/revoke/")
    forgotten = here.post(f"{PAGE}browsers/{known.pk}/forget/")

    assert forgotten.status_code == 404
    assert theirs.get("/").status_code == 200
    assert len(tokens_of(other)) == 1


@pytest.mark.parametrize("address", ["sessions/end-others/", "sessions/x/end/", "tokens/x/revoke/"])
def test_nothing_is_ended_by_a_link(address, reception):
    here = signed_in_by_page(reception)

    assert here.get(f"{PAGE}{address}").status_code == 405


def test_a_manager_ends_everybodys_and_others_only_their_own(reception, manager, rosa):
    there, (kept, _) = signed_in_by_page(reception), token_of(reception)
    name = sessions_of(reception)[0].name
    for refused in (
        lambda: end_session(staff=reception, name=name, by=rosa),
        lambda: revoke_token(staff=reception, name=kept.token_key[:8], by=rosa),
        lambda: end_everything(reception, by=rosa),
    ):
        with pytest.raises(PermissionDenied):
            refused()

    assert end_session(staff=reception, name=name, by=manager)
    assert revoke_token(staff=reception, name=kept.token_key[:8], by=manager)
    assert there.get("/").status_code == 302
    assert {event.actor for event in AuditEvent.objects.filter(kind__in=["sessions-ended", "token-revoked"])} == {
        manager
    }


@pytest.mark.parametrize("name", ["", "a", "%", "________"])
def test_part_of_a_tokens_name_revokes_nothing(name, reception):
    token_of(reception)

    assert not revoke_token(staff=reception, name=name, by=reception)
    assert len(tokens_of(reception)) == 1


def test_ended_everywhere_leaves_nothing_that_opens(rosa, manager, client):
    there, (_, token) = signed_in_by_page(rosa), token_of(rosa)
    calendar = new_token()
    make_calendar_address(staff=rosa, token=calendar, by=rosa)
    opened = client.get(f"/calendar/{calendar}.ics").status_code

    end_everything(rosa, by=manager)

    assert opened == 200
    assert there.get("/").status_code == 302
    assert client.get("/api/v1/patients/", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert client.get(f"/calendar/{calendar}.ics").status_code == 404
    assert CalendarAddress.objects.get().revoked_at is not None
    assert len(told("token-revoked")) == 2
    end_everything(rosa, by=manager)
    assert (len(told("sessions-ended")), len(told("token-revoked"))) == (1, 2)


def test_deactivated_is_out_at_once_by_session_and_by_token(reception, client):
    there, (_, token) = signed_in_by_page(reception), token_of(reception)
    program = {"headers": {"authorization": f"Bearer {token}"}}
    before = (there.get("/").status_code, client.get("/api/v1/patients/", **program).status_code)
    reception.is_active = False
    reception.save()

    assert before == (200, 200)
    assert (there.get("/").status_code, client.get("/api/v1/patients/", **program).status_code) == (302, 401)


def test_a_changed_password_signs_out_every_other_browser(reception, django_capture_on_commit_callbacks):
    here, there = signed_in_by_page(reception), signed_in_by_page(reception, SAFARI)
    new = {"oldpassword": PASSWORD, "password1": "quite another phrase", "password2": "quite another phrase"}

    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/password/change/", new)

    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert [one.browser for one in sessions_of(reception)] == ["Firefox on Windows"]
    assert mail.outbox[-1].subject == "Allclear: Your password was changed"


def test_ending_the_others_is_asked_of_who_may(reception, rosa, rf):
    request = rf.post(PAGE)
    request.user, request.session = rosa, browser().session

    with pytest.raises(PermissionDenied):
        end_other_sessions(staff=reception, by=rosa, request=request)
