import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent, Refusal
from tests.factories import (
    make_appointment,
    make_consent,
    make_gone,
    make_review,
    make_session,
    make_side_effect,
)
from tests.pages.clinical import (
    ago,
    ahead,
    browser,
    errors,
    links,
    no_picture,
    picture,
    said,
    statements,
    words,
)
from treatments.concerns import report_concern
from treatments.models import Appointment, Photo, Review, SideEffect, SkinCheck
from treatments.photos import add_photo
from treatments.side_effects import correct_patient, enter_in_error

NOBODY = "7a3f1c9e-0000-4000-8000-000000000000"


def log(patient) -> str:
    return reverse("side-effect-log", args=[patient.pk])


def page_of(side_effect) -> str:
    return reverse("side-effect", args=[side_effect.pk])


def review(side_effect) -> str:
    return reverse("review", args=[side_effect.pk])


def booked(patient, treatment, practitioner, day, hour=10):
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=practitioner,
        starts_at=ahead(day, hour), now=ago(20),
    )  # fmt: skip


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", note="As big as a coin", now=ago(3))


# --- None seen -----------------------------------------------------------------------------------------------------------------


def test_none_seen_is_recorded_by_a_practitioner(rosa, amara):
    answer = browser(rosa).post(reverse("none-seen", args=[amara.pk]))

    check = SkinCheck.objects.get()
    assert (check.patient, check.finding, check.by, check.session) == (amara, "no-side-effects-seen", rosa, None)
    assert (answer.url, said(answer)) == (reverse("chart", args=[amara.pk]), ["Recorded: no side effects seen."])


def test_none_seen_sent_twice_is_recorded_once(rosa, amara):
    client = browser(rosa)
    for _ in range(2):
        client.post(reverse("none-seen", args=[amara.pk]), {"once": "one-page"})

    assert SkinCheck.objects.count() == 1


def test_none_seen_is_refused_while_something_is_open(rosa, bruise):
    answer = browser(rosa).post(reverse("none-seen", args=[bruise.patient_id]))

    assert answer.status_code == 409
    assert "A side effect is open; review it instead." in words(answer)
    assert links(answer, "chart", bruise.patient_id)
    assert Refusal.objects.get().code == "wrong-status"


def test_none_seen_is_for_practitioners_and_by_post(reception, manager, rosa, amara):
    address = reverse("none-seen", args=[amara.pk])

    assert [browser(staff).post(address).status_code for staff in (reception, manager)] == [403, 403]
    assert browser(rosa).get(address).status_code == 405
    assert not SkinCheck.objects.exists()


# --- Logging ----------------------------------------------------------------------------------------------------------------------


def test_a_manager_logs_nothing(manager, amara):
    assert browser(manager).get(log(amara)).status_code == 403
    assert browser(manager).post(log(amara), {"kind": "bruising", "seen": "yes"}).status_code == 403


def test_a_practitioner_logs_what_is_seen_with_everything_known_of_it(rosa, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(4))
    onset = timezone.localdate(ago(2))

    answer = browser(rosa).post(
        log(amara),
        {
            "kind": "swelling", "site": "thigh", "side": "left", "severity": "2", "onset_on": onset.isoformat(),
            "painful_to_touch": "yes", "note": "Small bumps", "session": str(session.pk), "seen": "yes",
        },
    )  # fmt: skip

    logged = SideEffect.objects.get()
    assert (answer.url, said(answer)) == (page_of(logged), ["Logged."])
    assert {
        name: getattr(logged, name)
        for name in ("kind", "site", "side", "severity", "onset_on", "painful_to_touch", "note", "session", "seen_by")
    } == {
        "kind": "swelling",
        "site": "thigh",
        "side": "left",
        "severity": 2,
        "onset_on": onset,
        "painful_to_touch": True,
        "note": "Small bumps",
        "session": session,
        "seen_by": rosa,
    }


def test_only_the_kind_is_asked_for(rosa, amara):
    browser(rosa).post(log(amara), {"kind": "other", "seen": "yes"})

    logged = SideEffect.objects.get()
    assert (logged.site, logged.side, logged.severity, logged.onset_on) == ("", "", None, None)
    assert (logged.painful_to_touch, logged.session) == (None, None)


def test_what_was_only_told_is_logged_as_not_yet_seen(rosa, amara):
    browser(rosa).post(log(amara), {"kind": "bruising", "seen": "no"})

    assert SideEffect.objects.get().seen_at is None


