"""A real browser against the real server, on a copy of the database with all its guards."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clinic.models import Staff
from tests import databases
from tests.factories import PASSWORD

# Playwright's own loop runs in this thread; the ORM is only ever called between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
ROOT = Path(__file__).parents[2]
# The first is the same browser without a window's own pages, and a quarter quicker.
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    # A made-up camera, which may be used without asking.
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    return {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-gpu", "--disable-sync", *quiet, *camera],
    }


class Server:
    """The product's own server, which stays up while each test puts its own database and photos in their place."""

    def __init__(self, photos: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://localhost:{port}"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": databases.database_url(),
            "PHOTOS_DIR": str(photos),
            "BASE_URL": self.address,
            "ALLOWED_HOSTS": "localhost",
        }
        granian = ["granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning", "--blocking-threads", "4"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *granian, "--host", "127.0.0.1", "--port", str(port), "clinic.wsgi:application"],
            cwd=ROOT,
            env=environment,
        )
        _wait_until_it_answers(f"{self.address}/healthz", self.process)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Servers:
    """servers() is the one for the settings that a test has put into the environment; begun when first asked for."""

    def __init__(self, photos: Path) -> None:
        self.photos = photos
        self.begun: dict[str | None, Server] = {}

    def __call__(self) -> Server:
        asked = os.environ.get("TESTS_ASK_FOR_SECOND_STEP")
        if asked not in self.begun:
            self.begun[asked] = Server(self.photos)
        return self.begun[asked]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    those = Servers(tmp_path_factory.mktemp("served") / "photos")
    yield those
    for one in those.begun.values():
        one.stop()


@pytest.fixture
def own_database(django_db_setup, django_db_blocker) -> Iterator[str]:
    """As everywhere, but always under one name, which the server opens anew with each request."""
    with django_db_blocker.unblock(), databases.own_copy("served") as name:
        yield name


@pytest.fixture
def clinic_server(own_database, private_photos, servers: Servers) -> Iterator[str]:
    """The server on this test's copy of the database; yields its address."""
    shutil.rmtree(servers.photos, ignore_errors=True)
    settings.PHOTOS_DIR = servers.photos
    settings.STORAGES["photos"]["OPTIONS"]["location"] = servers.photos
    yield servers().address
    connections.close_all()


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the server ended at once"
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not answer within 30 seconds")


LEFT = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")


class Desk:
    """One person at one browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda message: self._hear(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: str) -> None:
        # What was asked for in the background ends when the page is left. A server that answers wrongly, or not at all, the
        # browser itself complains of.
        if not any(ended in said for ended in LEFT):
            self.complaints.append(said)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, staff: Staff) -> "Desk":
        """With the cookie of somebody who has signed in; each test by the form would be minutes of signing in."""
        client = Client()
        client.force_login(staff)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])
        self.open("/")
        return self

    def sign_in_by_form(self, staff: Staff) -> "Desk":
        self.open("/accounts/login/")
        self.page.get_by_label("Email").fill(staff.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.address}/")
        return self

    def expect_sound_but_for(self, status: int) -> None:
        """The same on a page that answers 4xx, which Chromium notes on the console by itself."""
        self.complaints = [one for one in self.complaints if f"status of {status}" not in one]
        self.expect_sound()

    def expect_sound(self) -> None:
        """No axe violation, no word on the console, nothing wider than the screen."""
        # axe is most of a browser test's time, and a page is the same whichever database its rows come from.
        if connection.vendor == "sqlite":
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()
        assert self.complaints == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def expect_printed(self, numbers: str) -> None:
        """On a sheet of A4: the chart, and the table with such a column, whole and without what only a screen can use."""
        screen = self.page.viewport_size
        self.page.emulate_media(media="print")
        self.page.set_viewport_size({"width": 718, "height": 1000})
        expect(self.page.locator("figure.plot svg[role=img]").first).to_be_visible()
        table = self.page.get_by_role("table").filter(has=self.page.get_by_role("columnheader", name=numbers)).first
        expect(table.locator("tbody tr").first).to_be_visible()
        assert table.evaluate("(one) => one.getBoundingClientRect().right <= window.innerWidth")
        assert table.evaluate("(one) => one.parentElement.scrollWidth <= one.parentElement.clientWidth")
        expect(self.page.get_by_role("navigation")).to_have_count(0)
        self.page.emulate_media(media="screen")
        self.page.set_viewport_size(screen)


@pytest.fixture
def desk(browser: Browser, clinic_server: str) -> Iterator[Callable[..., Desk]]:
    """desk(staff, viewport, dark) is that person, signed in."""
    contexts: list[BrowserContext] = []

    def sit(
        staff: Staff | None,
        viewport: dict[str, int] = WIDE,
        *,
        dark: bool = False,
        scripts: bool = True,
        touch: bool = False,
    ) -> Desk:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            has_touch=touch,
            locale="en-GB",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        at = Desk(context.new_page(), clinic_server)
        return at.sign_in(staff) if staff else at

    yield sit
    for context in contexts:
        context.close()
