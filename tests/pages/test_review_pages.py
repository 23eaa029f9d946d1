import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import Refusal
from clinic.wording import moment
from tests.factories import (
    make_consent,
    make_gone,
    make_side_effect,
)
from tests.pages.clinical import (
    ago,
    booked,
    browser,
    errors,
    links,
    log,
    no_picture,
    page_of,
    picture,
    review,
    said,
    words,
)
from treatments.developing import develop_photo
from treatments.models import Review
from treatments.side_effects import enter_in_error

# --- Review --------------------------------------------------------------------------------------------------------------------------


def test_a_review_is_added_with_all_that_was_seen(rosa, bruise):
    seen_at = timezone.localtime(ago(1)).replace(second=0, microsecond=0)

    answer = browser(rosa).post(
        review(bruise),
        {
            "mode": "in-person", "finding": "fading", "seen_at": f"{seen_at:%Y-%m-%dT%H:%M}",
            "initial-seen_at": f"{timezone.localtime():%Y-%m-%d %H:%M}:00",
            "size_mm": "40", "size_method": "ruler", "colour": "yellow-green", "note": "Smaller",
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
    last = timezone.localtime(bruise.recorded_at)
    assert errors(answer, "mode") == [
        f"Gone from a photo needs one taken after {moment(last)}, when it was last looked at or reported. By its clock "
        f"the newest photo here was taken {moment(taken)}. If that clock was wrong, add another photo and say when it "
        "was taken, or look in person."
    ]
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


def test_a_photo_whose_camera_says_a_day_before_it_began_is_taken_as_sent_now_and_that_is_said(rosa, amara, reception):
    make_consent(amara, reception)
    began = timezone.localdate(ago(4))
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=began, now=ago(4))
    behind = timezone.localtime(ago(120))

    answer = browser(rosa).post(
        review(bruise),
        {"mode": "photo", "finding": "gone", "photos": [picture(taken=f"{behind:%Y:%m:%d %H:%M:%S}")]},
    )

    bruise.refresh_from_db()
    assert (answer.url, bruise.is_open, bruise.photos.get().has_time_of_sending) == (page_of(bruise), False, True)
    assert said(answer) == [
        "1 photo came with no time, or one that cannot be right, so the time of sending counts.",
        "Reviewed.",
    ]


def test_a_look_is_photographed_over_the_last_photo_where_there_is_one(rosa, reception, bruise):
    make_consent(bruise.patient, reception)
    client = browser(rosa)
    without = client.get(review(bruise)).content.decode()
    client.post(review(bruise), {"mode": "photo", "finding": "fading", "photos": [picture()]})
    develop_photo(bruise.photos.get())

    page = client.get(review(bruise)).content.decode()
    assert ("data-camera-opens" in without, "data-camera-opens" in page) == (False, True)
    assert f'"{reverse("photo-file", args=[bruise.photos.get().pk, "display"])}"' in page
