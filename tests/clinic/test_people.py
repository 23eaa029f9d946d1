"""Roles, training and the trail of their changes."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from clinic.audit import record_event
from clinic.models import AuditEvent, Refusal, Staff
from clinic.roles import PERMISSIONS, ROLES
from clinic.staffing import create_staff, set_roles
from tests.factories import make_practitioner, make_site, make_staff
from treatments.training import record_training


def test_every_role_has_its_permissions():
    assert set(PERMISSIONS) == set(ROLES)


def test_a_superuser_may_nothing_by_that(superuser):
    assert not any(superuser.may(permission) for held in PERMISSIONS.values() for permission in held)


def test_several_roles_add_up(records):
    both = make_staff("practitioner", "manager")

    assert both.roles == ["practitioner", "manager"]
    assert (both.may("judge-side-effects"), both.may("manage-clinic"), both.may("unknown")) == (True, True, False)


def test_one_who_was_deactivated_may_nothing(reception):
    reception.is_active = False

    assert not reception.may("read-patients")


@pytest.mark.parametrize("permission", ["read-clinical", "judge-side-effects", "treat"])
def test_a_receptionist_reads_and_judges_nothing_clinical(permission, reception):
    assert not reception.may(permission)


@pytest.mark.parametrize("permission", ["book", "judge-side-effects", "treat", "report-concern", "edit-patients"])
def test_a_manager_writes_nothing_about_patients(permission, manager):
    assert not manager.may(permission)


def test_a_change_of_roles_is_in_the_trail_and_the_history(reception, manager):
    set_roles(staff=reception, roles=["receptionist", "manager"], by=manager)

    event = AuditEvent.objects.filter(kind="roles-changed", actor=manager).get()
    assert (event.subject_id, event.details, event.door) == (
        reception.pk,
        {"before": ["receptionist"], "after": ["receptionist", "manager"]},
        "command-line",
    )
    assert reception.history.first().history_user == manager


def test_no_change_is_no_event(reception, manager):
    before = AuditEvent.objects.count()

    set_roles(staff=reception, roles=["receptionist"], by=manager)

    assert AuditEvent.objects.count() == before


def test_nobody_changes_their_own_roles(manager):
    with pytest.raises(ValidationError):
        set_roles(staff=manager, roles=["manager", "practitioner"], by=manager)

    manager.refresh_from_db()
    assert manager.roles == ["manager"]


def test_an_unknown_role_is_refused(records):
    with pytest.raises(ValidationError):
        create_staff(email="x@clinic.example", name="X", roles=["owner"], site=make_site())


def test_an_address_is_used_once_whatever_its_case(records):
    create_staff(email="Ida@Clinic.example", name="Ida", roles=[])

    with pytest.raises(ValidationError):
        create_staff(email="ida@clinic.example", name="Other", roles=[])
    assert Staff.objects.get().email == "ida@clinic.example"


def test_a_new_training_record_is_in_the_trail(manager):
    omar = make_practitioner("Omar Aziz", trained=False)

    record_training(
        staff=omar, certificate="Level 2", valid_from=dt.date(2026, 1, 1), valid_until=dt.date(2027, 1, 1), by=manager
    )

    event = AuditEvent.objects.get(kind="training-changed", subject_id=omar.pk)
    assert (event.actor, event.details) == (manager, {"until": "2027-01-01", "withdrawn": False})


def test_training_that_ends_before_it_begins_is_refused(records):
    with pytest.raises(ValidationError) as error:
        record_training(
            staff=make_practitioner(trained=False),
            certificate="x",
            valid_from=dt.date(2026, 1, 2),
            valid_until=dt.date(2026, 1, 1),
        )

    assert list(error.value.message_dict) == ["valid_until"]


def test_only_managers_read_the_trail_and_the_refusals(reception, rosa, manager, superuser):
    record_event(AuditEvent.Kind.CHART_READ, actor=rosa)
    Refusal.objects.create(by=reception, door="page", operation="book", code="bruising-present")

    for staff, sees in ((reception, False), (rosa, False), (superuser, False), (manager, True)):
        assert AuditEvent.objects.visible_to(staff).exists() is sees
        assert Refusal.objects.visible_to(staff).exists() is sees


def test_what_the_command_line_does_says_so_in_the_history(records):
    made = make_staff("receptionist")

    assert made.history.get().history_change_reason == "command line"
