"""A byte that PostgreSQL takes in no text: said to be wrong, or passed over, and never an error of ours."""

import pytest
from django.conf import settings
from django.test import Client

from patients.models import Patient
from tests.pages.desk import signed_in, words


@pytest.mark.parametrize("key", ["\0aaaaaaaaaaaaaaaa", "aaaaaaaa\0aaaaaaaa", "../../etc/passwd", "AAAAAAAAAAAAAAAA"])
@pytest.mark.parametrize("address", ["/accounts/login/", "/api/v1/patients/", "/"])
def test_in_the_cookie_it_is_nobodys_session(key, address, records):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    assert client.get(address).status_code in (200, 302, 401, 403)


def test_in_the_mark_of_a_form_it_is_passed_over(reception):
    typed = {"given_name": "Nia", "family_name": "Cole", "date_of_birth": "1990-05-04", "once": "one\0two"}

    answers = [signed_in(reception).post("/patients/new/", typed).status_code for _ in range(2)]

    assert (answers, Patient.objects.count()) == ([302, 302], 1)


def test_in_the_filter_of_an_export_it_is_said(manager):
    answer = signed_in(manager).post("/exports/start/people/", {"format": "csv", "query": "q=a\0b"})

    assert answer.status_code == 422
    assert "This filter cannot be read. Set it anew on its page." in words(answer)
