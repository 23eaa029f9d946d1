"""Is the whole sound: each check in turn, the newest answer kept, and what is late said so."""

import datetime as dt
import io

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.utils import timezone

from clinic.models import IntegrityCheck
from treatments.integrity import CHECKS, KEPT_FOR, note_backup, run_check, run_due_checks, standing

pytestmark = pytest.mark.usefixtures("records")
NOW = timezone.now()


def told(now: dt.datetime = NOW) -> dict[str, tuple[object, bool, bool]]:
    """Of each check: how many faults it found last, whether it is late, and whether all is well."""
    return {one.name: (one.last and one.last.found, one.is_late, one.is_well) for one in standing(now)}


def test_what_never_ran_is_not_well_and_not_late():
    assert told() == dict.fromkeys([*CHECKS, "backup"], (None, False, False))


def test_in_a_sound_clinic_every_check_finds_nothing():
    assert run_due_checks(NOW) == len(CHECKS)
    note_backup(now=NOW)

    assert told() == dict.fromkeys([*CHECKS, "backup"], (0, False, True))


def test_a_check_runs_again_only_once_its_answer_is_old():
    run_due_checks(NOW)
    cache.clear()

    assert run_due_checks(NOW + dt.timedelta(minutes=59)) == 0
    hourly = sum(every <= dt.timedelta(hours=1) for _, every in CHECKS.values())
    assert run_due_checks(NOW + dt.timedelta(minutes=60)) == hourly


def test_of_two_workers_one_runs_it():
    run_due_checks(NOW)
    IntegrityCheck.objects.all().delete()  # the other has not written its answer yet

    assert run_due_checks(NOW) == 0


def test_a_young_file_without_a_row_is_left_in_peace():
    storages["photos"].save("aa/" + "0" * 32 + ".jpg", ContentFile(b"nobody's"))

    found = run_check("photos", now=NOW)

    # It is young: it may be about to get its row.
    assert (found.found, found.words) == (0, "")


def test_a_day_without_a_backup_is_late():
    note_backup(now=NOW - dt.timedelta(hours=27))

    assert told()["backup"] == (0, True, False)
    assert told(NOW - dt.timedelta(hours=2))["backup"] == (0, False, True)


def test_a_backup_that_failed_says_why():
    out = io.StringIO()
    call_command("note_backup", failed="the disk is full", stdout=out)

    last = next(one.last for one in standing() if one.name == "backup")
    assert (last.found, last.words, out.getvalue()) == (1, "the disk is full", "Noted: the backup failed.\n")


def test_old_answers_go_but_never_the_newest():
    note_backup(now=NOW - 2 * KEPT_FOR)
    run_check("rule", now=NOW - 2 * KEPT_FOR)
    run_check("rule", now=NOW)

    run_due_checks(NOW)

    assert IntegrityCheck.objects.filter(name="rule").count() == 1
    assert IntegrityCheck.objects.filter(name="backup").count() == 1


def test_all_of_it_is_asked_in_one_statement(django_assert_num_queries):
    for days in range(3):
        for name in CHECKS:
            run_check(name, now=NOW - dt.timedelta(days=days))
    with django_assert_num_queries(1):
        standing(NOW)


def test_the_command_runs_all_and_ends_well(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("check_integrity")

    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CHECKS)
