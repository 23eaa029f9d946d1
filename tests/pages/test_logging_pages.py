import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import Refusal
from tests.factories import (
    make_consent,
    make_gone,
    make_session,
    make_side_effect,
)
from tests.pages.clinical import (
    NOBODY,
    ago,
    booked,
    browser,
    errors,
    links,
    log,
    no_picture,
    page_of,
    picture,
    said,
    words,
)
from treatments.models import Photo, SideEffect, SkinCheck

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
        ({"kind": []}, "kind", "Choose what it is; “Other” if nothing fits."),
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
    assert said(answer)[:2] == [
        "Logged.",
        "1 photo came with no time, or one that cannot be right, so the time of sending counts.",
    ]
    assert said(answer)[2].startswith("Not kept: letter.jpg. This is not a photo")


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
    assert [form[name].value() for name in ("kind", "site", "side")] == [["bruising"], "thigh", "left"]
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


# --- Sent by the page's script ---------------------------------------------------------------------------------------------------


def test_the_script_is_told_where_to_go_and_the_next_page_still_says_what_was_done(rosa, amara, reception):
    make_consent(amara, reception)
    client = browser(rosa)

    answer = client.post(
        log(amara), {"kind": "bruising", "seen": "yes", "photos": [picture()]}, headers={"X-Sent-By-Script": "1"}
    )

    logged = SideEffect.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"next": page_of(logged)})
    assert "Logged." in words(client.get(page_of(logged)))


def test_the_script_is_shown_the_page_with_what_is_wrong(rosa, amara):
    answer = browser(rosa).post(log(amara), {"seen": "yes"}, headers={"X-Sent-By-Script": "1"})

    assert answer.status_code == 422
    assert errors(answer, "kind") == ["Choose what it is; “Other” if nothing fits."]
