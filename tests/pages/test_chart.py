import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent
from patients.registration import record_consent, withdraw_consent
from tests.factories import (
    make_appointment,
    make_consent,
    make_gone,
    make_patient,
    make_review,
    make_session,
    make_side_effect,
    make_staff,
)
from tests.pages.clinical import ago, ahead, browser, links, picture, statements, words
from treatments.booking import cancel_appointment
from treatments.models import Photo, Treatment
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error, record_none_seen
from treatments.timeline import timeline


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


# --- Courses -------------------------------------------------------------------------------------------------------------------


def test_an_open_bruise_stands_with_its_course_its_last_look_and_its_photos(rosa, reception, amara, mesotherapy):
    make_consent(amara, reception)
    began = timezone.localdate(ago(8))
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", severity=2, onset_on=began, now=ago(8))
    make_review(side_effect=bruise, by=rosa, finding="fading", colour="green", size_mm=40, size_method="ruler", now=ago(3))
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa, taken_at=ago(3))

    page = browser(rosa).get(chart(amara))

    (course,) = page.context["chart"].courses
    assert (course.day, course.is_due) == (8, False)
    # A mark a day: eight lived through, the fifth looked at, and four more until the next look is due.
    assert course.marks == ["on"] * 4 + ["look"] + ["on"] * 3 + [""] * 3 + ["due"]
    assert course.words.startswith("Day 8; looked at on ")
    assert [(one.day, one.alt) for one in course.pictures] == [(5, "Photo of bruising, left thigh, day 5")]
    content = page.content.decode()
    assert reverse("photo-file", args=[photo.pk, "thumb"]) in content
    assert 'width="320" height="240"' in content
    assert ": fading, green, 40 mm." in words(page)
    for name in ("review", "photo-add", "enter-in-error", "wrong-patient"):
        assert links(page, name, bruise.pk)


@pytest.mark.parametrize(
    "kind, says",
    [
        ("itching", "Source: itching should last less than a day."),
        ("numbness", "Source: numbness should ease within the two weeks after the procedure."),
        ("swelling", "should subside within a couple of days."),
        ("bruising", ""),
    ],
)
def test_what_the_source_expects_is_said_as_the_sources_and_nothing_is_made_up(kind, says, rosa, amara, mesotherapy):
    make_side_effect(patient=amara, kind=kind, by=rosa, now=ago(1))

    read = words(browser(rosa).get(chart(amara)))

    assert says in read
    assert ("Source:" in read) is bool(says)


def test_a_course_of_months_is_drawn_in_weeks(rosa, amara, mesotherapy):
    make_side_effect(patient=amara, kind="numbness", by=rosa, now=ago(200))

    (course,) = browser(rosa).get(chart(amara)).context["chart"].courses

    assert course.day == 200
    assert len(course.marks) == 29
    assert course.is_due is True


def test_only_the_newest_photos_stand_on_the_chart(rosa, reception, amara, mesotherapy):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(12))
    for day in range(10):
        add_photo(side_effect=bruise, image=picture(width=640 + day), by=rosa, taken_at=ago(11 - day))

    page = browser(rosa).get(chart(amara))

    (course,) = page.context["chart"].courses
    assert [one.day for one in course.pictures] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "2 earlier photos" in words(page)


# --- Timeline ------------------------------------------------------------------------------------------------------------------


def test_the_timeline_tells_everything_newest_first(rosa, reception, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20))
    held_mesotherapy(amara, mesotherapy, rosa)
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", note="As big as a coin", now=ago(9))
    make_gone(bruise, rosa, now=ago(4))
    wrong = make_side_effect(patient=amara, kind="pain", by=rosa, note="Somebody else's", now=ago(3))
    enter_in_error(side_effect=wrong, reason="Clicked the wrong line", by=rosa)
    record_none_seen(patient=amara, by=rosa, now=ago(2))
    consent = make_consent(amara, reception)
    withdraw_consent(consent=consent, by=reception)

    page = browser(rosa).get(chart(amara))

    told = [entry.what for entry in page.context["chart"].timeline.entries]
    assert told == ["consent", "skin-check", "side-effect", "review", "hold", "side-effect", "session"]
    read = words(page)
    for sentence in (
        "Entered in error",
        "Rosa Lind: Clicked the wrong line",
        "after 5 days",
        "Bruising reviewed: gone",
        "Skin checked: no bruising seen.",
        "Appointment put on hold",
        "Consent: photos for care",
        "No side effects seen",
    ):
        assert sentence in read
    assert links(page, "session", session.pk)
    assert '<s class="struck">' in page.content.decode()
    # What was entered in error is struck through; its words are on its own page.
    assert "Somebody else's" not in read


def test_a_visit_that_was_missed_or_cancelled_stands_in_the_timeline(rosa, reception, amara, consultation, mesotherapy):
    visit = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ago(2), now=ago(3)
    )
    cancel_appointment(appointment=visit, by=reception, reason="Has a cold")

    for staff in (rosa, reception):
        read = words(browser(staff).get(chart(amara)))
        assert "Cancelled" in read
        assert "Has a cold" in read


def test_the_pages_of_a_long_timeline_miss_nothing_and_repeat_nothing(rosa, amara, mesotherapy):
    same_moment = ago(1)
    for count in range(7):
        make_side_effect(patient=amara, kind="pain", by=rosa, note=f"number {count}", now=same_moment)
        record_none_seen_for(amara, rosa, count)
    everything = timeline(amara, rosa, size=100).entries

    pages, before = [], ""
    while True:
        page = timeline(amara, rosa, before=before, size=3)
        pages.append(page.entries)
        before = page.before
        if not before:
            break

    assert [entry.row for page in pages for entry in page] == [entry.row for entry in everything]
    assert [len(page) for page in pages] == [3, 3, 3, 3, 2]


