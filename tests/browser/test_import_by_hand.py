"""An import as a manager does it, in a real browser: by itself with scripts, by a button without them."""

import re

import pytest
from playwright.sync_api import expect

from patients.models import Patient
from tests.browser.conftest import PHONE, WIDE
from tests.patients.files import csv_file

PEOPLE = [(f"C{n}", "Zoë", f"Müller-{n}", f"{n % 28 + 1:02}/02/1988", "") for n in range(1_100)]
BAD = ("C9999", "", "Nobody", "soon", "")


@pytest.mark.parametrize(
    ("viewport", "dark", "scripts"),
    [(WIDE, False, True), (PHONE, True, True), (WIDE, True, False)],
    ids=["wide", "phone-dark", "without-scripts"],
)
def test_a_manager_imports_a_file(viewport, dark, scripts, desk, manager, tmp_path):
    file = tmp_path / "clients.csv"
    file.write_bytes(csv_file(*PEOPLE, BAD).decode().encode("latin-1"))
    at = desk(manager, viewport, dark=dark, scripts=scripts)
    page, main = at.page, at.page.locator("main")
    # axe is a script itself; the page is the same one.
    sound = at.expect_sound if scripts else lambda: None

    at.open("/patients/")
    main.get_by_role("link", name="Import patients").click()
    main.get_by_label("File").set_input_files(file)
    main.get_by_label(re.compile("Which system")).fill("Cliniko")
    sound()
    main.get_by_role("button", name="Go on").click()

    expect(main.get_by_role("radio", name=re.compile("Comma"))).to_be_checked()
    sound()
    main.get_by_role("radio", name=re.compile("Latin-1")).check()
    main.get_by_role("radio", name=re.compile("Day first")).check()
    main.get_by_role("button", name="Read it so").click()

    expect(main.get_by_label("Surname")).to_have_value("family_name")
    sound()
    main.get_by_role("button", name="Check the rows").click()
    while not scripts and main.get_by_role("button", name="Go on").is_visible():
        main.get_by_role("button", name="Go on").click()

    expect(main.get_by_role("heading", name="Import 1100 patients?")).to_be_visible(timeout=60_000)
    expect(main).to_contain_text("Line 1102")
    sound()
    main.get_by_role("button", name="Import the patients").click()
    expect(main.get_by_role("alert")).to_contain_text("Some rows cannot be taken in.")
    if scripts:
        at.expect_sound_but_for(422)
    main.get_by_label(re.compile("leave out the 1 bad one")).check()
    main.get_by_role("button", name="Import the patients").click()

    expect(main.get_by_role("heading", name="1100 patients were taken in")).to_be_visible(timeout=60_000)
    sound()
    assert Patient.objects.filter(family_name="Müller-7").get().given_name == "Zoë"
    with page.expect_download() as saved:
        main.get_by_role("link", name="What was left out, as CSV").click()
    assert "Nobody" in saved.value.path().read_text(encoding="utf-8-sig")
