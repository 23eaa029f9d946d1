import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent
from tests.factories import (
    make_appointment,
    make_consent,
    make_patient,
    make_review,
    make_session,
    make_side_effect,
    make_staff,
)
from tests.pages.clinical import ago, ahead, browser, links, picture, words
from treatments.booking import cancel_appointment
from treatments.models import Treatment
from treatments.photos import add_photo


def chart(patient) -> str:
    return reverse("chart", args=[patient.pk])


def held_mesotherapy(patient, mesotherapy, practitioner, days=9, hour=10):
    return make_appointment(
        patient=patient, treatment=mesotherapy, practitioner=practitioner, by=practitioner,
        starts_at=ahead(days, hour), now=ago(5),
    )  # fmt: skip


# --- Who may read it, and that it is noted -----------------------------------------------------------------------------


def test_a_chart_asks_for_a_sign_in(client, amara):
    assert client.get(chart(amara)).status_code == 302


def test_a_chart_is_not_found_for_somebody_without_a_role_and_for_no_patient(superuser, rosa, amara):
    assert browser(superuser).get(chart(amara)).status_code == 404
    assert browser(rosa).get(reverse("chart", args=["7a3f1c9e-0000-4000-8000-000000000000"])).status_code == 404


def test_a_chart_changes_nothing_by_post(rosa, amara):
    assert browser(rosa).post(chart(amara)).status_code == 405


@pytest.mark.parametrize("reader", ["reception", "rosa", "manager"])
def test_every_reading_of_a_chart_is_in_the_trail(request, reader, amara, mesotherapy):
    staff = request.getfixturevalue(reader)

    browser(staff).get(chart(amara))

    event = AuditEvent.objects.get(kind="chart-read")
    assert (event.actor, event.patient_id, event.door) == (staff, amara.pk, "page")


def test_a_chart_that_is_not_found_leaves_no_reading(rosa, amara):
    assert browser(rosa).get(chart(amara), {"before": "nonsense"}).status_code == 404
    assert not AuditEvent.objects.filter(kind="chart-read").exists()


def test_a_chart_is_kept_by_no_cache(rosa, amara, mesotherapy):
    assert browser(rosa).get(chart(amara))["Cache-Control"] == "private, no-store"


# --- Banner -------------------------------------------------------------------------------------------------------------


def test_the_banner_says_who_it_is_and_what_to_know_first(rosa, reception, mesotherapy):
    patient = make_patient(
        reception, pronouns="she/her", low_pain_threshold=True, allergies="lidocaine", alerts="Needle phobia"
    )
    consent = make_consent(patient, reception, kind="treatment")

    page = browser(rosa).get(chart(patient))

    read = words(page)
    age = patient.age_on(timezone.localdate())
    given = timezone.localtime(consent.given_at)
    for sentence in (
        "Amara Okafor she/her",
        "Low pain threshold: offer anaesthetic",
        "Allergy: lidocaine",
        "Alert: Needle phobia",
        f"Born 14 Feb 1988 ({age})",
        f"Record {patient.number}",
        f"Consent given {given.day} {given:%b %Y}",
        "Photo consent not recorded",
    ):
        assert sentence in read
    assert 'href="tel:+447700900123"' in page.content.decode()


def test_a_banner_without_anything_to_warn_of_warns_of_nothing(rosa, amara, mesotherapy):
    read = words(browser(rosa).get(chart(amara)))

    assert "Low pain threshold" not in read
    assert "Allergy" not in read


# --- Verdict and next steps ------------------------------------------------------------------------------------------------


def test_a_patient_never_treated_here_has_no_recorded_hold_and_can_be_booked(rosa, amara, mesotherapy):
    page = browser(rosa).get(chart(amara))

    assert page.context["chart"].verdict.allowed is True
    assert "No recorded hold on mesotherapy" in words(page)
    assert "safe" not in words(page).lower()
    assert links(page, "book", amara.pk)
    assert links(page, "none-seen", amara.pk)


def test_bruising_shows_its_reason_and_offers_its_review(rosa, amara, mesotherapy, bruise_review):
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(3))

    page = browser(rosa).get(chart(amara))

    assert [blocker.code for blocker in page.context["chart"].verdict.blockers] == ["bruising-present"]
    assert "Not yet: no mesotherapy while bruising is present" in words(page)
    assert "Left thigh: bruising since" in words(page)
    assert links(page, "review", bruise.pk)
    assert f"{reverse('book', args=[amara.pk])}?treatment={bruise_review.pk}" in page.content.decode()
    assert not links(page, "none-seen", amara.pk)


def test_another_patients_bruise_and_a_swelling_block_nothing(rosa, amara, jonas, mesotherapy):
    make_side_effect(patient=jonas, by=rosa, now=ago(3))
    make_side_effect(patient=amara, kind="swelling", by=rosa, now=ago(3))

    page = browser(rosa).get(chart(amara))

    assert page.context["chart"].verdict.allowed is True
    assert [course.side_effect.kind for course in page.context["chart"].courses] == ["swelling"]


def test_without_a_mesotherapy_in_the_catalogue_the_chart_says_so(rosa, manager, amara, consultation):
    page = browser(rosa).get(chart(amara))

    assert page.context["chart"].verdict is None
    assert "No mesotherapy in the catalogue" in words(page)
    assert "A manager can add one." in words(page)
    assert links(browser(manager).get(chart(amara)), "admin:index")


