from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Refusal
from tests.factories import (
    make_anaesthetic,
    make_appointment,
    make_gone,
    make_lot,
    make_patient,
    make_session,
    make_side_effect,
)
from tests.pages.clinical import ago, ahead, browser, links, said, statements, words
from treatments.models import Appointment, Session, SideEffect, SkinCheck, Treatment
from treatments.sessions import finish_session, write_session

ATTESTED = {"skin_check": "on"}


def visit(patient, treatment, practitioner, at=None):
    """An appointment that has just begun."""
    at = at or ago(hours=0.1)
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=practitioner, starts_at=at, now=at
    )


def start(appointment) -> str:
    return reverse("session-start", args=[appointment.pk])


def record(session) -> str:
    return reverse("session", args=[session.pk])


def finish(session) -> str:
    return reverse("session-finish", args=[session.pk])


def typed(**fields):
    """What the form of a mesotherapy session sends, rows included."""
    rows = {
        f"{name}-{key}": value
        for name in ("sites", "lots")
        for key, value in (
            ("TOTAL_FORMS", "4"),
            ("INITIAL_FORMS", "0"),
            ("MIN_NUM_FORMS", "0"),
            ("MAX_NUM_FORMS", "50"),
        )
    }
    return rows | fields


@pytest.fixture
def running(amara, mesotherapy, rosa) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


# --- Starting -----------------------------------------------------------------------------------------------------------------


def test_only_practitioners_start_a_session(reception, manager, amara, mesotherapy, rosa):
    appointment = visit(amara, mesotherapy, rosa)

    for staff in (reception, manager):
        assert browser(staff).get(start(appointment)).status_code == 403
        assert browser(staff).post(start(appointment), ATTESTED).status_code == 403
        assert browser(staff).get(reverse("bruising-found", args=[appointment.pk])).status_code == 403
    assert not Session.objects.exists()


def test_an_unknown_appointment_is_not_found(rosa):
    assert browser(rosa).get("/appointments/7a3f1c9e-0000-4000-8000-000000000000/start/").status_code == 404


def test_the_start_page_shows_the_verdict_the_training_and_what_to_know_first(rosa, reception, mesotherapy):
    patient = make_patient(reception, low_pain_threshold=True, allergies="lidocaine")

    page = browser(rosa).get(start(visit(patient, mesotherapy, rosa)))

    read = words(page)
    assert page.status_code == 200
    for sentence in (
        "No recorded hold on mesotherapy",
        "Your mesotherapy training record is valid today, until 31 Dec 2036.",
        "I have looked at the skin just now: no bruising seen",
        "Low pain threshold: offer anaesthetic",
        "Allergy: lidocaine",
        "Bruising seen",
    ):
        assert sentence in read
    assert not Session.objects.exists()


def test_a_session_starts_once_the_skin_check_is_attested(rosa, amara, mesotherapy):
    appointment = visit(amara, mesotherapy, rosa)

    answer = browser(rosa).post(start(appointment), ATTESTED)

    session = Session.objects.get()
    assert (answer.status_code, answer.url) == (302, record(session))
    assert (session.practitioner, session.appointment) == (rosa, appointment)
    assert SkinCheck.objects.get(session=session).finding == "no-bruising-seen"


def test_without_the_skin_check_nothing_starts_and_the_page_says_what_to_do(rosa, amara, mesotherapy):
    appointment = visit(amara, mesotherapy, rosa)

    answer = browser(rosa).post(start(appointment), {})

    assert answer.status_code == 409
    assert "The skin has not been checked for bruising just now." in words(answer)
    assert [refusal.code for refusal in Refusal.objects.all()] == ["skin-check-missing"]
    assert not Session.objects.exists()
    assert 'name="skin_check"' in answer.content.decode()


def test_a_consultation_starts_without_a_skin_check(rosa, amara, consultation):
    appointment = visit(amara, consultation, rosa)

    page = browser(rosa).get(start(appointment))
    answer = browser(rosa).post(start(appointment), {})

    assert "skin_check" not in page.content.decode()
    assert answer.url == record(Session.objects.get())
    assert not SkinCheck.objects.exists()


def test_a_consultation_starts_while_bruised(rosa, amara, consultation):
    make_side_effect(patient=amara, by=rosa, now=ago(2))

    browser(rosa).post(start(visit(amara, consultation, rosa)), {})

    assert Session.objects.get().family == "consultation"


