"""Photos made ready beside the pages: once, by whoever claims them first, and again when that one was killed."""

import datetime as dt
import io
import threading
import uuid

import pytest
from django.core.files.storage import FileSystemStorage

from clinic.tasks import run_ready_jobs
from tests.factories import make_consent, make_side_effect, on
from tests.pictures import BROKEN_INSIDE, PLANTED, heic, phone_jpeg
from treatments.developing import (
    BROKEN_OFF,
    CHANGED,
    CLAIMED_FOR,
    JOB_LOST,
    LOST,
    MOST_TRIES,
    PATIENCE,
    develop_due,
    develop_overdue,
    develop_photo,
)  # fmt: skip
from treatments.models import Photo, SideEffect
from treatments.photo_files import StorageAway, photo_storage
from treatments.photos import remove_unreadable_photo, take_in_photo
from treatments.side_effects import enter_in_error

DAMAGED = "The photo is damaged or incomplete. Send it again, or take another one."
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa)


def taken_in(bruise, by, content: bytes | None = None, now: dt.datetime | None = None) -> Photo:
    image = io.BytesIO(phone_jpeg(gps=True) if content is None else content)
    return take_in_photo(side_effect=bruise, image=image, by=by, now=now or on(3))


def names(settings) -> list[str]:
    found = (path for path in settings.PHOTOS_DIR.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(settings.PHOTOS_DIR)) for path in found)


def one_file_each(photo: Photo) -> list[str]:
    return sorted(photo.files.values_list("name", flat=True))


class AwayStorage(FileSystemStorage):
    """A real storage that does not answer."""

    def _open(self, name, mode="rb"):
        raise ConnectionError("no route to host")


def test_taking_in_keeps_the_file_as_sent_privately_and_decodes_nothing(bruise, rosa, settings):
    photo = taken_in(bruise, rosa)

    assert (photo.state, photo.files.count(), names(settings)) == ("developing", 0, [photo.incoming])
    kept = settings.PHOTOS_DIR / photo.incoming
    assert PLANTED in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("own_database")  # the queue closes its connections
def test_the_queues_job_makes_it_ready_and_the_file_as_sent_is_gone(bruise, rosa, settings):
    photo = taken_in(bruise, rosa)

    run_ready_jobs(uuid.uuid4().hex, threading.Event())

    photo.refresh_from_db()
    assert (photo.state, photo.incoming, photo.problem) == ("ready", "", "")
    assert names(settings) == one_file_each(photo)
    assert not any(PLANTED in (settings.PHOTOS_DIR / name).read_bytes() for name in names(settings))


def test_a_heic_goes_the_same_way(bruise, rosa):
    photo = develop_photo(taken_in(bruise, rosa, heic("phone_on_its_side")), now=on(3))

    assert (photo.state, photo.original_format, photo.files.count()) == ("ready", "HEIF", 3)


def test_what_its_header_did_not_show_ends_in_a_sentence_and_leaves_no_file(bruise, rosa, settings):
    photo = develop_photo(taken_in(bruise, rosa, BROKEN_INSIDE), now=on(3))

    assert (photo.state, photo.problem, photo.incoming, names(settings)) == ("unreadable", DAMAGED, "", [])


def test_an_unreadable_one_sent_again_is_tried_again_as_the_same_photo(bruise, rosa):
    first = develop_photo(taken_in(bruise, rosa, BROKEN_INSIDE), now=on(3))

    again = taken_in(bruise, rosa, BROKEN_INSIDE, now=on(3, 12))

    assert (again.pk, again.state, again.tries) == (first.pk, "developing", 0)


def test_an_unreadable_one_is_removed_and_the_same_file_may_come_again(bruise, rosa):
    photo = develop_photo(taken_in(bruise, rosa, BROKEN_INSIDE), now=on(3))

    remove_unreadable_photo(photo=photo, by=rosa)

    assert not Photo.objects.exists()
    assert taken_in(bruise, rosa, BROKEN_INSIDE).state == "developing"


def test_the_same_file_sent_while_it_waits_is_one_photo_with_one_file(bruise, rosa, settings):
    assert taken_in(bruise, rosa) == taken_in(bruise, rosa)
    assert len(names(settings)) == 1


def test_struck_while_it_waits_it_is_made_ready_all_the_same_for_the_record(bruise, rosa):
    photo = taken_in(bruise, rosa)
    enter_in_error(side_effect=bruise, reason="ink", by=rosa, now=on(3, 12))

    assert develop_photo(photo, now=on(3, 12)).state == "ready"


# --- Once, and again ---------------------------------------------------------------------------------------------------


def killed_at(photo: Photo, now: dt.datetime) -> None:
    """As a worker leaves it that was killed after it claimed."""
    Photo.objects.filter(pk=photo.pk).update(tries=photo.tries + 1, next_try_at=now + CLAIMED_FOR)
    photo.refresh_from_db()


def test_while_somebody_is_at_it_nobody_else_begins(bruise, rosa):
    photo = taken_in(bruise, rosa)
    killed_at(photo, on(3))

    almost = on(3) + CLAIMED_FOR - SECOND
    assert develop_photo(photo, now=almost).state == "developing"
    assert develop_due(almost) == 0


def test_of_two_at_once_the_second_finds_the_firsts_claim(bruise, rosa, monkeypatch):
    from treatments import developing

    photo, develop, begun = taken_in(bruise, rosa), developing.develop, []

    def while_another_asks(content):
        begun.append(content)
        develop_photo(photo, now=on(3) + CLAIMED_FOR - SECOND)
        return develop(content)

    monkeypatch.setattr(developing, "develop", while_another_asks)

    assert develop_photo(photo, now=on(3)).state == "ready"
    assert len(begun) == 1


