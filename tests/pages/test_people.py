"""The people's pages: invited, changed, deactivated and brought back, by who manages people and by nobody else."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.utils import timezone
from knox.models import AuthToken

from clinic.models import AuditEvent, Staff
from clinic.staffing import set_roles
from tests.factories import make_practitioner, make_staff, train
from tests.pages.desk import booked, signed_in, statements, today_at, words

Kind = AuditEvent.Kind


def page(staff: Staff, then: str = "") -> str:
    return f"/people/{staff.pk}/{then}"


def typed(staff: Staff, **more: object) -> dict[str, object]:
    given = {"name": staff.name, "email": staff.email, "site": staff.site_id or "", "roles": staff.roles}
    return given | {"seen": staff.history.latest("history_id").history_id} | more


def link() -> str:
    """The path of the link in the newest mail."""
    return re.search(r"https?://[^/]+(/accounts/invitation/\S+)", mail.outbox[-1].body).group(1)


def test_everybody_is_listed_with_what_matters(rosa, omar, reception, manager):
    response = signed_in(manager).get("/people/")

    assert response.status_code == 200
    said = words(response)
    assert "4 people" in said
    assert "Rosa Lind Practitioner" in said
    assert "Trained until" in said
    assert "Not trained for mesotherapy" in said
    assert "Never signed in" in said


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("search=ros", ["Rosa Lind"]),
        ("role=manager", ["Maud Keane"]),
        ("state=deactivated", []),
        ("training=lapsing", []),
        ("role=practitioner", ["Omar Aziz", "Rosa Lind"]),
    ],
)
def test_the_list_is_filtered(asked, names, rosa, omar, reception, manager):
    response = signed_in(manager).get(f"/people/?{asked}")

    assert [row.staff.name for row in response.context["rows"]] == names


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_only_who_manages_people_opens_them(who, request, manager):
    client = signed_in(request.getfixturevalue(who))
    for address in (
        "/people/",
        "/people/invite/",
        page(manager),
        page(manager, "change/"),
        page(manager, "deactivate/"),
    ):
        assert client.get(address).status_code == 403
    assert client.post(page(manager, "sign-out/")).status_code == 403


def test_nobody_of_that_id_is_404(manager):
    assert signed_in(manager).get("/people/00000000-0000-4000-8000-000000000000/").status_code == 404


# --- Inviting ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(settings):
    settings.EMAIL_BACKEND, settings.MESSAGES_ARE_KEPT = "django.core.mail.backends.locmem.EmailBackend", False


def test_somebody_is_invited_chooses_a_password_and_signs_in(
    sent, manager, site, client, django_capture_on_commit_callbacks
):
    given = {"name": "Nell Quist", "email": "nell@clinic.example", "site": str(site.pk), "roles": ["receptionist"]}
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(manager).post("/people/invite/", given)
    nell, path = Staff.objects.get(email="nell@clinic.example"), link()
    assert (nell.state, mail.outbox[-1].to) == ("invited", ["nell@clinic.example"])
    assert "Nell" not in mail.outbox[-1].subject

    chosen = {"name": "Nell Quist", "password": "seven wide rivers", "again": "seven wide rivers"}
    assert "Nell Quist" in client.get(path, follow=True).content.decode()
    assert client.post("/accounts/invitation/", chosen).status_code == 302

    nell.refresh_from_db()
    assert (nell.state, nell.check_password("seven wide rivers")) == ("active", True)
    # Once is once.
    assert client.get(path, follow=True).status_code == 410


def test_inviting_again_makes_the_first_link_void(sent, manager, client, django_capture_on_commit_callbacks):
    given = {"name": "Nell Quist", "email": "nell@clinic.example", "roles": ["receptionist"]}
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(manager).post("/people/invite/", given)
    first, nell = link(), Staff.objects.get(email="nell@clinic.example")

    with django_capture_on_commit_callbacks(execute=True):
        signed_in(manager).post(page(nell, "invite-again/"))

    assert client.get(first, follow=True).status_code == 410
    assert client.get(link(), follow=True).status_code == 200


def test_what_is_wrong_is_said_and_what_was_typed_stays(manager, rosa):
    given = {"name": "Nell Quist", "email": rosa.email.upper(), "roles": []}

    response = signed_in(manager).post("/people/invite/", given)

    assert response.status_code == 422
    assert "Choose at least one role." in words(response)
    assert 'value="Nell Quist"' in response.content.decode()


# --- Changing ---------------------------------------------------------------------------------------------------------


def test_a_role_is_given_and_stands_on_the_page_with_who_gave_it(reception, manager):
    response = signed_in(manager).post(
        page(reception, "change/"), typed(reception, roles=["receptionist", "practitioner"]), follow=True
    )

    assert response.status_code == 200
    reception.refresh_from_db()
    assert reception.roles == ["receptionist", "practitioner"]
    assert "Roles: Receptionist → Receptionist, Practitioner Maud Keane" in words(response)


def test_nobody_changes_their_own_roles(manager):
    make_staff("manager", name="Una")

    signed_in(manager).post(page(manager, "change/"), typed(manager, roles=["manager", "practitioner"]))

    manager.refresh_from_db()
    assert manager.roles == ["manager"]


def test_the_last_manager_stays_one(manager, reception):
    una = make_staff("manager", name="Una")
    client = signed_in(una)
    assert client.post(page(manager, "deactivate/"), {"reason": "Leaves."}).status_code == 302

    response = signed_in(reception).get("/people/")
    assert response.status_code == 403
    set_roles(staff=reception, roles=["receptionist"], by=una)
    response = client.post(page(una, "deactivate/"), {"reason": "Leaves too."})
    assert response.status_code == 422
    assert Staff.objects.get(pk=una.pk).is_active


def test_of_two_managers_at_one_form_the_second_is_told_and_loses_nothing(reception, manager):
    una = make_staff("manager", name="Una")
    opened = typed(reception, name="Ida Berg-Holm")
    signed_in(una).post(page(reception, "change/"), typed(reception, roles=["receptionist", "manager"]))

    response = signed_in(manager).post(page(reception, "change/"), opened)

    assert response.status_code == 409
    said = words(response)
    assert "Somebody else changed this person meanwhile." in said
    assert "Una" in said
    assert 'value="Ida Berg-Holm"' in response.content.decode()
    again = opened | {"seen": response.context["form"]["seen"].value(), "roles": ["receptionist", "manager"]}
    assert signed_in(manager).post(page(reception, "change/"), again).status_code == 302
    assert Staff.objects.get(pk=reception.pk).name == "Ida Berg-Holm"


# --- Leaving ----------------------------------------------------------------------------------------------------------


def test_who_is_deactivated_is_out_at_once_by_page_and_token(rosa, api, manager):
    inside, by_token = signed_in(rosa), api(rosa)
    assert inside.get("/").status_code == 200
    assert by_token.get("/api/v1/patients/").status_code == 200

    response = signed_in(manager).post(page(rosa, "deactivate/"), {"reason": "Left the clinic."}, follow=True)

    assert "Rosa Lind is deactivated" in words(response)
    assert inside.get("/").status_code == 302
    assert by_token.get("/api/v1/patients/").status_code == 401
    assert not AuthToken.objects.filter(user=rosa).exists()
    event = AuditEvent.objects.get(kind=Kind.STAFF_DEACTIVATED)
    assert (event.actor, event.subject_id, event.details) == (manager, rosa.pk, {"reason": "Left the clinic."})


def test_what_is_booked_with_them_is_shown_first_and_is_to_be_moved_after(amara, rosa, mesotherapy, reception, manager):
    booked(amara, mesotherapy, rosa, reception, today_at(days=3))
    client = signed_in(manager)
    assert "1 appointment is booked with them." in words(client.get(page(rosa, "deactivate/")))

    client.post(page(rosa, "deactivate/"), {"reason": "Left."})

    lists = {one.code: one for one in signed_in(reception).get("/worklists/").context["lists"]}
    assert [str(entry.row.patient) for entry in lists["to-move"].entries] == ["Amara Okafor"]


def test_without_a_reason_nobody_is_deactivated(rosa, manager):
    response = signed_in(manager).post(page(rosa, "deactivate/"), {"reason": " "})

    assert (response.status_code, Staff.objects.get(pk=rosa.pk).is_active) == (422, True)
    assert "Say why." in words(response)


def test_who_comes_back_is_invited_anew_and_the_old_password_is_dead(rosa, manager):
    client = signed_in(manager)
    client.post(page(rosa, "deactivate/"), {"reason": "On leave."})

    client.post(page(rosa, "bring-back/"))

    rosa.refresh_from_db()
    assert (rosa.is_active, rosa.has_usable_password(), rosa.roles) == (True, False, ["practitioner"])


def test_a_manager_signs_somebody_out_everywhere(rosa, manager):
    inside = signed_in(rosa)

    signed_in(manager).post(page(rosa, "sign-out/"))

    assert inside.get("/").status_code == 302
    assert AuditEvent.objects.filter(kind=Kind.SESSIONS_ENDED, subject_id=rosa.pk).exists()


# --- Training ---------------------------------------------------------------------------------------------------------


def test_a_training_record_is_added_read_and_withdrawn(omar, manager):
    client, today = signed_in(manager), timezone.localdate()
    given = {"certificate": "Academy, no. 7", "valid_from": today, "valid_until": today + dt.timedelta(days=40)}

    said = words(client.post(page(omar, "training/"), given, follow=True))
    assert "Academy, no. 7" in said
    assert "Trained until" in said
    assert "Training recorded: until" in said
    record = omar.training_records.get()
    assert [row.staff for row in client.get("/people/?training=lapsing").context["rows"]] == [omar]

    said = words(client.post(f"/training/{record.pk}/withdraw/", {"reason": "Never held."}, follow=True))
    assert "No training is on record" in said


def test_the_list_asks_the_same_however_many_there_are(rosa, manager):
    client = signed_in(manager)
    client.get("/people/")
    counts = []
    for _ in range(2):
        with statements() as asked:
            client.get("/people/")
        counts.append(len(asked))
        for number in range(3):
            make_practitioner(f"Given {number}")
    assert counts[0] == counts[1]


def test_whose_address_is_changed_hears_of_it_at_the_old_one(rosa, manager, django_capture_on_commit_callbacks):
    old = rosa.email

    with django_capture_on_commit_callbacks(execute=True):
        signed_in(manager).post(page(rosa, "change/"), typed(rosa, email="other@clinic.example"))

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([old], "Allclear: Your address was changed")
    assert f"{manager.name} has given your account another email address" in sent.body
    assert "other@clinic.example" not in sent.body


def test_a_persons_page_asks_the_same_for_three_as_for_one(rosa, manager):
    client, counts = signed_in(manager), []
    for number in range(3):
        train(rosa, until=timezone.localdate() + dt.timedelta(days=20 + number))
        set_roles(staff=rosa, roles=["practitioner", "receptionist"] if number % 2 else ["practitioner"], by=manager)
        signed_in(rosa)
        with statements() as asked:
            assert client.get(f"/people/{rosa.pk}/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]
