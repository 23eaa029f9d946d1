"""The manager's side in a real browser: every page sound, wide and on a phone; records filtered, kept and reviewed by hand."""

import datetime as dt
import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic.audit_chain import seal_events
from clinic.invitations import invite_staff, link_for
from clinic.refusals import Refused, record_refusal
from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_gone, make_lot, make_side_effect
from tests.pages.desk import today_at
from tests.treatments.figured import logged, someone, treat
from treatments.alerts import raise_alert
from treatments.booking import book_appointment
from treatments.export_asking import ask_for_list
from treatments.figures.clearing import rebuild_clearing
from treatments.figures.cusum import watch
from treatments.figures.keeping import rebuild
from treatments.models import Alert, Session, SideEffect

NOW = timezone.now()
PAGES = (
    "/", "/records/", "/records/?what=side-effects", "/refusals/", "/unusual/", "/figures/", "/figures/?by=lot",
    "/figures/practitioners/", "/figures/time-to-clear/", "/figures/watch/", "/alerts/", "/people/", "/people/invite/",
    "/audit/", "/integrity/", "/exports/", "/retention/", "/security/", "/lots/", "/hours/", "/absences/",
    "/absences/new/", "/calendar-addresses/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
)  # fmt: skip


@pytest.fixture
def clinic(rosa, reception, mesotherapy, manager, amara):
    """Twenty-two sessions, three with a bruise, one refusal, one alert; counted and linked."""
    lot = make_lot(rosa)
    for number in range(22):
        at = NOW - dt.timedelta(days=20, hours=number)
        session = treat(someone(reception, number), rosa, mesotherapy, at, sites=["thigh"], lots=[lot])
        if number < 3:
            make_gone(logged(session, "bruising", rosa), rosa, now=NOW - dt.timedelta(days=5))
    make_side_effect(patient=amara, by=rosa, now=NOW - dt.timedelta(days=12))
    with pytest.raises(Refused) as refused:
        book_appointment(
            patient=amara, treatment=mesotherapy, practitioner=rosa, starts_at=today_at(days=2), by=reception
        )
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")
    raise_alert(kind="infections-together", key="one", reason="Two suspected infections share a room.", facts={})
    rebuild(NOW)
    rebuild_clearing(now=NOW)
    watch(NOW)
    seal_events()
    return lot


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone"])
def test_every_page_of_a_manager_is_sound(viewport, dark, desk, clinic, amara, rosa, manager):
    at = desk(manager, viewport, dark=dark)
    person, patient, lot = f"/people/{rosa.pk}/", f"/patients/{amara.pk}/", f"/lots/{clinic.pk}/"
    training, session = rosa.training_records.get(), Session.objects.first()
    bruise = SideEffect.objects.get(patient=amara)
    waiting = ask_for_list(code="records-sessions", format="csv", query="what=sessions", total=22, by=manager)
    own = (
        person, f"{person}change/", f"{person}training/", f"{person}deactivate/", f"/training/{training.pk}/certificate/",
        f"/training/{training.pk}/withdraw/", f"/hours/people/{rosa.pk}/", f"/hours/sites/{rosa.site_id}/",
        f"{patient}data/", f"{patient}data/erase/", lot, f"{lot}recall/", f"/sessions/{session.pk}/reviewed/",
        f"/side-effects/{bruise.pk}/reviewed/", f"/exports/{waiting.pk}/", f"/alerts/{Alert.objects.get().pk}/",
    )  # fmt: skip
    for address in (*PAGES, *own):
        at.open(address)
        expect(at.page.locator("h1")).to_have_count(1)
        at.expect_sound()


def test_the_page_an_invitation_opens_is_sound_on_a_phone(desk, manager):
    ada = invite_staff(email="ada@clinic.example", name="Ada Byron", roles=["practitioner"], by=manager)
    at = desk(None, PHONE, dark=True)
    at.open(urlsplit(link_for(ada)).path)
    expect(at.page.get_by_label("Your name, as others read it")).to_have_value("Ada Byron")
    at.expect_sound()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_records_are_filtered_the_filter_is_kept_and_a_record_is_reviewed(viewport, desk, clinic, manager):
    at = desk(manager, viewport)
    page = at.page
    at.open("/records/?what=side-effects")
    page.get_by_label("Kind", exact=True).select_option("bruising")
    page.locator("main").get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile("kind=bruising"))

    page.get_by_text("Save this filter").click()
    page.get_by_label("Name of the filter").fill("Bruises")
    page.get_by_role("button", name="Save what is shown").click()
    expect(page.get_by_role("link", name="Bruises", exact=True)).to_be_visible()
    at.expect_sound()

    page.get_by_role("checkbox").first.check()
    page.get_by_label("Remark").fill("Looked at with Rosa.")
    page.get_by_role("button", name="Note as reviewed").click()
    expect(page.get_by_text("1 record is noted as reviewed by you.")).to_be_visible()
    expect(page.get_by_text("Looked at with Rosa.").first).to_be_visible()
    at.expect_sound()
