"""The page that gives a whole chart out: who may, by POST only, and under which name the file goes."""

import json

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import make_patient, make_side_effect
from tests.pages.clinical import NOBODY, ago, browser, links, words
from treatments.merging import merge_patients
from treatments.side_effects import enter_in_error


def copy(patient) -> str:
    return reverse("chart-copy", args=[patient.pk])


def give_out(patient, kind: str = "json") -> str:
    return reverse("chart-give-out", args=[patient.pk, kind])


def given_out() -> list[tuple[str, str]]:
    found = AuditEvent.objects.filter(kind__in=["chart-printed", "chart-exported"])
    return list(found.values_list("kind", "door"))


@pytest.mark.parametrize("reader", ["rosa", "manager"])
def test_practitioners_and_managers_give_a_chart_out_and_it_is_noted(request, reader, amara, mesotherapy):
    client = browser(request.getfixturevalue(reader))
    assert links(client.get(reverse("chart", args=[amara.pk])), "chart-copy", amara.pk)

    answer = client.post(give_out(amara))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert f'filename="chart-{amara.number}-' in answer["Content-Disposition"]
    assert "Okafor" not in answer["Content-Disposition"]
    assert json.loads(answer.content)["patient"]["number"] == amara.number
    assert given_out() == [("chart-exported", "page")]


def test_the_pdf_is_one(rosa, amara):
    answer = browser(rosa).post(give_out(amara, "pdf"))

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert given_out() == [("chart-printed", "page")]


def test_reception_neither_is_offered_it_nor_may(reception, amara, mesotherapy):
    client = browser(reception)

    assert not links(client.get(reverse("chart", args=[amara.pk])), "chart-copy", amara.pk)
    assert client.get(copy(amara)).status_code == 403
    assert client.post(give_out(amara)).status_code == 403
    assert given_out() == []


def test_looking_at_the_page_gives_nothing_out(rosa, amara):
    client = browser(rosa)

    assert client.get(copy(amara)).status_code == 200
    assert client.get(give_out(amara)).status_code == 405
    assert given_out() == []


def test_unknown_patients_formats_and_records_merged_away_are_not_found(rosa, reception, amara):
    double = make_patient(reception, given_name="Amarah")
    merge_patients(kept=amara, merged=double, by=reception)
    client = browser(rosa)

    assert client.get(reverse("chart-copy", args=[NOBODY])).status_code == 404
    assert client.post(reverse("chart-give-out", args=[NOBODY, "json"])).status_code == 404
    assert client.post(give_out(amara, "xml")).status_code == 404
    assert client.post(give_out(double)).status_code == 404
    assert client.post(give_out(amara)).status_code == 200


def test_entries_in_error_are_to_be_read_before_a_copy_is_handed_over(rosa, amara):
    assert "made in error" not in words(browser(rosa).get(copy(amara)))
    wrong = make_side_effect(patient=amara, kind="pain", by=rosa, now=ago(3))
    enter_in_error(side_effect=wrong, reason="Wrong chart", by=rosa)

    assert "1 entry was made in error and is in the copy" in words(browser(rosa).get(copy(amara)))
