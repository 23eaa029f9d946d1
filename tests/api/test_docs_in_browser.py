"""The API's own page, in a real browser under the real Content-Security-Policy."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from playwright.sync_api import sync_playwright

from tests.api.calls import API

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(own_database) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), WSGIServer, _Quiet)

    def serve() -> None:
        try:
            server.serve_forever(poll_interval=0.05)
        finally:
            connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _looked_at(address: str, session_id: str) -> tuple[int, list[str], list[str]]:
    """How many operations the page shows, what the browser complained of, and what it asked for elsewhere."""
    said: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session_id, "url": address}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}{API}docs/")
        page.get_by_text("/api/v1/patients/{id}/eligibility/").click()
        page.get_by_role("button", name="Try it out").click()
        shown = page.locator(".opblock").count()
        browser.close()
    return shown, said, [url for url in asked if not url.startswith((address, "data:"))]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found")
def test_the_page_shows_every_operation_and_the_policy_forbids_nothing_of_it(address, reception):
    signed_in = Client()
    signed_in.force_login(reception)
    session_id = signed_in.cookies["sessionid"].value
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]

    # Playwright's loop would make this thread one where Django keeps another connection, and leaves the first open.
    with ThreadPoolExecutor(1) as beside:
        shown, said, asked_elsewhere = beside.submit(_looked_at, address, session_id).result()

    assert shown == sum(len(methods) for methods in described.values())
    assert (said, asked_elsewhere) == ([], [])