def test_logging_bruising_says_how_many_appointments_it_holds(rosa, amara, mesotherapy, consultation):
    booked(amara, mesotherapy, rosa, 5)
    booked(amara, mesotherapy, rosa, 9)
    kept = booked(amara, consultation, rosa, 12)

    answer = browser(rosa).post(log(amara), {"kind": "bruising", "seen": "yes"})

    assert said(answer) == ["Logged. 2 booked mesotherapy appointments are now on hold."]
    kept.refresh_from_db()
    assert kept.status == "booked"


@pytest.mark.parametrize(
    "kind, says",
    [("bruising", "Logged. 1 booked mesotherapy appointment is now on hold."), ("swelling", "Logged.")],
)
def test_the_count_of_holds_is_of_this_one_only(kind, says, rosa, amara, jonas, mesotherapy):
    booked(jonas, mesotherapy, rosa, 4)
    make_side_effect(patient=jonas, by=rosa, now=ago(1))
    booked(amara, mesotherapy, rosa, 5)

    assert said(browser(rosa).post(log(amara), {"kind": kind, "seen": "yes"})) == [says]


def test_a_red_flag_opens_a_suspected_infection_beside_it(rosa, amara, mesotherapy):
    booked(amara, mesotherapy, rosa, 5)

    answer = browser(rosa).post(log(amara), {"kind": "pain", "red_flags": ["fever", "pus"], "seen": "yes"})

    assert {one.kind for one in SideEffect.objects.all()} == {"pain", "infection"}
    assert said(answer) == ["Logged. 1 booked mesotherapy appointment is now on hold."]


def test_logged_twice_by_a_double_click_is_logged_once(rosa, amara):
    client, sent = browser(rosa), {"kind": "bruising", "seen": "yes", "once": "one-page"}

    answers = [client.post(log(amara), sent) for _ in range(2)]

    assert [answer.url for answer in answers] == [page_of(SideEffect.objects.get())] * 2


def test_gone_back_and_changed_is_another_entry(rosa, amara):
    client, sent = browser(rosa), {"kind": "bruising", "seen": "yes", "once": "one-page"}

    client.post(log(amara), sent | {"side": "left"})
    client.post(log(amara), sent | {"side": "right"})

    assert sorted(SideEffect.objects.values_list("side", flat=True)) == ["left", "right"]


@pytest.mark.parametrize(
    "wrong, field, sentence",
    [
        ({"kind": ""}, "kind", "Choose what it is; “Other” if nothing fits."),
        ({"kind": "freckles"}, "kind", "Select a valid choice. freckles is not one of the available choices."),
        ({"onset_on": "yesterday"}, "onset_on", "Give a day, for example 2026-11-03."),
        ({"onset_on": "1901-01-01"}, "onset_on", "The onset is before the patient was born."),
        ({"severity": "5"}, "severity", "Select a valid choice. 5 is not one of the available choices."),
        ({"seen": ""}, "seen", "This field is required."),
        ({"red_flags": ["ghosts"]}, "red_flags", "Select a valid choice. ghosts is not one of the available choices."),
        ({"session": NOBODY}, "session", f"Select a valid choice. {NOBODY} is not one of the available choices."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_stays(wrong, field, sentence, rosa, amara):
    sent = {"kind": "swelling", "seen": "no", "note": "Long and careful", "site": "thigh", "side": "left"} | wrong

    answer = browser(rosa).post(log(amara), sent)

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    form = answer.context["form"]
    assert (form["note"].value(), form["site"].value(), form["side"].value()) == ("Long and careful", "thigh", "left")
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not SideEffect.objects.exists()


def test_an_onset_tomorrow_is_wrong_and_today_is_not(rosa, amara):
    today = timezone.localdate()

    late = browser(rosa).post(
        log(amara), {"kind": "pain", "seen": "yes", "onset_on": (today + dt.timedelta(days=1)).isoformat()}
    )
    now = browser(rosa).post(log(amara), {"kind": "pain", "seen": "yes", "onset_on": today.isoformat()})

    assert errors(late, "onset_on") == ["The onset is in the future."]
    assert now.status_code == 302


def test_the_newest_mesotherapy_session_is_suggested(rosa, amara, jonas, mesotherapy, consultation):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(30))
    newest = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(4))
    others = make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ago(2))

    page = browser(rosa).get(log(amara))

    assert page.context["form"]["session"].initial == str(newest.pk)
    assert f'value="{newest.pk}" selected' in page.content.decode()
    assert str(others.pk) not in page.content.decode()