def test_while_bruised_the_start_page_offers_the_review_instead(rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", now=ago(hours=0.05))

    page = browser(rosa).get(start(appointment))

    assert "The rule: no bruising that is not gone : not passed" in words(page)
    assert "This appointment is on hold, so no session can be started." in words(page)
    assert links(page, "appointment-step", appointment.pk, "review-instead")
    assert links(page, "review", bruise.pk)
    assert "skin_check" not in page.content.decode()


def test_starting_while_bruised_is_refused_with_its_reasons_and_a_way_on(rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa, site="thigh", now=ago(hours=0.05))

    answer = browser(rosa).post(start(appointment), ATTESTED)

    assert answer.status_code == 409
    assert [blocker.code for blocker in answer.context["blockers"]] == ["bruising-present", "wrong-status"]
    assert "Thigh: bruising since" in words(answer)
    assert links(answer, "appointment-step", appointment.pk, "review-instead")
    assert not Session.objects.exists()
    assert Refusal.objects.get().patient_id == amara.pk


def test_once_the_bruise_is_gone_and_the_visit_confirmed_it_starts(rosa, amara, mesotherapy):
    appointment = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa, starts_at=ahead(1), now=ago(1)
    )
    make_gone(make_side_effect(patient=amara, by=rosa, now=ago(1)), rosa, now=ago(hours=1))
    browser(rosa).post(reverse("appointment-step", args=[appointment.pk, "confirm"]))

    answer = browser(rosa).post(start(appointment), ATTESTED)

    assert answer.url == record(Session.objects.get())


def test_who_is_not_trained_is_told_so_and_cannot_start(omar, rosa, amara, mesotherapy):
    appointment = visit(amara, mesotherapy, rosa)

    page = browser(omar).get(start(appointment))
    answer = browser(omar).post(start(appointment), ATTESTED)

    assert "Omar Aziz has no valid mesotherapy training record" in words(page)
    assert "skin_check" not in page.content.decode()
    assert (answer.status_code, answer.context["blockers"][0].code) == (409, "practitioner-not-trained")


def test_start_sent_twice_makes_one_session_and_leads_there_both_times(rosa, amara, mesotherapy):
    appointment, client = visit(amara, mesotherapy, rosa), browser(rosa)
    sent = ATTESTED | {"once": "one-page"}

    answers = [client.post(start(appointment), sent) for _ in range(2)]

    assert [answer.url for answer in answers] == [record(Session.objects.get())] * 2


def test_the_start_page_of_a_running_session_leads_to_it(rosa, running):
    answer = browser(rosa).get(start(running.appointment))

    assert (answer.status_code, answer.url) == (302, record(running))


# --- Bruising seen --------------------------------------------------------------------------------------------------------------


def test_bruising_seen_is_logged_and_the_visit_becomes_a_review(rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)
    address = reverse("bruising-found", args=[appointment.pk])

    page = browser(rosa).get(address)
    answer = browser(rosa).post(address, {"site": "thigh", "side": "left", "severity": "2", "note": "A coin"})

    assert "this visit becomes a review" in words(page)
    bruise = SideEffect.objects.get()
    assert (bruise.kind, bruise.site, bruise.side, bruise.severity, bruise.note) == (
        "bruising",
        "thigh",
        "left",
        2,
        "A coin",
    )
    assert bruise.seen_by == rosa
    appointment.refresh_from_db()
    assert (appointment.treatment, appointment.stood_for, appointment.status) == (bruise_review, mesotherapy, "booked")
    assert answer.url == reverse("side-effect", args=[bruise.pk])
    assert said(answer) == ["Logged, and this visit is now a review."]


def test_bruising_seen_and_sent_twice_is_one_bruise(rosa, amara, mesotherapy, bruise_review):
    address, client = reverse("bruising-found", args=[visit(amara, mesotherapy, rosa).pk]), browser(rosa)

    answers = [client.post(address, {"site": "thigh", "once": "one-page"}) for _ in range(2)]

    assert [answer.url for answer in answers] == [reverse("side-effect", args=[SideEffect.objects.get().pk])] * 2


def test_without_a_review_in_the_catalogue_the_bruise_is_logged_and_the_page_says_that_the_visit_is_held(
    rosa, amara, mesotherapy
):
    appointment = visit(amara, mesotherapy, rosa)

    answer = browser(rosa).post(reverse("bruising-found", args=[appointment.pk]), {"site": "thigh", "note": "A coin"})

    appointment.refresh_from_db()
    assert (SideEffect.objects.get().note, appointment.status) == ("A coin", "on-hold")
    assert said(answer) == ["Logged. The catalogue has no review, so this visit is on hold; a manager can add one."]