def test_a_treatment_that_is_no_longer_offered_is_not_what_the_verdict_is_about(rosa, amara, mesotherapy):
    Treatment.objects.filter(pk=mesotherapy.pk).update(is_active=False)

    assert browser(rosa).get(chart(amara)).context["chart"].verdict is None


@pytest.mark.parametrize(
    "reader, may",
    [
        ("rosa", {"book", "side-effect-log", "none-seen", "patient-edit"}),
        ("reception", {"book", "side-effect-log", "patient-edit"}),
        ("manager", set()),
    ],
)
def test_each_role_is_offered_its_own_steps_only(request, reader, may, amara, mesotherapy):
    page = browser(request.getfixturevalue(reader)).get(chart(amara))

    offered = {name for name in ("book", "side-effect-log", "none-seen", "patient-edit") if links(page, name, amara.pk)}
    assert offered == may
    assert ("Report a concern" in words(page)) is (reader == "reception")
    assert ("Log a side effect" in words(page)) is (reader == "rosa")


def test_a_manager_reads_an_open_side_effect_and_acts_on_nothing(manager, rosa, amara, mesotherapy):
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", note="As big as a coin", now=ago(3))

    page = browser(manager).get(chart(amara))

    assert "As big as a coin" in words(page)
    for name in ("review", "photo-add", "enter-in-error", "wrong-patient"):
        assert not links(page, name, bruise.pk)


# --- What reception does not read ------------------------------------------------------------------------------------------


def test_reception_reads_kind_onset_and_whether_seen_and_nothing_else(reception, rosa, amara, mesotherapy):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(6))
    make_consent(amara, reception)
    held_mesotherapy(amara, mesotherapy, rosa)
    onset = timezone.localdate(ago(3))
    bruise = make_side_effect(
        patient=amara,
        by=rosa,
        site="thigh",
        side="left",
        severity=3,
        note="As big as a coin",
        onset_on=onset,
        now=ago(3),
    )
    make_review(side_effect=bruise, by=rosa, colour="violet", note="Still there", now=ago(1))
    add_photo(side_effect=bruise, image=picture(), by=rosa)
    make_side_effect(patient=amara, kind="itching", by=reception, note="Scratches all night", now=ago(2))

    page = browser(reception).get(chart(amara))

    concerns = [(one.kind, one.onset_on, one.seen_at is not None) for one in page.context["chart"].concerns]
    assert concerns == [("bruising", onset, True), ("itching", None, False)]
    read = words(page).lower()
    for secret in (
        "thigh",
        "severe",
        "coin",
        "violet",
        "still there",
        "scratches",
        "photo of",
        "skin checked",
        "fading",
    ):
        assert secret not in read
    content = page.content.decode()
    assert "/photos/" not in content
    assert "/sessions/" not in content
    assert page.context["chart"].courses == []
    assert {entry.what for entry in page.context["chart"].timeline.entries} == {"hold", "consent", "appointment"}
    assert "practitioner review needed" in words(page)


def test_nothing_clinical_is_fetched_for_reception(reception, rosa, amara, mesotherapy, django_assert_max_num_queries):
    make_side_effect(patient=amara, by=rosa, note="As big as a coin", now=ago(3))
    client = browser(reception)

    with django_assert_max_num_queries(20) as asked:
        client.get(chart(amara))

    # The verdict's own question reads the side effect whole, and words it for its reader; the page asks for less.
    of_the_page = " ".join(query["sql"] for query in asked.captured_queries if "last_finding" not in query["sql"])
    for column in ('sideeffect"."note', 'sideeffect"."site', 'review"."note', 'session"."note', "photo"):
        assert f'"treatments_{column}' not in of_the_page


# --- Coming up ---------------------------------------------------------------------------------------------------------------


def test_coming_up_lists_live_appointments_soonest_first_and_marks_the_held(rosa, amara, mesotherapy, consultation):
    held = held_mesotherapy(amara, mesotherapy, rosa, days=9)
    booked = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ahead(2), now=ago(5)
    )
    gone = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ahead(3), now=ago(5)
    )
    cancel_appointment(appointment=gone, by=rosa)
    make_side_effect(patient=amara, by=rosa, now=ago(1))

    page = browser(rosa).get(chart(amara))

    assert [(one.pk, one.status) for one in page.context["chart"].coming_up] == [
        (booked.pk, "booked"),
        (held.pk, "on-hold"),
    ]
    assert links(page, "appointment", held.pk)
    assert "On hold" in words(page)


def test_a_running_session_is_one_step_away_for_practitioners_only(rosa, reception, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=1), finished=False)

    assert links(browser(rosa).get(chart(amara)), "session", session.pk)
    assert not links(browser(reception).get(chart(amara)), "session", session.pk)


def test_somebody_who_is_receptionist_and_manager_reads_and_books(amara, rosa, mesotherapy):
    both = make_staff("receptionist", "manager", name="Kim Both")
    bruise = make_side_effect(patient=amara, by=rosa, note="As big as a coin", now=ago(3))

    page = browser(both).get(chart(amara))

    assert "As big as a coin" in words(page)
    assert links(page, "book", amara.pk)
    assert "Report a concern" in words(page)
    assert not links(page, "review", bruise.pk)