def test_what_is_open_already_can_be_reviewed_instead(rosa, bruise):
    page = browser(rosa).get(log(bruise.patient))

    assert "On record already" in words(page)
    assert links(page, "review", bruise.pk)


def test_for_a_merged_record_nothing_is_logged_and_the_page_says_why(rosa, amara, jonas):
    type(amara).objects.filter(pk=amara.pk).update(merged_into=jonas)

    answer = browser(rosa).post(log(amara), {"kind": "pain", "seen": "yes", "note": "Long and careful"})

    assert answer.status_code == 422
    assert "This record was merged into another. Use the other one." in words(answer)
    assert "Long and careful" in answer.content.decode()


# --- Photos with the log ---------------------------------------------------------------------------------------------------------


def test_photos_are_kept_with_what_is_logged(rosa, reception, amara):
    make_consent(amara, reception)

    answer = browser(rosa).post(
        log(amara), {"kind": "bruising", "seen": "yes", "photos": [picture("a.jpg"), picture("b.jpg", width=800)]}
    )

    logged = SideEffect.objects.get()
    assert answer.url == page_of(logged)
    assert logged.photos.count() == 2


def test_a_bad_photo_loses_neither_the_side_effect_nor_the_good_photo(rosa, reception, amara):
    make_consent(amara, reception)

    answer = browser(rosa).post(
        log(amara), {"kind": "bruising", "seen": "yes", "note": "A coin", "photos": [no_picture(), picture()]}
    )

    logged = SideEffect.objects.get()
    assert answer.url == reverse("photo-add", args=[logged.pk])
    assert (logged.note, logged.photos.count()) == ("A coin", 1)
    assert said(answer)[0] == "Logged."
    assert said(answer)[1].startswith("Not kept: letter.jpg. This is not a photo")


def test_without_photo_consent_the_side_effect_is_logged_and_the_next_page_records_the_consent(rosa, amara):
    client = browser(rosa)

    answer = client.post(log(amara), {"kind": "bruising", "seen": "yes", "photos": [picture()]}, follow=True)

    logged = SideEffect.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("photo-add", args=[logged.pk])
    assert "Not kept: phone.jpg. The patient's consent to photos for care is not on record." in words(answer)
    assert links(answer, "consent-record", amara.pk)
    assert not Photo.objects.exists()


def test_chosen_photos_of_a_form_with_errors_are_to_be_chosen_again(rosa, amara):
    answer = browser(rosa).post(log(amara), {"kind": "", "seen": "yes", "photos": [picture()]})

    assert "A browser does not keep chosen photos: choose them again." in words(answer)
    assert not SideEffect.objects.exists()


# --- Seen again ------------------------------------------------------------------------------------------------------------------


def test_seen_again_carries_over_what_it_was_and_names_the_closed_one(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))
    address = f"{log(bruise.patient)}?reopens={bruise.pk}"

    page = browser(rosa).get(address)
    answer = browser(rosa).post(address, {"kind": "bruising", "site": "thigh", "side": "left", "seen": "yes"})

    form = page.context["form"]
    assert [form[name].value() for name in ("kind", "site", "side")] == ["bruising", "thigh", "left"]
    again = SideEffect.objects.exclude(pk=bruise.pk).get()
    assert (again.reopens, answer.url) == (bruise, page_of(again))


def test_seen_again_as_another_kind_is_refused_in_words(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))

    answer = browser(rosa).post(f"{log(bruise.patient)}?reopens={bruise.pk}", {"kind": "pain", "seen": "yes"})

    assert answer.status_code == 422
    assert "It can only reopen a closed side effect of the same kind and patient." in words(answer)


def test_only_a_closed_one_of_this_patient_can_be_seen_again(rosa, jonas, bruise):
    make_gone(bruise, rosa, now=ago(1))
    still_open = make_side_effect(patient=bruise.patient, by=rosa, now=ago(1))

    for address in (
        f"{log(jonas)}?reopens={bruise.pk}",
        f"{log(bruise.patient)}?reopens={still_open.pk}",
        f"{log(bruise.patient)}?reopens=nonsense",
    ):
        assert browser(rosa).get(address).status_code == 404


# --- Reception's version -----------------------------------------------------------------------------------------------------------


