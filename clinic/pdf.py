"""Pages as PDF files, for what leaves the clinic. Laid out by WeasyPrint from a page's own HTML and print styles.

WeasyPrint needs Pango from the system; where that is missing the pages still print from the browser.
"""

import mimetypes
from collections.abc import Mapping
from typing import Any

from django.contrib.staticfiles import finders
from PIL import ImageFile


class PdfUnavailable(Exception):
    """Pango is not installed here; the door says so, and offers to print instead."""


def can_make_pdfs() -> bool:
    """Whether Pango is here."""
    try:
        _import_weasyprint()
    except OSError:
        return False
    return True


def _import_weasyprint() -> None:
    """Raises OSError without Pango. Its import makes Pillow, in the whole process, take broken pictures for whole ones; that
    is taken back, or a damaged photo would come in as a good one."""
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    import weasyprint  # noqa: F401

    ImageFile.LOAD_TRUNCATED_IMAGES = strict


def pdf_of(html: str, *, files: Mapping[str, bytes] | None = None) -> bytes:
    """The page as a PDF. It may name `static:<path>` (a style sheet, found as static files are) and `file:<name>`, one of
    `files` (a picture); nothing else is fetched, from the network least of all. Raises PdfUnavailable."""
    try:
        _import_weasyprint()
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher, URLFetcherResponse
    except OSError as error:
        raise PdfUnavailable(
            "PDF files need Pango; on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
        ) from error

    class Ours(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            kind, _, name = url.partition(":")
            if kind == "static":
                return URLFetcherResponse(url, body=_static(name), headers=_type_of(name))
            if kind == "file" and name in (files or {}):
                return URLFetcherResponse(url, body=(files or {})[name], headers=_type_of(name))
            raise ValueError("a PDF fetches nothing but its own style sheets and pictures")

    written: bytes = HTML(string=html, url_fetcher=Ours()).write_pdf()
    return written


def _type_of(name: str) -> dict[str, str]:
    return {"Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream"}


def _static(name: str) -> bytes:
    path = finders.find(name)
    if path is None:
        raise ValueError(f"no static file {name}")
    with open(str(path), "rb") as file:
        return file.read()
