"""Logging several kinds on one page, with what each is asked; the same one offered instead; the checklist on its page."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import Refusal
from tests.factories import LONDON, make_appointment, make_gone, make_review, make_session, make_side_effect
from tests.pages.clinical import ago, browser, errors, links, log, page_of, review, said, words
from treatments.models import ReferralStep, SideEffect, SkinCheck

SEEN = {"seen": "yes"}
A_DAY = dt.timedelta(days=1)


def day(days_ago: int) -> str:
    return (timezone.localdate() - dt.timedelta(days=days_ago)).isoformat()


def tick(infection, step="told-patient") -> str:
    return reverse("referral-step", args=[infection.pk, step])


def test_several_kinds_are_logged_with_one_save(rosa, amara):
    sent = SEEN | {
        "kind": ["bruising", "swelling", "irritation"], "site": "thigh", "side": "left", "severity": "2",
        "onset": "yesterday", "painful_to_touch": "no", "cream": "Arnica",
        "map_view": "front", "map_x": "600", "map_y": "620",
    }  # fmt: skip

    answer = browser(rosa).post(log(amara), sent)

    assert (answer.url, said(answer)) == (
        reverse("chart", args=[amara.pk]),
        ["Logged: bruising, swelling, irritation."],
    )
    logged = {one.kind: one for one in SideEffect.objects.all()}
    assert {kind: (one.painful_to_touch, one.cream) for kind, one in logged.items()} == {
        "bruising": (None, ""),
        "swelling": (False, ""),
        "irritation": (None, "Arnica"),
    }
    assert {one.onset_on.isoformat() for one in logged.values()} == {day(1)}


def test_sent_twice_each_is_logged_once(rosa, amara):
    client, sent = browser(rosa), SEEN | {"kind": ["pain", "itching"], "once": "one-page"}

    answers = [client.post(log(amara), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert SideEffect.objects.count() == 2


@pytest.mark.parametrize(
    "sent, onset_on, about",
    [
        ({"onset": "today"}, 0, False),
        ({"onset": "day", "onset_on": day(3), "onset_is_about": "on"}, 3, True),
        ({"onset": "day", "onset_on": day(3)}, 3, False),
        ({"onset": ""}, None, False),
        ({}, None, False),
    ],
)
def test_the_onset_is_a_day_about_a_day_or_not_known(sent, onset_on, about, rosa, amara):
    browser(rosa).post(log(amara), SEEN | {"kind": "pain"} | sent)

    logged = SideEffect.objects.get()
    assert (logged.onset_on and logged.onset_on.isoformat(), logged.onset_is_about) == (
        None if onset_on is None else day(onset_on),
        about,
    )


@pytest.mark.parametrize(
    "sent, field, sentence",
    [
        (
            {"onset": "today", "onset_on": day(3)},
            "onset_on",
            "You chose today, and gave another day. Keep one of them.",
        ),
        ({"onset": "day"}, "onset_on", "Give the day, or choose “Not known”."),
        ({"onset": "day", "onset_on": day(-1)}, "onset_on", "The onset is in the future."),
        ({"onset_is_about": "on"}, "onset_is_about", "About which day? Give one, or leave it as not known."),
    ],
)
def test_days_that_do_not_fit_are_said_beside_the_field(sent, field, sentence, rosa, amara):
    answer = browser(rosa).post(log(amara), SEEN | {"kind": "pain", "note": "Long and careful"} | sent)

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert sentence in words(answer)
    assert "Long and careful" in answer.content.decode()
    assert not SideEffect.objects.exists()


def test_nothing_seen_is_offered_where_nothing_is_open_and_recorded(rosa, amara, bruise, jonas):
    assert links(browser(rosa).get(log(jonas)), "none-seen", jonas.pk)
    assert not links(browser(rosa).get(log(amara)), "none-seen", amara.pk)

    browser(rosa).post(reverse("none-seen", args=[jonas.pk]))
    assert SkinCheck.objects.get().finding == "no-side-effects-seen"


def test_creams_that_were_recommended_are_asked_about_first(rosa, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(2), finished=False)
    type(session).objects.filter(pk=session.pk).update(creams=["Calendula"])

    read = words(browser(rosa).get(log(amara)))

    assert "Recommended: Calendula. Source: creams that were not recommended may cause irritation." in read


# --- The same one --------------------------------------------------------------------------------------------------------------


def test_one_that_is_open_there_already_is_offered_instead_of_a_second(rosa, bruise):
    sent = SEEN | {"kind": ["bruising", "itching"], "site": "thigh", "side": "left", "note": "Long and careful"}

    answer = browser(rosa).post(log(bruise.patient), sent)

    assert answer.status_code == 409
    assert "Not logged yet: is it the same one? Bruising at the left thigh is open since" in words(answer)
    assert links(answer, "review", bruise.pk)
    assert "Long and careful" in answer.content.decode()
    assert SideEffect.objects.count() == 1
    assert not Refusal.objects.exists()


def test_that_it_is_another_one_is_said_with_one_box(rosa, bruise):
    sent = SEEN | {"kind": ["bruising"], "site": "thigh", "side": "left", "another": [str(bruise.pk)]}

    answer = browser(rosa).post(log(bruise.patient), sent)

    assert answer.status_code == 302
    assert SideEffect.objects.open().count() == 2


def test_the_box_stays_ticked_while_something_else_is_wrong(rosa, bruise):
    sent = SEEN | {"kind": ["bruising"], "another": [str(bruise.pk)], "onset": "day"}

    answer = browser(rosa).post(log(bruise.patient), sent)

    assert answer.status_code == 422
    assert f'<input type="hidden" name="another" value="{bruise.pk}">' in answer.content.decode()


def test_one_that_has_closed_meanwhile_is_no_longer_asked_about(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))
    sent = SEEN | {"kind": ["bruising"], "another": [str(bruise.pk)]}

    answer = browser(rosa).post(log(bruise.patient), sent)

    assert answer.status_code == 422
    assert "One of those you were asked about is not open any more. Save again." in words(answer)
    assert f'value="{bruise.pk}"' not in answer.content.decode()


# --- Seen again ------------------------------------------------------------------------------------------------------------------


def test_the_old_and_the_new_one_lead_to_one_another(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))
    address = f"{log(bruise.patient)}?reopens={bruise.pk}"
    browser(rosa).post(address, SEEN | {"kind": "bruising", "site": "thigh", "side": "left"})
    again = SideEffect.objects.exclude(pk=bruise.pk).get()

    old, new = (browser(rosa).get(page_of(one)) for one in (bruise, again))

    assert links(old, "side-effect", again.pk)
    assert "Seen again since:" in words(old)
    assert links(new, "side-effect", bruise.pk)
    assert "Seen again after" in words(new)


# --- A look --------------------------------------------------------------------------------------------------------------------------


def test_a_look_keeps_what_was_measured_judged_and_done(rosa, bruise):
    make_review(side_effect=bruise, by=rosa, size_mm=50, size_method="ruler", now=ago(2))
    sent = {
        "mode": "in-person", "finding": "fading", "colours": ["green", "yellow"], "colour": "darker at the edge",
        "size_mm": "40", "size_method": "ruler", "action_taken": "Recommended cream continued", "causality": "probable",
    }  # fmt: skip

    browser(rosa).post(review(bruise), sent)

    read = words(browser(rosa).get(page_of(bruise)))
    assert "Green, yellow, darker at the edge 40 mm, ruler on the skin (10 mm less than on" in read
    assert "Done: Recommended cream continued Caused by the treatment: probable / likely WHO-UMC" in read
    assert "Expected The source gives bruising no number of days" in read
    assert "Here Open on day 3 since it was entered." in read


def test_gone_on_the_day_of_a_mesotherapy_is_allowed_and_said(rosa, amara, mesotherapy):
    tonight = timezone.localtime(timezone=LONDON).replace(hour=23, minute=59, second=0, microsecond=0)
    make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa, starts_at=tonight, now=tonight - A_DAY
    )
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(hours=0.001))

    page = browser(rosa).get(review(bruise))
    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"})

    assert "That is allowed; the manager's list shows it if that goes ahead." in words(page)
    assert said(answer) == [
        "Reviewed.",
        "Found gone on the day of a mesotherapy: allowed, and listed for the manager if that goes ahead.",
    ]


def test_gone_on_another_day_than_a_mesotherapy_says_nothing_of_it(rosa, amara, bruise, mesotherapy):
    page = browser(rosa).get(review(bruise))
    answer = browser(rosa).post(review(bruise), {"mode": "in-person", "finding": "gone"})

    assert "That is allowed" not in words(page)
    assert said(answer) == ["Reviewed."]


# --- The checklist ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def infection(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, kind="infection", red_flags=["pus"], now=ago(1))


def test_red_flags_lead_to_the_checklist(rosa, amara):
    answer = browser(rosa).post(log(amara), SEEN | {"kind": "pain", "red_flags": ["pus"]}, follow=True)

    infection = SideEffect.objects.get(kind="infection")
    assert answer.redirect_chain[-1][0] == page_of(infection)
    assert "Medical referral 0 of 6 done" in words(answer)
    assert "Told of Pus" in words(answer)


def test_a_step_is_ticked_from_the_page_and_stands_there_with_who_and_when(rosa, infection):
    answer = browser(rosa).post(tick(infection), {"note": "Walk-in centre", "once": "x"}, follow=True)

    read = words(answer)
    assert "Medical referral 1 of 6 done" in read
    assert "Rosa Lind: Walk-in centre" in read
    assert answer.redirect_chain[-1][0] == f"{page_of(infection)}#referral"


def test_a_second_click_and_a_second_person_tick_nothing_twice(rosa, infection):
    client = browser(rosa)

    twice = [client.post(tick(infection), {"once": "x"}).status_code for _ in range(2)]
    other = client.post(tick(infection), {"once": "y"})

    assert (twice, other.status_code) == ([302, 302], 409)
    assert "Rosa Lind ticked that step before" in words(other)
    assert ReferralStep.objects.count() == 1


def test_a_wrong_time_is_said_beside_its_field_and_the_note_stays(rosa, infection):
    late = (timezone.localtime() + dt.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")

    answer = browser(rosa).post(tick(infection), {"note": "Dr Falk", "done_at": late})

    assert answer.status_code == 422
    assert "A step is never done in the future." in words(answer)
    assert 'value="Dr Falk"' in answer.content.decode()
    assert not ReferralStep.objects.exists()


def test_the_rest_is_closed_with_a_reason_and_not_without(rosa, infection):
    without = browser(rosa).post(tick(infection, "closed"), {"note": ""})
    answer = browser(rosa).post(tick(infection, "closed"), {"note": "In hospital already"}, follow=True)

    assert without.status_code == 422
    assert "Say why the rest is not needed." in words(without)
    assert "Medical referral Closed with a reason" in words(answer)
    assert "Rosa Lind: In hospital already" in words(answer)


def test_the_checklist_is_a_practitioners(reception, manager, rosa, infection, bruise):
    assert [browser(staff).post(tick(infection)).status_code for staff in (reception, manager)] == [403, 403]
    assert browser(rosa).get(tick(infection)).status_code == 405
    assert browser(rosa).post(tick(infection, "prayed")).status_code == 404
    assert not links(browser(manager).get(page_of(infection)), "referral-step", infection.pk, "told-patient")
    assert browser(rosa).post(tick(bruise)).status_code == 409
    assert "Medical referral" not in words(browser(rosa).get(page_of(bruise)))
    assert "Medical referral" not in words(browser(reception).get(page_of(infection)))


def test_found_gone_the_worklist_leads_to_what_is_left_of_it(rosa, reception, infection):
    make_gone(infection, rosa, now=ago(0.5))

    listed, desk = (browser(staff).get(reverse("worklists")) for staff in (rosa, reception))

    assert f'href="{page_of(infection)}#referral"' in listed.content.decode()
    assert not links(listed, "review", infection.pk)
    assert "its referral checklist is not finished." in words(desk)
    assert not links(desk, "side-effect", infection.pk)