def test_reception_is_always_asked_about_bruising_and_never_for_photos(reception, amara):
    page = browser(reception).get(log(amara))

    assert "Report a concern" in words(page)
    assert "Any bruising or discolouration?" in words(page)
    assert set(page.context["form"].fields) == {"bruising", "kind", "red_flags", "onset_on", "note"}
    assert 'type="file"' not in page.content.decode()


@pytest.mark.parametrize("answered, note", [("yes", "Blue"), ("not-sure", "Asked about bruising: not sure. Blue")])
def test_yes_and_not_sure_both_log_bruising_as_reported(answered, note, reception, rosa, amara, mesotherapy):
    booked(amara, mesotherapy, rosa, 5)

    answer = browser(reception).post(log(amara), {"bruising": answered, "note": "Blue"})

    told = SideEffect.objects.get()
    assert (told.kind, told.note, told.seen_at, told.recorded_by) == ("bruising", note, None, reception)
    assert answer.url == reverse("chart", args=[amara.pk])
    assert said(answer) == ["Reported: a practitioner will look. 1 booked mesotherapy appointment is now on hold."]


def test_no_bruising_logs_the_other_kind_alone_and_holds_nothing(reception, rosa, amara, mesotherapy):
    kept = booked(amara, mesotherapy, rosa, 5)

    answer = browser(reception).post(log(amara), {"bruising": "no", "kind": "itching"})

    assert [one.kind for one in SideEffect.objects.all()] == ["itching"]
    kept.refresh_from_db()
    assert (kept.status, said(answer)) == ("booked", ["Reported: a practitioner will look."])


def test_another_kind_beside_bruising_logs_both_with_the_words_and_the_onset(reception, amara):
    onset = timezone.localdate(ago(1))

    browser(reception).post(
        log(amara), {"bruising": "yes", "kind": "numbness", "note": "Blue and numb", "onset_on": onset.isoformat()}
    )

    told = {(one.kind, one.note, one.onset_on, one.seen_at) for one in SideEffect.objects.all()}
    assert told == {("bruising", "Blue and numb", onset, None), ("numbness", "Blue and numb", onset, None)}


def test_both_or_neither_are_logged(reception, amara):
    answer = browser(reception).post(log(amara), {"bruising": "yes", "kind": "pain", "onset_on": "1901-01-01"})

    assert errors(answer, "onset_on") == ["The onset is before the patient was born."]
    assert not SideEffect.objects.exists()


@pytest.mark.parametrize(
    "sent, kinds",
    [
        ({"bruising": "no", "red_flags": ["fever"]}, ["infection"]),
        ({"bruising": "yes", "red_flags": ["fever"]}, ["bruising", "infection"]),
        ({"bruising": "yes", "kind": "pain", "red_flags": ["fever", "pus"]}, ["bruising", "infection", "pain"]),
    ],
)
def test_red_flags_open_one_suspected_infection_whoever_reports(sent, kinds, reception, amara):
    browser(reception).post(log(amara), sent)

    assert sorted(one.kind for one in SideEffect.objects.all()) == kinds
    assert "Told of: fever" in SideEffect.objects.get(kind="infection").note


@pytest.mark.parametrize(
    "sent, field, sentence",
    [
        ({"kind": "pain"}, "bruising", "Ask whether there is any bruising or discolouration."),
        ({"bruising": "no"}, "kind", "Choose what it may be; “Other” if nothing fits."),
        ({"bruising": "no", "kind": "bruising"}, "kind", "Select a valid choice. bruising is not one of the available choices."),
    ],
)  # fmt: skip
def test_a_concern_that_says_too_little_keeps_what_was_typed(sent, field, sentence, reception, amara):
    answer = browser(reception).post(log(amara), sent | {"note": "Long and careful"})

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert "Long and careful" in answer.content.decode()
    assert not SideEffect.objects.exists()


def test_a_concern_taken_down_by_another_door_is_asked_about_bruising_too(reception, amara):
    with pytest.raises(ValidationError) as wrong:
        report_concern(patient=amara, bruising="", kind="pain", by=reception)

    assert wrong.value.message_dict == {"bruising": ["Ask whether there is any bruising or discolouration."]}


def test_a_concern_sent_twice_is_taken_down_once(reception, amara):
    client, sent = browser(reception), {"bruising": "yes", "kind": "pain", "once": "one-page"}

    for _ in range(2):
        client.post(log(amara), sent)

    assert SideEffect.objects.count() == 2


