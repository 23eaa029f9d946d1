"""The admin: a manager edits catalogue, staff, training, sites and rooms; the rest is shown, and reading it is audited."""

import datetime as dt

import pytest
from django.contrib import admin
from django.urls import reverse

from clinic.models import AuditEvent, Staff
from tests.factories import make_appointment, make_side_effect
from treatments.models import TrainingRecord, Treatment

EDITED = {"site", "room", "staff", "treatment", "trainingrecord"}


def _urls(model: type, *args: object) -> dict[str, str]:
    stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    return {"list": reverse(f"{stem}_changelist"), "add": reverse(f"{stem}_add")}


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


@pytest.mark.parametrize("person", ["reception", "rosa", "superuser"])
def test_only_managers_enter(person, client, request):
    client.force_login(request.getfixturevalue(person))

    response = client.get("/admin/")

    assert (response.status_code, response.url) == (302, "/admin/login/?next=/admin/")


def test_it_signs_in_through_the_houses_own_sign_in(client, records):
    assert client.get("/admin/").url == "/accounts/login/?next=/admin/"
    assert client.get("/admin/login/", follow=True).request["PATH_INFO"] == "/accounts/login/"


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.model_name)
def test_every_list_opens_and_only_the_clinics_own_things_can_be_added(model, desk, amara, rosa, mesotherapy):
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa)
    make_side_effect(patient=amara, by=rosa)
    urls = _urls(model)

    assert desk.get(urls["list"]).status_code == 200
    assert desk.get(urls["add"]).status_code == (200 if model._meta.model_name in EDITED else 403)


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.model_name)
def test_nothing_is_deleted_here(model, desk):
    assert not admin.site._registry[model].has_delete_permission(None)


def test_a_clinical_row_is_shown_unchangeable_and_its_reading_is_audited(desk, manager, amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    page = reverse("admin:treatments_sideeffect_change", args=[bruise.pk])

    shown, posted = desk.get(page), desk.post(page, {"kind": "itching"})

    assert (shown.status_code, posted.status_code) == (200, 403)
    event = AuditEvent.objects.filter(kind="record-read").last()
    assert (event.actor, event.patient_id, event.door, event.subject) == (manager, amara.pk, "admin", "sideeffect")
    bruise.refresh_from_db()
    assert bruise.kind == "bruising"


def test_a_new_member_of_staff_gets_roles_and_a_trail(desk, manager, site):
    form = {
        "email": "new@clinic.example",
        "name": "New Person",
        "site": site.pk,
        "roles": ["receptionist"],
        "is_active": "on",
    }

    response = desk.post(reverse("admin:clinic_staff_add"), form)

    assert response.status_code == 302, response.context["adminform"].form.errors
    new = Staff.objects.get(email="new@clinic.example")
    assert (new.roles, new.has_usable_password()) == (["receptionist"], False)
    assert AuditEvent.objects.get(kind="roles-changed", subject_id=new.pk).actor == manager


def test_deactivating_somebody_is_in_the_trail(desk, manager, reception, site):
    form = {"email": reception.email, "name": reception.name, "site": site.pk, "roles": ["receptionist"]}

    desk.post(reverse("admin:clinic_staff_change", args=[reception.pk]), form)

    reception.refresh_from_db()
    event = AuditEvent.objects.get(kind="staff-changed")
    assert (reception.is_active, event.actor, event.details["active"]) == (False, manager, False)


def test_a_manager_does_not_change_their_own_roles(desk, manager, site):
    form = {
        "email": manager.email,
        "name": manager.name,
        "site": site.pk,
        "roles": ["manager", "practitioner"],
        "is_active": "on",
    }

    response = desk.post(reverse("admin:clinic_staff_change", args=[manager.pk]), form)

    assert "Nobody changes their own roles" in response.content.decode()
    manager.refresh_from_db()
    assert manager.roles == ["manager"]


def test_training_entered_here_is_in_the_trail(desk, manager, omar):
    form = {
        "staff": omar.pk,
        "family": "mesotherapy",
        "certificate": "Level 2",
        "valid_from": "2026-01-01",
        "valid_until": "2027-01-01",
    }

    desk.post(reverse("admin:treatments_trainingrecord_add"), form)

    assert TrainingRecord.objects.get(staff=omar).valid_until == dt.date(2027, 1, 1)
    assert AuditEvent.objects.get(kind="training-changed", subject_id=omar.pk).actor == manager


def test_the_family_of_a_used_treatment_cannot_be_changed(desk, amara, rosa, consultation):
    make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=rosa)
    form = {"name": "Consultation", "family": "mesotherapy", "duration_minutes": 45, "is_active": "on"}

    desk.post(reverse("admin:treatments_treatment_change", args=[consultation.pk]), form)

    kept = Treatment.objects.get(pk=consultation.pk)
    assert (kept.family, kept.duration_minutes) == ("consultation", 45)
    assert kept.history.first().history_user is not None
