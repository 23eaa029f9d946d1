"""What the tests of the clinical pages share: a signed-in browser, times around now, and what a page says."""

import datetime as dt
import html
import re

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.models import Staff
from tests.factories import LONDON, make_appointment
from tests.pictures import phone_jpeg

# The session's row and the person's: what every page asks before it is ours.
AUTHENTICATION = 2


def browser(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def ago(days: float = 0, *, hours: float = 0) -> dt.datetime:
    # By the clock on the wall, so that so many days ago is that many days ago where the clocks change.
    return timezone.now().astimezone(LONDON) - dt.timedelta(days=days, hours=hours)


def ahead(days: int, hour: int = 10) -> dt.datetime:
    day = timezone.now().astimezone(LONDON).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour), LONDON)


def words(response: HttpResponse) -> str:
    """What a reader of the page reads: no tags, no addresses, one space between words."""
    body = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split()).replace(" .", ".").replace(" ,", ",")


def said(response: HttpResponse) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def links(response: HttpResponse, name: str, *args: object) -> bool:
    """Does the page lead there, by a link or a form?"""
    return f'"{reverse(name, args=args)}' in response.content.decode()


def errors(response: HttpResponse, field: str) -> list[str]:
    return list(response.context["form"].errors.get(field, []))


def statements(client: Client, address: str) -> int:
    """Statements of a page after authentication. The page must answer 200."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked) - AUTHENTICATION


def picture(name: str = "phone.jpg", **how: object) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, phone_jpeg(**how), "image/jpeg")


def no_picture(name: str = "letter.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"Dear clinic, ", "image/jpeg")


NOBODY = "7a3f1c9e-0000-4000-8000-000000000000"


def log(patient) -> str:
    return reverse("side-effect-log", args=[patient.pk])


def page_of(side_effect) -> str:
    return reverse("side-effect", args=[side_effect.pk])


def review(side_effect) -> str:
    return reverse("review", args=[side_effect.pk])


def booked(patient, treatment, practitioner, day, hour=10):
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=practitioner,
        starts_at=ahead(day, hour), now=ago(20),
    )  # fmt: skip