def test_a_concern_never_reads_back_clinical_words(reception, bruise):
    page = browser(reception).get(log(bruise.patient))

    read = words(page).lower()
    assert "bruising since" in read
    for secret in ("thigh", "coin", "review it instead"):
        assert secret not in read


# --- One side effect ----------------------------------------------------------------------------------------------------------------


def test_a_side_effect_tells_its_whole_course(rosa, reception, bruise):
    make_consent(bruise.patient, reception)
    make_review(side_effect=bruise, by=rosa, finding="worse", colour="violet", size_mm=60, note="Larger", now=ago(2))
    make_review(side_effect=bruise, by=rosa, finding="fading", mode="photo", now=ago(1))
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa, taken_at=ago(1))

    page = browser(rosa).get(page_of(bruise))

    assert [one.finding for one in page.context["episode"].reviews] == ["fading", "worse"]
    assert [one.photo for one in page.context["episode"].pictures] == [photo]
    read = words(page)
    for sentence in ("Bruising, left thigh", "As big as a coin", "violet, 60 mm", "Larger", "from a photo, Rosa Lind"):
        assert sentence in read
    event = AuditEvent.objects.get(kind="record-read")
    assert (event.patient_id, event.subject, event.subject_id) == (bruise.patient_id, "side-effect", bruise.pk)


def test_reception_reads_of_a_side_effect_only_what_it_needs(reception, rosa, bruise):
    make_review(side_effect=bruise, by=rosa, colour="violet", now=ago(1))

    page = browser(reception).get(page_of(bruise))

    read = words(page)
    assert page.status_code == 200
    assert "Bruising Seen by a practitioner" in read
    for secret in ("thigh", "coin", "violet", "fading"):
        assert secret not in read.lower()
    assert "<title>Amara Okafor ·" in page.content.decode()


def test_a_side_effect_is_not_found_without_a_role_or_where_there_is_none(superuser, rosa, bruise):
    assert browser(superuser).get(page_of(bruise)).status_code == 404
    for staff in (rosa, superuser):
        assert browser(staff).get(f"/side-effects/{NOBODY}/").status_code == 404


def test_a_manager_reads_a_side_effect_and_may_not_act(manager, rosa, bruise):
    page = browser(manager).get(page_of(bruise))

    assert "As big as a coin" in words(page)
    for name in ("review", "enter-in-error", "wrong-patient", "photo-add"):
        assert not links(page, name, bruise.pk)
        assert browser(manager).get(reverse(name, args=[bruise.pk])).status_code == 403


@pytest.mark.parametrize("name", ["review", "enter-in-error", "wrong-patient"])
def test_reception_may_not_judge(name, reception, bruise):
    address = reverse(name, args=[bruise.pk])

    assert browser(reception).get(address).status_code == 403
    assert browser(reception).post(address, {"mode": "in-person", "finding": "gone", "reason": "x"}).status_code == 403
    bruise.refresh_from_db()
    assert bruise.is_open


def test_nothing_clinical_stands_in_a_title(rosa, bruise):
    for address in (page_of(bruise), review(bruise), reverse("enter-in-error", args=[bruise.pk])):
        title = browser(rosa).get(address).content.decode().split("<title>")[1].split("</title>")[0].lower()
        assert "bruis" not in title
        assert "thigh" not in title


# --- Review --------------------------------------------------------------------------------------------------------------------------


def test_a_review_is_added_with_all_that_was_seen(rosa, bruise):
    seen_at = timezone.localtime(ago(1)).replace(second=0, microsecond=0)

    answer = browser(rosa).post(
        review(bruise),
        {
            "mode": "in-person", "finding": "fading", "seen_at": f"{seen_at:%Y-%m-%dT%H:%M}",
            "initial-seen_at": f"{timezone.localtime():%Y-%m-%d %H:%M}:00",
            "size_mm": "40", "colour": "yellow-green", "note": "Smaller",
        },
    )  # fmt: skip

    look = Review.objects.get()
    assert (answer.url, said(answer)) == (page_of(bruise), ["Reviewed."])
    assert (look.mode, look.finding, look.outcome, look.size_mm, look.colour, look.note) == (
        "in-person", "fading", "recovering", 40, "yellow-green", "Smaller",
    )  # fmt: skip
    assert (look.seen_at, look.by) == (seen_at, rosa)


