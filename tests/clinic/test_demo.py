"""The demo clinic: an explicit mode, in a database of its own, made without working around anything."""

import datetime as dt
import io
from collections import Counter

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.filter_forms import Days
from clinic.models import SavedFilter, Staff
from patients.models import Patient
from tests.factories import make_staff
from treatments.models import Photo, SignOff
from treatments.retention import past_retention
from treatments.rule_check import rule_breaches
from treatments.timeline import timeline
from treatments.unusual import shown, unusual
from treatments.worklists import worklists

pytestmark = pytest.mark.usefixtures("records")


def _seed(**options: object) -> str:
    out = io.StringIO()
    call_command("seed_demo", stdout=out, **{"brief": True} | options)
    return out.getvalue()


def _errors() -> list[str]:
    return [error.id for error in run_checks(tags=[Tags.database], databases=["default"])]


def test_it_is_made_once_and_keeps_the_rule(settings):
    settings.DEMO = True

    said = _seed(brief=False)

    assert all(f"{role}@clinic.example" in said for role in ("receptionist", "practitioner", "manager"))
    assert rule_breaches() == []
    assert all(rows for rows in worklists().values())
    assert Photo.objects.count() == 8
    with pytest.raises(CommandError, match="there already"):
        _seed()
    patients = Patient.objects.count()
    assert _seed(if_empty=True) == said
    assert Patient.objects.count() == patients


def test_a_manager_finds_something_on_every_list_of_what_is_looked_through(settings):
    settings.DEMO = True
    _seed()
    manager = Staff.objects.get(email="manager@clinic.example")

    assert {row.kind for row in shown(unusual(manager, days=Days(timezone.localdate() - dt.timedelta(days=30))))} >= {
        "bruise-error", "gone-same-day", "merge",
    }  # fmt: skip
    assert SignOff.objects.filter(by=manager).count() == 6
    assert [one.name for one in SavedFilter.objects.filter(staff=manager)] == ["Not yet reviewed"]
    assert [str(one) for one in past_retention(manager, timezone.now())] == ["Agnes Thorne"]


def test_without_the_mode_it_is_refused(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not a demo"):
        _seed()
    assert not Staff.objects.exists()


@pytest.mark.parametrize("if_empty", [True, False])
def test_a_database_that_holds_anything_else_is_refused(if_empty, settings):
    settings.DEMO = True
    make_staff("manager")

    with pytest.raises(CommandError, match="holds something else"):
        _seed(if_empty=if_empty)
    assert not Patient.objects.exists()
    assert _errors() == ["clinic.E003"]


def test_demo_data_is_not_served_as_a_real_clinic(settings):
    settings.DEMO = True
    _seed()
    as_demo = _errors()

    settings.DEMO = False

    assert (as_demo, _errors()) == ([], ["clinic.E002"])


def test_a_year_of_one_patient_reads_like_a_chart(settings):
    settings.DEMO = True
    _seed()
    helena = Patient.objects.get(given_name="Helena")

    entries = timeline(helena, Staff.objects.get(email="practitioner@clinic.example"), size=200).entries

    told = Counter(entry.what for entry in entries)
    assert told == {
        "session": 8,
        "side-effect": 7,
        "review": 13,
        "photos": 5,
        "hold": 5,
        "consent": 3,
        "consent-withdrawn": 1,
        "addendum": 2,
        "deviation": 1,
        "side-effect-error": 1,
        "skin-check": 1,
        "referral-step": 5,
        "sheet": 7,
        "call": 1,
        "follow-up": 1,
        "appointment": 2,
        "message": told["message"],
    }
    assert told["message"] > 10
    # In the order in which they happened.
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