def test_a_late_worker_leaves_it_to_the_one_that_is_at_it_now(bruise, rosa, settings, monkeypatch):
    from treatments import developing

    photo, develop = taken_in(bruise, rosa), developing.develop

    def slowly(content):
        killed_at(photo, on(3) + CLAIMED_FOR)  # meanwhile another claimed it, and has not ended
        Photo.objects.filter(pk=photo.pk).update(tries=2)
        return develop(content)

    monkeypatch.setattr(developing, "develop", slowly)
    found = develop_photo(photo, now=on(3))

    assert (found.state, found.tries, names(settings)) == ("developing", 2, [photo.incoming])


def test_a_worker_that_was_killed_is_followed_by_another(bruise, rosa, settings):
    photo = taken_in(bruise, rosa)
    killed_at(photo, on(3))

    assert develop_due(on(3) + CLAIMED_FOR + JOB_LOST) == 1
    photo.refresh_from_db()
    assert (photo.state, photo.tries, names(settings)) == ("ready", 2, one_file_each(photo))


def test_one_that_is_broken_off_each_time_is_given_up_with_a_sentence(bruise, rosa, settings):
    photo, now = taken_in(bruise, rosa), on(3)
    for _ in range(MOST_TRIES):
        killed_at(photo, now)
        now += CLAIMED_FOR

    photo = develop_photo(photo, now=now)

    assert (photo.state, photo.problem, names(settings)) == ("unreadable", BROKEN_OFF, [])


def test_a_worker_that_wakes_up_after_its_claim_decides_nothing(bruise, rosa, settings, monkeypatch):
    """It developed for so long that another began and ended meanwhile."""
    from treatments import developing

    photo, develop = taken_in(bruise, rosa), developing.develop

    def slowly(content):
        monkeypatch.setattr(developing, "develop", develop)
        develop_photo(photo, now=on(3) + CLAIMED_FOR + SECOND)
        return develop(content)

    monkeypatch.setattr(developing, "develop", slowly)
    photo = develop_photo(photo, now=on(3))

    assert (photo.state, photo.tries, photo.files.count()) == ("ready", 2, 3)
    assert names(settings) == one_file_each(photo)


@pytest.mark.usefixtures("own_database")  # the queue closes its connections
def test_a_job_that_runs_twice_makes_it_once(bruise, rosa, settings):
    photo = develop_photo(taken_in(bruise, rosa), now=on(3))
    before = names(settings)

    run_ready_jobs(uuid.uuid4().hex, threading.Event())
    develop_photo(photo, now=on(4))

    assert names(settings) == before


def test_a_file_that_was_lost_is_said(bruise, rosa):
    photo = taken_in(bruise, rosa)
    photo_storage().delete(photo.incoming)

    photo = develop_photo(photo, now=on(3))

    assert (photo.state, photo.problem) == ("unreadable", LOST)


def test_a_file_that_was_changed_while_it_waited_is_said_and_not_shown(bruise, rosa, settings):
    photo = taken_in(bruise, rosa)
    (settings.PHOTOS_DIR / photo.incoming).write_bytes(phone_jpeg(width=700))

    changed = develop_photo(photo, now=on(3))

    assert (changed.state, changed.problem, one_file_each(changed)) == ("unreadable", CHANGED, [])
    assert taken_in(bruise, rosa).pk == photo.pk  # sent again, it is tried anew


def test_a_storage_that_is_away_is_waited_for_and_costs_no_try(bruise, rosa, settings, caplog):
    photo, here = taken_in(bruise, rosa), settings.STORAGES
    away = {"BACKEND": f"{__name__}.AwayStorage", "OPTIONS": {"location": settings.PHOTOS_DIR}}
    settings.STORAGES = here | {"photos": away}

    photo = develop_photo(photo, now=on(3))

    assert (photo.state, photo.tries) == ("developing", 0)
    assert "ConnectionError" in caplog.text
    settings.STORAGES = here
    assert develop_photo(photo, now=on(3) + dt.timedelta(minutes=1)).state == "ready"


@pytest.mark.parametrize("waited, state", [(PATIENCE - SECOND, "developing"), (PATIENCE, "ready")])
def test_a_door_makes_it_ready_only_where_no_worker_has_begun_for_a_while(waited, state, bruise, rosa):
    photo = taken_in(bruise, rosa)

    assert develop_overdue(photo, now=on(3) + waited).state == state


@pytest.mark.parametrize("full_after", [0, 1, 2])
def test_a_disk_that_is_full_half_way_leaves_only_the_file_as_sent(full_after, bruise, rosa, settings, monkeypatch):
    photo, kept = taken_in(bruise, rosa), []

    def full(storage, name, content, **more):
        if len(kept) == full_after:
            raise OSError(28, "No space left on device")
        kept.append(name)
        return save(storage, name, content, **more)

    save = FileSystemStorage.save
    monkeypatch.setattr(FileSystemStorage, "save", full)
    photo = develop_photo(photo, now=on(3))
    monkeypatch.undo()

    assert (photo.state, names(settings)) == ("developing", [photo.incoming])
    assert develop_photo(photo, now=on(3) + dt.timedelta(minutes=1)).state == "ready"


def test_a_disk_that_is_full_as_it_is_sent_leaves_no_row_and_no_file(bruise, rosa, settings, monkeypatch):
    def full(storage, name, content, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    with pytest.raises(StorageAway):
        taken_in(bruise, rosa)

    assert (Photo.objects.count(), names(settings)) == (0, [])