def test_a_time_nobody_touched_is_the_moment_of_saving(rosa, bruise):
    client = browser(rosa)
    shown = client.get(review(bruise)).context["form"]["seen_at"]

    before = timezone.now()
    client.post(
        review(bruise),
        {
            "mode": "in-person", "finding": "fading", "seen_at": f"{timezone.localtime(shown.initial):%Y-%m-%dT%H:%M}",
            "initial-seen_at": f"{timezone.localtime(shown.initial):%Y-%m-%d %H:%M:%S}",
        },
    )  # fmt: skip

    assert before <= Review.objects.get().seen_at <= timezone.now()


def test_gone_in_person_closes_it(rosa, bruise):
    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"}, follow=True)

    bruise.refresh_from_db()
    assert (bruise.closing_review.finding, bruise.closing_review.outcome) == ("gone", "resolved")
    assert "No open bruising now" in words(answer)
    assert "Nothing is on hold." in words(answer)


def test_after_the_last_blocker_the_held_appointments_are_linked(rosa, amara, mesotherapy):
    held = booked(amara, mesotherapy, rosa, 6)
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(3))

    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"}, follow=True)

    assert "No open bruising now Held appointments can be confirmed." in words(answer)
    assert links(answer, "appointment", held.pk)
    held.refresh_from_db()
    assert held.status == "on-hold"  # nothing comes back by itself


def test_while_another_blocker_is_open_nothing_can_be_confirmed_yet(rosa, amara, mesotherapy, bruise):
    make_side_effect(patient=amara, kind="infection", by=rosa, now=ago(1))

    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"}, follow=True)

    assert "No open bruising now" not in words(answer)
    bruise.refresh_from_db()
    assert not bruise.is_open


def test_a_swelling_that_is_gone_says_nothing_of_bruising(rosa, amara):
    swelling = make_side_effect(patient=amara, kind="swelling", by=rosa, now=ago(3))

    answer = browser(rosa).post(review(swelling), {"mode": "in-person", "finding": "gone"}, follow=True)

    assert "No open bruising now" not in words(answer)


def test_staining_that_stays_is_gone_with_its_own_outcome(rosa, bruise):
    sent = {"mode": "in-person", "finding": "gone", "outcome": "resolved-with-sequelae"}

    answer = browser(rosa).post(review(bruise), sent, follow=True)

    assert Review.objects.get().outcome == "resolved-with-sequelae"
    assert "Staining stays" in words(answer)


@pytest.mark.parametrize(
    "wrong, field, sentence",
    [
        ({"mode": "phone", "finding": "gone"}, "mode", "Gone is never found by phone alone: look in person, or at a new photo."),
        (
            {"mode": "photo", "finding": "gone"},
            "mode",
            "Gone from a photo needs a photo of it taken after the last look. Add one first.",
        ),
        ({"finding": "fading", "outcome": "resolved-with-sequelae"}, "outcome", "Staining that stays is said only of one that is gone."),
        ({"mode": ""}, "mode", "Choose how it was looked at."),
        ({"finding": ""}, "finding", "Choose what was found."),
        ({"seen_at": "2999-01-01T10:00"}, "seen_at", "A look is never in the future."),
        ({"seen_at": "noon"}, "seen_at", "Give a day and a time, for example 2026-11-03 14:30."),
        ({"size_mm": "0"}, "size_mm", "Ensure this value is greater than or equal to 1."),
    ],
)  # fmt: skip
def test_a_look_that_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(wrong, field, sentence, rosa, bruise):
    sent = {"mode": "in-person", "finding": "fading", "note": "Long and careful"} | wrong

    answer = browser(rosa).post(review(bruise), sent)

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert answer.context["form"]["note"].value() == "Long and careful"
    assert not Review.objects.exists()


def test_a_look_before_it_began_names_the_day(rosa, amara):
    onset = timezone.localdate(ago(2))
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=onset, now=ago(1))
    sent = {"mode": "in-person", "finding": "fading", "seen_at": f"{timezone.localtime(ago(4)):%Y-%m-%dT%H:%M}"}

    answer = browser(rosa).post(review(bruise), sent)

    assert errors(answer, "seen_at")[0].startswith("It began only on ")


def test_fading_by_phone_is_a_look_like_others(rosa, bruise):
    answer = browser(rosa).post(review(bruise), {"mode": "phone", "finding": "fading"})

    assert (answer.status_code, Review.objects.get().mode) == (302, "phone")


