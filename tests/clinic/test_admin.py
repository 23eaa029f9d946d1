"""The admin: a manager edits catalogue, sites and rooms; the rest is shown, and reading it is audited."""

import pytest
from django.contrib import admin
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import NOW, make_appointment, make_side_effect
from treatments.booking import review_instead
from treatments.models import Treatment

EDITED = {"site", "room", "treatment"}


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


@pytest.mark.parametrize("what", ["staff", "trainingrecord"])
def test_people_and_their_training_are_shown_here_and_kept_on_their_own_pages(what, desk, rosa):
    app = "clinic" if what == "staff" else "treatments"
    row = rosa if what == "staff" else rosa.training_records.get()
    address = reverse(f"admin:{app}_{what}_change", args=[row.pk])

    page = desk.get(address).content.decode()

    assert "Rosa Lind" in page
    assert rosa.password not in page
    assert desk.post(address, {"is_active": ""}).status_code == 403
    assert desk.get(reverse(f"admin:{app}_{what}_add")).status_code == 403


def test_the_family_of_a_used_treatment_cannot_be_changed(desk, amara, rosa, consultation):
    make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=rosa)
    form = {"name": "Consultation", "family": "mesotherapy", "duration_minutes": 45, "is_active": "on"}

    desk.post(reverse("admin:treatments_treatment_change", args=[consultation.pk]), form)

    kept = Treatment.objects.get(pk=consultation.pk)
    assert (kept.family, kept.duration_minutes) == ("consultation", 45)
    assert kept.history.first().history_user is not None


def test_nor_of_one_that_stands_only_as_what_a_review_stood_for(desk, amara, rosa, mesotherapy, bruise_review):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa)
    review_instead(appointment=booked, by=rosa, now=NOW)
    form = {"name": "Mesotherapy", "family": "other", "duration_minutes": 50, "is_active": "on"}

    answer = desk.post(reverse("admin:treatments_treatment_change", args=[mesotherapy.pk]), form)

    kept = Treatment.objects.get(pk=mesotherapy.pk)
    assert (answer.status_code, kept.family, kept.duration_minutes) == (302, "mesotherapy", 50)


@pytest.mark.parametrize(
    "asked",
    [
        "clinic/staff/?password__startswith=argon2",
        "clinic/staff/?name__regex=%5B",
        "clinic/staff/?site__name=High+Street",
        "clinic/auditevent/?kind__regex=(((",
        "clinic/auditevent/?actor__password__contains=a",
        "treatments/appointment/?starts_at__year=99999",
        "treatments/treatment/?name__iregex=(",
    ],
)
def test_an_address_asks_a_list_for_nothing_that_the_list_does_not_offer(asked, desk, rosa):
    assert desk.get(f"/admin/{asked}").status_code == 400


def test_what_a_list_offers_is_answered(desk, reception, rosa):
    page = desk.get("/admin/clinic/auditevent/?kind__exact=chart-read&door=page").content.decode()
    one = desk.get(f"/admin/clinic/staff/?id={rosa.pk}").content.decode()

    assert "0 audit events" in page
    assert (rosa.email in one, reception.email in one) == (True, False)
    assert desk.get("/admin/clinic/staff/?id=none").status_code == 302


def test_no_row_is_looked_up_by_numbers(desk):
    assert desk.get("/admin/r/1/1/").status_code == 404
