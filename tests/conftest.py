"""The cast: who and what most tests speak of."""

import contextlib
import datetime as dt
import gc
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from clinic.models import Room, Site, Staff
from patients.models import Patient
from tests import databases
from tests.factories import make_patient, make_practitioner, make_room, make_site, make_staff, make_treatment
from treatments.models import Treatment
from treatments.models.treatment import Family


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what speaks of the other database only: each of the two runs holds all that its database can show."""
    here, elsewhere = [], []
    for item in items:
        marker = item.get_closest_marker("only_on")
        (here if marker is None or connection.vendor in marker.args else elsewhere).append(item)
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = here


def pytest_collection_finish() -> None:
    """What is imported by now stays: looked through for garbage again and again, it takes a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings) -> Iterator[None]:
    """The test database, by its migrations. pytest-django's own makes it only for tests marked before collection."""
    with contextlib.ExitStack() as until_the_end:
        with django_db_blocker.unblock():
            until_the_end.enter_context(databases.test_database())
        yield
        with django_db_blocker.unblock():
            until_the_end.close()


@pytest.fixture
def own_database(django_db_setup, django_db_blocker) -> Iterator[str]:
    """A copy of the database that this test may commit to, with all its guards."""
    with django_db_blocker.unblock(), databases.own_copy() as name:
        yield name


@pytest.fixture
def records(request: pytest.FixtureRequest) -> None:
    """The database to write to: the test's own copy where it asked for one, else one that is rolled back."""
    wants_own = {"own_database", "clinic_server"} & set(request.fixturenames)
    request.getfixturevalue("own_database" if wants_own else "db")


@pytest.fixture(autouse=True)
def private_photos(settings, tmp_path) -> None:
    settings.PHOTOS_DIR = tmp_path / "photos"
    settings.STORAGES = settings.STORAGES | {
        name: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / name, "base_url": None, "file_permissions_mode": 0o600},
        }
        for name in ("photos", "files")
    }


@pytest.fixture
def site(records) -> Site:
    return make_site()


@pytest.fixture
def room(site) -> Room:
    return make_room(site=site)


@pytest.fixture
def reception(records) -> Staff:
    return make_staff("receptionist", name="Ida Berg")


@pytest.fixture
def rosa(records) -> Staff:
    """A practitioner, trained for mesotherapy."""
    return make_practitioner("Rosa Lind")


@pytest.fixture
def omar(records) -> Staff:
    """A practitioner without a training record."""
    return make_practitioner("Omar Aziz", trained=False)


@pytest.fixture
def manager(records) -> Staff:
    return make_staff("manager", name="Maud Keane")


@pytest.fixture
def superuser(records) -> Staff:
    """No roles by that."""
    return make_staff(name="Root", is_superuser=True, is_staff=True)


@pytest.fixture
def amara(reception) -> Patient:
    return make_patient(reception)


@pytest.fixture
def jonas(reception) -> Patient:
    return make_patient(reception, "Jonas", "Weber", date_of_birth=dt.date(1979, 6, 3), phone="+44 7700 900456")


@pytest.fixture
def mesotherapy(records) -> Treatment:
    return make_treatment(Family.MESOTHERAPY, "Mesotherapy")


@pytest.fixture
def consultation(records) -> Treatment:
    return make_treatment(Family.CONSULTATION, "Consultation", minutes=30)


@pytest.fixture
def bruise_review(records) -> Treatment:
    return make_treatment(Family.REVIEW, "Bruise review", minutes=15)


@pytest.fixture
def api(records):
    """api(staff) is a client signed in as them by token; api(None) is nobody."""
    from knox.models import AuthToken

    def client(staff: Staff | None) -> APIClient:
        browser = APIClient()
        if staff is not None:
            _, token = AuthToken.objects.create(user=staff, expiry=dt.timedelta(hours=1))
            browser.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return browser

    return client


@pytest.fixture(autouse=True)
def no_limits_left_over(request) -> None:
    if "db" in request.fixturenames or "own_database" in request.fixturenames:
        request.getfixturevalue("records")
        cache.clear()