def test_gone_from_a_photo_sent_with_the_review_closes_it(rosa, reception, bruise):
    make_consent(bruise.patient, reception)

    answer = browser(rosa).post(review(bruise), {"mode": "photo", "finding": "gone", "photos": [picture()]})

    bruise.refresh_from_db()
    assert (answer.status_code, bruise.closing_review.mode, bruise.photos.count()) == (302, "photo", 1)


def test_a_photo_older_than_the_last_look_closes_nothing_and_stays(rosa, reception, bruise):
    make_consent(bruise.patient, reception)
    taken = timezone.localtime(ago(5))
    old = picture(taken=f"{taken:%Y:%m:%d %H:%M:%S}", offset=f"{taken:%z}"[:3] + ":00")

    answer = browser(rosa).post(review(bruise), {"mode": "photo", "finding": "gone", "photos": [old]})

    assert answer.status_code == 422
    assert errors(answer, "mode") == ["Gone from a photo needs a photo of it taken after the last look. Add one first."]
    assert "1 photo kept already" in words(answer)
    bruise.refresh_from_db()
    assert (bruise.is_open, bruise.photos.count()) == (True, 1)


def test_a_photo_that_is_not_kept_keeps_the_review_back_with_everything_typed(rosa, reception, bruise):
    make_consent(bruise.patient, reception)

    answer = browser(rosa).post(
        review(bruise), {"mode": "in-person", "finding": "fading", "note": "Long and careful", "photos": [no_picture()]}
    )

    assert answer.status_code == 400
    assert "The review is not saved yet: a photo was not kept." in words(answer)
    assert answer.context["form"]["note"].value() == "Long and careful"
    assert not Review.objects.exists()


def test_without_photo_consent_the_review_page_says_where_to_record_it(rosa, bruise):
    answer = browser(rosa).post(review(bruise), {"mode": "photo", "finding": "fading", "photos": [picture()]})

    assert answer.status_code == 409
    assert "Record the patient's consent on the chart" in words(answer)
    assert [refusal.code for refusal in Refusal.objects.all()] == ["photo-consent-missing"]


def test_a_review_sent_twice_is_one_look(rosa, bruise):
    client, sent = browser(rosa), {"mode": "in-person", "finding": "gone", "once": "one-page"}

    answers = [client.post(review(bruise), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Review.objects.count() == 1


def test_a_closed_one_takes_no_more_looks_and_offers_to_log_it_as_seen_again(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))

    page = browser(rosa).get(review(bruise))
    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "fading"})

    again = f"{log(bruise.patient)}?reopens={bruise.pk}"
    for shown in (page, answer, browser(rosa).get(page_of(bruise))):
        assert again in shown.content.decode()
    assert answer.status_code == 409
    assert "It was found gone, so it takes no more looks." in words(answer)
    assert Review.objects.count() == 1


def test_a_struck_one_takes_no_more_looks(rosa, bruise):
    enter_in_error(side_effect=bruise, reason="Ink", by=rosa)

    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"})

    assert answer.status_code == 409
    assert "It was entered in error, so it takes no more looks." in words(answer)
    assert "reopens" not in answer.content.decode()


# --- Entered wrongly ------------------------------------------------------------------------------------------------------------------


def test_entered_in_error_stays_struck_through_with_who_and_why(rosa, amara, mesotherapy, bruise):
    address = reverse("enter-in-error", args=[bruise.pk])

    page = browser(rosa).get(address)
    answer = browser(rosa).post(address, {"reason": "It was ink"}, follow=True)

    assert "This is final." in words(page)
    bruise.refresh_from_db()
    assert (bruise.error_by, bruise.error_reason) == (rosa, "It was ink")
    assert "Rosa Lind: It was ink" in words(answer)
    assert '<s class="struck">' in answer.content.decode()
    assert not links(answer, "review", bruise.pk)


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_error_needs_a_reason(reason, rosa, bruise):
    answer = browser(rosa).post(reverse("enter-in-error", args=[bruise.pk]), {"reason": reason})

    assert (answer.status_code, errors(answer, "reason")) == (
        422,
        ["Say why the entry is wrong; it stays on the chart with the reason."],
    )
    bruise.refresh_from_db()
    assert bruise.is_open