def record_none_seen_for(patient, practitioner, count):
    """A consent given and withdrawn: what else can happen often while side effects are open."""
    consent = record_consent(patient=patient, kind="photo-care", by=practitioner, now=ago(1))
    withdraw_consent(consent=consent, by=practitioner)


def test_earlier_history_is_one_link_away(rosa, amara, mesotherapy):
    for count in range(55):
        make_side_effect(patient=amara, kind="pain", by=rosa, note=f"number {count}.", now=ago(60 - count))

    first = browser(rosa).get(chart(amara))
    mark = first.context["chart"].timeline.before
    second = browser(rosa).get(chart(amara), {"before": mark})

    assert "Show earlier" in words(first)
    assert f'href="?before={mark}"' in first.content.decode()
    assert len(first.context["chart"].timeline.entries) == 50
    assert [entry.row.note for entry in second.context["chart"].timeline.entries] == [
        f"number {count}." for count in (4, 3, 2, 1, 0)
    ]
    assert "Show earlier" not in words(second)


@pytest.mark.parametrize(
    "mark", ["nonsense", "20261103T100000.000000Z_9_" + "0" * 32, "20261103T100000.000000Z_0_x", "_ _", "a_0_b_c"]
)
def test_an_unknown_mark_is_not_found(mark, rosa, amara, mesotherapy):
    assert browser(rosa).get(chart(amara), {"before": mark}).status_code == 404


# --- Statements ----------------------------------------------------------------------------------------------------------------


def fill(patient, times, *, rosa, mesotherapy, consultation, start=0):
    """Everything a chart shows, `times` over."""
    for count in range(start, start + times):
        at = ago(300 - 3 * count)
        make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=at)
        record_none_seen(patient=patient, by=rosa, now=at + dt.timedelta(hours=2))
        consent = record_consent(patient=patient, kind="treatment", by=rosa, now=at)
        withdraw_consent(consent=consent, by=rosa)
        visit = make_appointment(
            patient=patient, treatment=consultation, practitioner=rosa, by=rosa,
            starts_at=at + dt.timedelta(hours=5), now=at,
        )  # fmt: skip
        cancel_appointment(appointment=visit, by=rosa)
        bruise = make_side_effect(patient=patient, by=rosa, now=at + dt.timedelta(hours=3))
        make_gone(bruise, rosa, now=at + dt.timedelta(hours=4))


def fill_open(patient, times, *, from_day, rosa, mesotherapy, consultation):
    for count in range(times):
        make_appointment(
            patient=patient,
            treatment=mesotherapy,
            practitioner=rosa,
            by=rosa,
            starts_at=ahead(from_day + count),
            now=ago(1),
        )
        make_appointment(
            patient=patient,
            treatment=consultation,
            practitioner=rosa,
            by=rosa,
            starts_at=ahead(from_day + count, 14),
            now=ago(1),
        )
    for count in range(times):
        bruise = make_side_effect(patient=patient, by=rosa, now=ago(hours=5))
        for look in range(times):
            make_review(side_effect=bruise, by=rosa, now=ago(hours=4 - look * 0.1))
            add_photo(side_effect=bruise, image=picture(width=400 + count * 10 + look), by=rosa)


@pytest.mark.parametrize("reader, most", [("rosa", 20), ("manager", 20), ("reception", 14)])
def test_the_chart_asks_the_same_whatever_there_is_to_show(
    request, reader, most, rosa, reception, amara, jonas, mesotherapy, consultation, bruise_review
):
    everything = {"rosa": rosa, "mesotherapy": mesotherapy, "consultation": consultation}
    for patient, times, from_day in ((amara, 1, 5), (jonas, 3, 10)):
        make_consent(patient, reception)
        fill(patient, times, **everything)
        fill_open(patient, times, from_day=from_day, **everything)
    client = browser(request.getfixturevalue(reader))

    few, many = statements(client, chart(amara)), statements(client, chart(jonas))

    assert few == many
    assert many <= most
    assert Photo.objects.filter(side_effect__patient=jonas).count() == 9


@pytest.mark.slow
def test_the_chart_asks_the_same_after_years(rosa, reception, amara, jonas, mesotherapy, consultation):
    everything = {"rosa": rosa, "mesotherapy": mesotherapy, "consultation": consultation}
    fill(amara, 1, **everything)
    fill(jonas, 30, **everything)
    client = browser(rosa)

    page = client.get(chart(jonas))
    mark = page.context["chart"].timeline.before

    assert mark
    assert statements(client, chart(amara)) == statements(client, chart(jonas))
    assert statements(client, f"{chart(jonas)}?before={mark}") == statements(client, chart(jonas))


def test_somebody_who_is_receptionist_and_manager_reads_and_books(amara, rosa, mesotherapy):
    both = make_staff("receptionist", "manager", name="Kim Both")
    bruise = make_side_effect(patient=amara, by=rosa, note="As big as a coin", now=ago(3))

    page = browser(both).get(chart(amara))

    assert "As big as a coin" in words(page)
    assert links(page, "book", amara.pk)
    assert "Report a concern" in words(page)
    assert not links(page, "review", bruise.pk)
