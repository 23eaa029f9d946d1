"""Hands that know no mouse: what the walks by keyboard share."""

import datetime as dt
import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, Desk

# What has the focus is called by its label, else by its own words.
CALLED = """(within) => {
  const at = document.activeElement;
  if (!at?.closest(within)) return "";
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.value || "";
  return words.replace(/\\s+/g, " ").replace(/ :/g, ":").trim();
}"""
MOST_TABS = 250


class Keyboard:
    """Tab, arrows, Enter, Space and letters, at one desk. Names are whole, and may be patterns."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page, self.keys = desk, desk.page, desk.page.keyboard

    def tab_to(self, name: str, within: str = "main", key: str = "Tab") -> None:
        for _ in range(MOST_TABS):
            if re.fullmatch(name, self.page.evaluate(CALLED, within)):
                return
            self.keys.press(key)
        raise AssertionError(f"{name} is not reached by {key}")

    def open(self, name: str, within: str = "main", **how: str) -> None:
        """What leads to another page."""
        self.tab_to(name, within, **how)
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def press(self, name: str, key: str = "Enter", within: str = "main") -> None:
        """What stays on the page: opens, ticks or chooses."""
        self.tab_to(name, within)
        self.keys.press(key)

    def type(self, label: str, text: str) -> None:
        self.tab_to(label)
        self.keys.type(text)

    def choose(self, label: str, option: str) -> None:
        """In a list of choices, by its first letters."""
        self.tab_to(label)
        self.keys.type(option)
        chosen = "document.activeElement.selectedOptions[0].text"
        assert re.match(re.escape(option), self.page.evaluate(chosen), re.I), self.page.evaluate(chosen)

    def type_day(self, label: str, day: dt.date) -> None:
        """Day, month and year in the order in which this browser's language asks for them."""
        self.tab_to(label)
        for order in ("%d%m%Y", "%m%d%Y"):
            self.keys.type(day.strftime(order))
            if self.page.evaluate("document.activeElement.value") == day.isoformat():
                return
            self.keys.press("ArrowLeft")
            self.keys.press("ArrowLeft")
        raise AssertionError(f"{day} cannot be typed into {label}")

    def find(self, who: str) -> None:
        """From anywhere to a patient's chart."""
        self.keys.press("/")
        self.keys.type(who)
        expect(self.page.get_by_role("listbox", name="Patients found").get_by_role("option")).to_have_count(1)
        self.keys.press("ArrowDown")
        with self.page.expect_navigation():
            self.keys.press("Enter")

    def menu(self, name: str) -> None:
        """What stands under one's own name, top right."""
        self.press(".*: account", within="details.me")
        self.open(name, within="details.me")

    def main_page(self, name: str) -> None:
        self.open(name, within="nav[aria-label=Main]")

    def looked_at(self, answered: int = 200) -> None:
        """As it stands: wide in light, then on a phone in the dark. `answered` is the status it came with."""
        self.desk.expect_sound_but_for(answered)
        self.page.set_viewport_size(PHONE)
        self.page.emulate_media(color_scheme="dark")
        self.desk.expect_sound()
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")