def test_entered_in_error_twice_is_refused_and_a_double_click_is_not(rosa, bruise):
    client, address = browser(rosa), reverse("enter-in-error", args=[bruise.pk])

    twice = [client.post(address, {"reason": "Ink", "once": "one-page"}).status_code for _ in range(2)]
    again = client.post(address, {"reason": "Other ink", "once": "another-page"})

    assert twice == [302, 302]
    assert again.status_code == 409
    assert "It was entered in error before, and that is final." in words(again)


def wrong_patient(side_effect, find="") -> str:
    address = reverse("wrong-patient", args=[side_effect.pk])
    return f"{address}?find={find}" if find else address


def test_the_right_patient_is_searched_for_by_name_or_number(rosa, jonas, bruise):
    for find in ("weber", jonas.number, "1979-06-03"):
        page = browser(rosa).get(wrong_patient(bruise, find))
        assert page.context["found"] == [jonas]

    assert browser(rosa).get(wrong_patient(bruise)).context["found"] == []
    assert "Nobody found for “zzz”" in words(browser(rosa).get(wrong_patient(bruise, "zzz")))
    # Never the patient it stands under, nor a merged-away record.
    assert browser(rosa).get(wrong_patient(bruise, "amara")).context["found"] == []


def test_the_wrong_patients_entry_is_struck_and_the_right_one_gets_it_and_both_are_linked(rosa, amara, jonas, bruise):
    sent = {"patient": str(jonas.pk), "reason": "Two Amaras in the waiting room"}

    answer = browser(rosa).post(wrong_patient(bruise, "weber"), sent, follow=True)

    bruise.refresh_from_db()
    right = SideEffect.objects.get(patient=jonas)
    assert (bruise.error_reason, right.moved_from, right.site) == ("Two Amaras in the waiting room", bruise, "thigh")
    assert answer.redirect_chain[-1][0] == page_of(right)
    assert links(answer, "chart", jonas.pk)
    assert links(answer, "side-effect", bruise.pk)
    struck = browser(rosa).get(page_of(bruise))
    assert links(struck, "side-effect", right.pk)
    assert "now under Jonas Weber" in words(struck)


@pytest.mark.parametrize("missing", ["patient", "reason"])
def test_both_the_patient_and_the_reason_are_needed(missing, rosa, jonas, bruise):
    sent = {"patient": str(jonas.pk), "reason": "Two Amaras"}
    del sent[missing]

    answer = browser(rosa).post(wrong_patient(bruise, "weber"), sent)

    assert answer.status_code == 422
    assert len(errors(answer, missing)) == 1
    bruise.refresh_from_db()
    assert bruise.is_open


def test_only_somebody_found_can_be_chosen(rosa, amara, jonas, bruise):
    for chosen in (str(amara.pk), NOBODY, "nonsense"):
        answer = browser(rosa).post(wrong_patient(bruise, "weber"), {"patient": chosen, "reason": "Two Amaras"})
        assert errors(answer, "patient") == ["Choose one of those found."]


def test_what_was_moved_once_is_not_moved_again(rosa, jonas, bruise):
    correct_patient(side_effect=bruise, patient=jonas, reason="Two Amaras", by=rosa)

    answer = browser(rosa).post(wrong_patient(bruise, "weber"), {"patient": str(jonas.pk), "reason": "Again"})

    assert answer.status_code == 409
    assert SideEffect.objects.count() == 2


# --- Statements --------------------------------------------------------------------------------------------------------------------------


def test_a_side_effects_page_asks_the_same_whatever_its_course(rosa, reception, amara, jonas):
    counts = []
    for patient, times in ((amara, 1), (jonas, 3)):
        make_consent(patient, reception)
        bruise = make_side_effect(patient=patient, by=rosa, now=ago(9))
        for number in range(times):
            make_review(side_effect=bruise, by=rosa, now=ago(8 - number))
            add_photo(side_effect=bruise, image=picture(width=640 + number), by=rosa, taken_at=ago(8 - number))
        client = browser(rosa)
        counts.append([statements(client, address) for address in (page_of(bruise), review(bruise), log(patient))])

    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12
    assert not Appointment.objects.exists()


def test_reception_is_told_at_once_that_a_red_flag_is_urgent(reception, amara):
    form = {"kind": "pain", "bruising": "no", "red_flags": ["fever"], "once": "x"}

    answer = browser(reception).post(f"/patients/{amara.pk}/side-effects/new/", form)

    assert said(answer) == [
        "Reported: a practitioner will look.",
        "Possible infection: to be seen today. Tell a practitioner now.",
    ]
