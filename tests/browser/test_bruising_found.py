"""Bruising found at the start of a session, with a thumb: one tap logs it, and the visit is a review."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.factories import make_appointment, make_treatment
from tests.pages.clinical import ago
from treatments.models import Appointment, Session, SideEffect


@pytest.fixture
def visit(clinic_server, amara, rosa, mesotherapy) -> Appointment:
    make_treatment("review", "Bruise review", 20)
    return make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa, starts_at=ago(hours=0.1), now=ago(hours=0.1)
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_one_tap_logs_it_as_seen_and_turns_the_visit_into_a_review(dark, desk, visit, amara, rosa, mesotherapy):
    at = desk(rosa, PHONE, dark=dark, touch=True)
    at.open(reverse("session-start", args=[visit.pk]))
    at.expect_sound()
    found = at.page.get_by_role("button", name="Bruising seen: log it, make this a review")
    found.scroll_into_view_if_needed()
    assert found.bounding_box()["height"] >= 44

    with at.page.expect_navigation():
        found.tap()

    bruise = SideEffect.objects.get()
    assert (bruise.patient, bruise.kind, bruise.seen_by) == (amara, "bruising", rosa)
    visit.refresh_from_db()
    assert (visit.treatment.family, visit.treatment.name, visit.stood_for) == ("review", "Bruise review", mesotherapy)
    assert not Session.objects.exists()
    expect(at.page.locator("main")).to_contain_text("review")
    at.expect_sound()