def test_a_wrong_answer_to_what_was_seen_keeps_what_was_typed(rosa, amara, mesotherapy, bruise_review):
    appointment = visit(amara, mesotherapy, rosa)

    answer = browser(rosa).post(reverse("bruising-found", args=[appointment.pk]), {"site": "wing", "note": "A coin"})

    assert answer.status_code == 422
    assert "A coin" in answer.content.decode()
    assert links(answer, "side-effect-log", amara.pk)
    assert not SideEffect.objects.exists()


def test_bruising_seen_in_a_visit_that_is_over_is_refused_with_a_way_on(rosa, amara, mesotherapy, bruise_review):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=2))

    page = browser(rosa).get(reverse("bruising-found", args=[session.appointment_id]))
    answer = browser(rosa).post(reverse("bruising-found", args=[session.appointment_id]), {"site": "thigh"})

    assert "This appointment is seen" in words(page)
    assert answer.status_code == 409
    assert links(answer, "side-effect-log", amara.pk)
    assert not SideEffect.objects.exists()


# --- The record --------------------------------------------------------------------------------------------------------------------


def test_reception_does_not_find_a_session_and_nobody_without_a_role_does(reception, superuser, running):
    for staff in (reception, superuser):
        assert browser(staff).get(record(running)).status_code == 404
        assert browser(staff).post(record(running), typed()).status_code == 404
        assert browser(staff).post(finish(running), typed()).status_code == 404


def test_a_manager_reads_the_record_and_writes_nothing(manager, running):
    page = browser(manager).get(record(running))

    assert page.status_code == 200
    assert "<form class" not in page.content.decode().split("<main")[1]
    assert browser(manager).post(record(running), typed(note="Mine")).status_code == 403
    assert browser(manager).post(finish(running), typed()).status_code == 403
    running.refresh_from_db()
    assert (running.note, running.finished_at) == ("", None)


def test_reading_a_session_is_in_the_trail(rosa, running):
    browser(rosa).get(record(running))

    event = AuditEvent.objects.get(kind="record-read")
    assert (event.actor, event.patient_id, event.subject, event.subject_id) == (
        rosa,
        running.patient_id,
        "session",
        running.pk,
    )


def test_save_keeps_the_whole_record_and_makes_room_for_more(rosa, running):
    lipostab, saline, lidocaine = make_lot(rosa), make_lot(rosa, "S1", name="Saline"), make_anaesthetic(rosa)
    sent = typed(
        anaesthetic="given",
        anaesthetic_lot=str(lidocaine.pk),
        anaesthetic_ml="1,5",
        asepsis=["hands-washed", "sharps-disposed"],
        burning="3",
        pain="0",
        swelling="yes",
        itching="no",
        creams=" Arnica \n\nAloe\n",
        note="All well",
        next_step="Look in a week",
    ) | {
        "sites-0-site": "thigh", "sites-0-side": "both", "sites-0-volume_ml": "0,5", "sites-0-technique": "nappage",
        "sites-0-depth_mm": "4", "sites-0-needle": "30G", "sites-2-site": "abdomen",
        "lots-0-lot": str(lipostab.pk), "lots-0-volume_ml": "4", "lots-1-lot": str(saline.pk),
    }  # fmt: skip

    answer = browser(rosa).post(record(running), sent)

    assert (answer.status_code, answer.url, said(answer)) == (302, record(running), ["Saved."])
    running.refresh_from_db()
    assert {
        name: getattr(running, name)
        for name in (
            "anaesthetic",
            "asepsis",
            "burning",
            "pain",
            "swelling",
            "itching",
            "next_step",
            "creams",
            "note",
        )
    } == {
        "anaesthetic": "given",
        "asepsis": ["hands-washed", "sharps-disposed"],
        "burning": 3,
        "pain": 0,
        "swelling": True,
        "itching": False,
        "next_step": "Look in a week",
        "creams": ["Arnica", "Aloe"],
        "note": "All well",
    }
    assert running.sites == [
        {"site": "thigh", "side": "both", "volume_ml": "0.5", "technique": "nappage", "depth_mm": "4", "needle": "30G"},
        {"site": "abdomen", "side": ""},
    ]
    assert {(use.lot, use.volume_ml) for use in running.lot_uses.all()} == {
        (lipostab, Decimal("4")), (saline, None), (lidocaine, Decimal("1.5")),
    }  # fmt: skip
    assert running.finished_at is None
    form = browser(rosa).get(record(running)).context["form"]
    assert [len(rows.forms) for rows in form.row_sets] == [4, 4]
    assert form["creams"].value() == "Arnica\nAloe"


