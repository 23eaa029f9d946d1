"""A manager's way without a mouse: records, figures, a recall, people, the trail; each page is looked at wide and on a phone."""

import re

from playwright.sync_api import expect

from clinic.models import Staff
from tests.browser.keyboard import Keyboard
from tests.browser.test_management import clinic  # noqa: F401  (its clinic, with something on every page)
from treatments.models import Recall, RecallCall


def test_a_manager_works_by_keyboard_alone(desk, clinic, manager):  # noqa: F811
    at = Keyboard(desk(manager))
    at.looked_at()
    review_a_bruise_and_keep_the_filter(at)
    read_the_figures(at)
    recall(at)
    assert (Recall.objects.get().lot, RecallCall.objects.get().how) == (clinic, "phone")
    invite_and_deactivate(at)
    assert Staff.objects.get(email="ada@clinic.example").deactivated_at is not None
    search_the_trail_and_export_it(at)


def review_a_bruise_and_keep_the_filter(at: Keyboard) -> None:
    at.main_page("Records")
    at.looked_at()
    at.open("Side effects", within="nav[aria-label='Which records']")
    at.choose("Kind", "Bruising")
    at.open("Show")
    expect(at.page).to_have_url(re.compile("kind=bruising"))
    at.looked_at()

    at.press("Reviewed: Amara Okafor.*", key="Space")
    at.type(r"Remark \(optional\)", "Looked at with Rosa.")
    at.looked_at()
    at.open("Note as reviewed")
    expect(at.page.get_by_text("1 record is noted as reviewed by you.")).to_be_visible()

    at.press("Save this filter")
    at.type("Name of the filter", "Bruises")
    at.looked_at()
    at.open("Save what is shown")
    at.tab_to("Bruises")
    at.looked_at()


def read_the_figures(at: Keyboard) -> None:
    at.main_page("Figures")
    at.choose("Side effect", "Swelling")
    at.open("Show")
    expect(at.page.get_by_role("heading", name="Swelling per 100 sessions, by month")).to_be_visible()
    at.looked_at()
    at.desk.expect_printed("Per 100")
    for name, heading in (
        ("Practitioners", "Practitioners around"),
        ("Time to clear", "Time to clear"),
        ("Watch", "Watch"),
    ):
        at.open(name, within="nav[aria-label=Figures]")
        expect(at.page.get_by_role("heading", level=1)).to_contain_text(heading)
        at.looked_at()


def recall(at: Keyboard) -> None:
    at.main_page("Lots")
    at.looked_at()
    at.open("Lipostab, lot L2209-B")
    at.looked_at()
    at.open("Recall this lot")
    at.type("Why", "The maker called it back.")
    at.looked_at()
    at.open("Recall it now")
    expect(at.page.locator("#waiting")).to_have_text("To be told 22")
    at.looked_at()
    at.open("Told: Patient Number 0")
    at.choose("How", "By phone")
    at.looked_at()
    at.open("Note it")
    expect(at.page.get_by_text("Noted for Patient Number 0.")).to_be_visible()
    at.looked_at()


def invite_and_deactivate(at: Keyboard) -> None:
    at.menu("People")
    at.looked_at()
    save_the_list_twice(at)
    at.open("Invite somebody")
    at.type("Name, as others read it", "Ada Byron")
    at.type("Email, which they sign in with", "ada@clinic.example")
    at.press("Practitioner", key="Space")
    at.looked_at()
    at.open("Invite")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("Ada Byron")
    at.looked_at()
    at.open("Deactivate")
    at.type("Why.*", "Does not come after all.")
    at.looked_at()
    at.open("Deactivate")
    expect(at.page.get_by_text("Deactivated: Does not come after all.")).to_be_visible()
    at.looked_at()


def search_the_trail_and_export_it(at: Keyboard) -> None:
    at.menu("Audit trail")
    at.choose("Who", "Maud Keane")
    at.open("Show")
    expect(at.page).to_have_url(re.compile("actor="))
    at.looked_at()
    # Nobody knows how long it is, so it is left to the worker, which does not run here.
    at.open("Save as CSV")
    expect(at.page.get_by_role("heading", name="Waiting for its turn")).to_be_visible()
    at.looked_at()
    at.open("Call it off")
    expect(at.page.get_by_text("It is called off. No file is made.")).to_be_visible()


def save_the_list_twice(at: Keyboard) -> None:
    """The page stays as it is while a file is saved, so that the next one is saved from it too."""
    for name, ending in (("Save as CSV", ".csv"), ("Save as Excel", ".xlsx"), ("Save as Excel", ".xlsx")):
        at.tab_to(name)
        with at.page.expect_download() as saved:
            at.keys.press("Enter")
        assert saved.value.suggested_filename.endswith(ending)
