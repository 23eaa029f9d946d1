import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import (
    make_consent,
    make_review,
    make_side_effect,
)
from tests.pages.clinical import (
    NOBODY,
    ago,
    browser,
    errors,
    links,
    log,
    page_of,
    picture,
    review,
    statements,
    words,
)
from treatments.models import Appointment, SideEffect
from treatments.photos import add_photo
from treatments.side_effects import correct_patient

# --- One side effect ----------------------------------------------------------------------------------------------------------------


def test_a_side_effect_tells_its_whole_course(rosa, reception, bruise):
    make_consent(bruise.patient, reception)
    make_review(
        side_effect=bruise,
        by=rosa,
        finding="worse",
        colour="violet",
        size_mm=60,
        size_method="ruler",
        note="Larger",
        now=ago(2),
    )
    make_review(side_effect=bruise, by=rosa, finding="fading", mode="photo", now=ago(1))
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa, taken_at=ago(1))

    page = browser(rosa).get(page_of(bruise))

    assert [one.finding for one in page.context["episode"].reviews] == ["fading", "worse"]
    assert [one.photo for one in page.context["episode"].pictures] == [photo]
    read = words(page)
    for sentence in (
        "Bruising, left thigh",
        "As big as a coin",
        "Violet 60 mm, ruler on the skin",
        "Larger",
        "from a photo, Rosa Lind",
    ):
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