def test_a_row_that_is_emptied_is_taken_out(rosa, running):
    sites = [{"site": "thigh", "side": "left"}, {"site": "knee", "side": ""}]
    write_session(session=running, by=rosa, sites=sites)
    sent = typed() | {"sites-INITIAL_FORMS": "2", "sites-0-site": "", "sites-0-side": "", "sites-1-site": "knee"}

    browser(rosa).post(record(running), sent)

    running.refresh_from_db()
    assert running.sites == [{"site": "knee", "side": ""}]


def test_no_creams_recommended_differs_from_not_recorded(rosa, running):
    browser(rosa).post(record(running), typed(no_creams="on"))
    running.refresh_from_db()
    assert running.creams == []

    browser(rosa).post(record(running), typed())
    running.refresh_from_db()
    assert running.creams is None


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"creams": "Arnica", "no_creams": "on"}, "Either creams were recommended, or none."),
        ({"anaesthetic": "declined", "anaesthetic_ml": "1"}, "Named only where the anaesthetic was given."),
        ({"anaesthetic": "given", "anaesthetic_ml": "1"}, "Choose the lot that this came from."),
        ({"sites-1-side": "left"}, "Choose the site that this side belongs to."),
        ({"sites-1-volume_ml": "1"}, "Choose the site that this row belongs to."),
        ({"sites-0-site": "thigh", "sites-0-volume_ml": "much"}, "Write it as a number, such as 0.5."),
        ({"lots-1-volume_ml": "1"}, "Choose the lot that this came from."),
        ({"lots-1-lot": "7a3f1c9e-0000-4000-8000-000000000000"}, "Select a valid choice."),
        ({"burning": "11"}, "Select a valid choice. 11 is not one of the available choices."),
        ({"pain": "-1"}, "Select a valid choice. -1 is not one of the available choices."),
        ({"swelling": "much"}, "Select a valid choice. much is not one of the available choices."),
        ({"sites-0-site": "wing"}, "Select a valid choice."),
        ({"asepsis": ["prayer"]}, "Select a valid choice."),
    ],
)
@pytest.mark.parametrize("address", [record, finish])
def test_what_is_wrong_is_said_beside_it_and_everything_typed_stays(wrong, sentence, address, rosa, running):
    answer = browser(rosa).post(address(running), typed(note="Long and careful") | wrong)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "Long and careful" in answer.content.decode()
    assert f'action="{record(running)}"' in answer.content.decode()
    running.refresh_from_db()
    assert (running.note, running.finished_at) == ("", None)


def test_rows_without_their_counters_are_refused_not_a_crash(rosa, running):
    answer = browser(rosa).post(record(running), {"note": "Long and careful"})

    assert answer.status_code == 422
    assert "Long and careful" in answer.content.decode()


def test_finish_saves_what_stands_in_the_form_first(rosa, running):
    answer = browser(rosa).post(finish(running), typed(note="Last words", anaesthetic="declined", finish_anyway="on"))

    running.refresh_from_db()
    assert (answer.url, said(answer)) == (record(running), ["Finished."])
    assert (running.note, running.finished_by, running.appointment.status) == ("Last words", rosa, "fulfilled")


