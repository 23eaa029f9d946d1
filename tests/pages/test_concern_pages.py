import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.pages.clinical import (
    ago,
    booked,
    browser,
    errors,
    log,
    said,
    words,
)
from treatments.concerns import report_concern
from treatments.models import SideEffect

# --- Reception's version -----------------------------------------------------------------------------------------------------------


def test_reception_is_always_asked_about_bruising_and_never_for_photos(reception, amara):
    page = browser(reception).get(log(amara))

    assert "Report a concern" in words(page)
    assert "Any bruising or discolouration?" in words(page)
    assert set(page.context["form"].fields) == {
        "bruising", "kind", "red_flags", "onset_on", "onset_is_about", "note",
    }  # fmt: skip
    assert 'type="file"' not in page.content.decode()


@pytest.mark.parametrize("answered, note", [("yes", "Blue"), ("not-sure", "Asked about bruising: not sure. Blue")])
def test_yes_and_not_sure_both_log_bruising_as_reported(answered, note, reception, rosa, amara, mesotherapy):
    booked(amara, mesotherapy, rosa, 5)

    answer = browser(reception).post(log(amara), {"bruising": answered, "note": "Blue"})

    told = SideEffect.objects.get()
    assert (told.kind, told.note, told.seen_at, told.recorded_by) == ("bruising", note, None, reception)
    assert answer.url == reverse("taken-down", args=[told.pk])
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
        ({"bruising": "no", "kind": "bruising"}, "kind", "Select a valid choice. bruising is not one of the available choices."),
    ],
)  # fmt: skip
def test_a_concern_that_says_too_little_keeps_what_was_typed(sent, field, sentence, reception, amara):
    answer = browser(reception).post(log(amara), sent | {"note": "Long and careful"})

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert "Long and careful" in answer.content.decode()
    assert not SideEffect.objects.exists()


def test_words_without_a_kind_are_something_else_and_neither_is_a_sentence(reception, amara):
    client = browser(reception)

    nothing = client.post(log(amara), {"bruising": "no"})
    assert (nothing.status_code, errors(nothing, "kind")) == (
        422,
        ["Choose what it may be, or write down what was told."],
    )
    client.post(log(amara), {"bruising": "no", "note": "It feels odd"})

    assert [(one.kind, one.note) for one in SideEffect.objects.all()] == [("other", "It feels odd")]


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


def test_reception_is_told_at_once_that_a_red_flag_is_urgent(reception, amara):
    form = {"kind": "pain", "bruising": "no", "red_flags": ["fever"], "once": "x"}

    answer = browser(reception).post(f"/patients/{amara.pk}/side-effects/new/", form)

    assert said(answer) == [
        "Reported: a practitioner will look.",
        "Possible infection: to be seen today. Tell a practitioner now.",
    ]