def test_finish_sent_twice_is_finished_once_without_a_complaint(rosa, running):
    client, sent = browser(rosa), typed(note="Last words", once="one-page", finish_anyway="on")

    answers = [client.post(finish(running), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert not Refusal.objects.exists()


def test_finish_is_not_asked_by_a_link(rosa, running):
    assert browser(rosa).get(finish(running)).url == record(running)

    running.refresh_from_db()
    assert running.finished_at is None


def test_an_empty_record_is_not_finished_by_one_click(rosa, running):
    answer = browser(rosa).post(finish(running), typed(note="Last words", anaesthetic="declined"))

    running.refresh_from_db()
    assert (answer.status_code, running.finished_at) == (422, None)
    assert answer.context["missing"] == ["asepsis", "sites", "products and lots"]
    assert "Last words" in answer.content.decode()
    assert "Finish without them" in answer.content.decode()


@pytest.mark.parametrize("address", [record, finish])
def test_after_it_is_finished_a_save_is_refused_and_the_note_is_given_back(address, rosa, running):
    finish_session(session=running, by=rosa)

    answer = browser(rosa).post(address(running), typed(note="One thing more", burning="99"))

    assert answer.status_code == 409
    assert [blocker.code for blocker in answer.context["blockers"]] == ["wrong-status"]
    assert "Your note, not kept One thing more" in words(answer)
    assert 'name="note"' not in answer.content.decode()
    running.refresh_from_db()
    assert running.note == ""


def test_a_finished_record_reads_in_words(rosa, amara, running):
    write_session(
        session=running, by=rosa, anaesthetic="given", anaesthetic_lot=make_anaesthetic(rosa), swelling=False,
        asepsis=["hands-washed"], sites=[{"site": "thigh", "side": "left", "volume_ml": "0.5", "technique": "nappage"}],
        lots=[{"lot": make_lot(rosa), "volume_ml": Decimal("0.5")}], creams=[], burning=3, note="<b>All well</b>",
    )  # fmt: skip
    finish_session(session=running, by=rosa)

    page = browser(rosa).get(record(running))

    read = words(page)
    for sentence in (
        "Local anaesthetic Given: Lidocaine 2 %, lot A-1",
        "✓ Hands washed and gloved",
        "– Sharps disposed of: not recorded",
        "Injected 1 Left thigh, nappage, 0.5 ml, view not recorded",
        "Sites 1, listed above; 0.5 ml in all",
        "Products Lipostab, lot L2209-B, expires 31 Dec 2036, 0.50 ml",
        "Swelling None seen",
        "Itching Not recorded",
        "Creams recommended None",
        "Burning 3 of 10",
        "Pain Not recorded",
        "Note <b>All well</b>",
        "by Rosa Lind",
        "Skin checked: no bruising seen",
    ):
        assert sentence in read
    assert 'name="note"' not in page.content.decode()
    assert links(page, "side-effect-log", amara.pk)
    assert links(page, "none-seen", amara.pk)


def test_none_seen_is_not_offered_after_a_session_while_something_is_open(rosa, amara, running):
    finish_session(session=running, by=rosa)
    make_side_effect(patient=amara, kind="swelling", by=rosa)

    assert not links(browser(rosa).get(record(running)), "none-seen", amara.pk)


def test_a_low_pain_threshold_is_called_to_mind_in_the_record(rosa, reception, mesotherapy):
    patient = make_patient(reception, low_pain_threshold=True, allergies="lidocaine")
    session = make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=ago(hours=1), finished=False)

    read = words(browser(rosa).get(record(session)))

    assert "Low pain threshold: offer a local anaesthetic." in read
    assert (
        "may be administered a local anaesthetic, which is applied to the skin for numbing purposes.” Source:" in read
    )
    assert "Allergy: lidocaine." in read


def test_a_consultation_has_no_sites_and_no_products(rosa, amara, consultation):
    browser(rosa).post(start(visit(amara, consultation, rosa)), {})
    session = Session.objects.get()

    page = browser(rosa).get(record(session))
    answer = browser(rosa).post(finish(session), typed(note="Talked") | {"sites-0-site": "thigh"})

    assert page.context["form"].row_sets == []
    assert "Products and lots" not in words(page)
    session.refresh_from_db()
    assert (answer.status_code, session.note, session.sites) == (302, "Talked", [])


@pytest.mark.parametrize("times", [1, 3])
def test_a_record_asks_the_same_whatever_was_written(times, rosa, running):
    lots = [{"lot": make_lot(rosa, f"L{number}"), "volume_ml": Decimal("1")} for number in range(times)]
    sites = [{"site": "thigh", "side": "left"}] * times
    write_session(session=running, by=rosa, sites=sites, lots=lots, creams=["Arnica"] * times)

    # The session, its lots, the audit row, the draft; the lots and steps to choose from, the last session, what is open,
    # the sheets given and those to give, who has reviewed it.
    assert statements(browser(rosa), record(running)) == 12


def test_the_start_page_asks_the_same_whatever_the_history(rosa, amara, jonas, mesotherapy):
    for patient, times in ((amara, 1), (jonas, 3)):
        for count in range(times):
            make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=ago(30 - count * 3))
    first = visit(amara, mesotherapy, rosa)
    second = visit(jonas, mesotherapy, rosa, at=ago(hours=-2))

    client = browser(rosa)
    assert statements(client, start(first)) == statements(client, start(second))


def test_a_treatment_taken_off_the_catalogue_is_still_given_where_it_was_booked(rosa, amara, mesotherapy):
    appointment = visit(amara, mesotherapy, rosa)
    Treatment.objects.filter(pk=mesotherapy.pk).update(is_active=False)

    browser(rosa).post(start(appointment), ATTESTED)

    assert Appointment.objects.get().status == "in-progress"
