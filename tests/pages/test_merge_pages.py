"""From a chart to the other record, both sides of them, and one; and back."""

import uuid

import pytest
from django.urls import reverse

from clinic.models import AuditEvent, Refusal
from patients.models import Consent, Patient
from patients.registration import record_consent, withdraw_consent
from tests.factories import make_patient, make_practitioner, make_side_effect
from tests.pages.clinical import NOBODY, booked, browser, links, said, words
from treatments.merging import merge_patients
from treatments.models import Merge


@pytest.fixture
def twice(reception) -> Patient:
    """Amara's second record: the same day of birth and phone."""
    return make_patient(reception, "Amara", "Okafor-Bell", email="amara@patient.example", allergies="lidocaine")


def find(patient) -> str:
    return reverse("merge-find", args=[patient.pk])


def sides(kept, other) -> str:
    return reverse("merge", args=[kept.pk, other.pk])


def chart(patient) -> str:
    return reverse("chart", args=[patient.pk])


CHOICES = {"name": "kept", "email": "merged"}


# --- Finding the other one ---------------------------------------------------------------------------------------------


def test_the_chart_leads_to_it_for_who_may(amara, reception, manager, mesotherapy):
    assert links(browser(reception).get(chart(amara)), "merge-find", amara.pk)
    assert not links(browser(manager).get(chart(amara)), "merge-find", amara.pk)


@pytest.mark.parametrize("who", ["manager", "superuser"])
def test_others_may_not(who, request, amara, twice):
    client = browser(request.getfixturevalue(who))

    assert client.get(find(amara)).status_code == 403
    assert client.post(sides(amara, twice), CHOICES).status_code == 403
    assert not Merge.objects.exists()


def test_who_looks_like_the_same_person_is_proposed(amara, twice, jonas, reception):
    page = browser(reception).get(find(amara))

    assert links(page, "merge", amara.pk, twice.pk)
    assert not links(page, "merge", amara.pk, jonas.pk)


def test_any_other_is_found_by_search_and_nobody_is_said(amara, jonas, reception):
    client = browser(reception)

    assert links(client.get(find(amara), {"find": jonas.number}), "merge", amara.pk, jonas.pk)
    assert "No other record found for “Nemo”." in words(client.get(find(amara), {"find": "Nemo"}))
    assert not links(client.get(find(amara), {"find": amara.number}), "merge", amara.pk, amara.pk)


def test_unknown_records_are_not_found(amara, reception):
    nobody = uuid.UUID(NOBODY)
    client = browser(reception)

    for address in (
        reverse("merge-find", args=[nobody]),
        reverse("merge", args=[amara.pk, nobody]),
        reverse("merge", args=[nobody, amara.pk]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(reverse("merge-undo", args=[nobody])).status_code == 404


# --- Both sides --------------------------------------------------------------------------------------------------------


def test_both_sides_are_shown_and_reading_them_is_in_the_trail(amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=rosa, note="as big as a coin", site="thigh")
    booked(amara, mesotherapy, rosa, 9)

    page = browser(reception).get(sides(amara, twice))

    read = words(page)
    assert f"Merge {twice.number} into {amara.number}" in read
    assert "Okafor-Bell" in read
    assert "lidocaine" in read
    assert "1 booked mesotherapy appointment goes on hold" in read
    assert "coin" not in read
    assert "thigh" not in read.lower()
    assert set(AuditEvent.objects.filter(kind="chart-read").values_list("patient_id", flat=True)) == {
        amara.pk,
        twice.pk,
    }
    assert links(page, "merge", twice.pk, amara.pk)


def test_looking_merges_nothing(amara, twice, reception):
    browser(reception).get(sides(amara, twice))

    assert not Merge.objects.exists()


def test_the_button_makes_one_of_them_and_says_what_is_held(amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=rosa)
    booked(amara, mesotherapy, rosa, 9)

    answer = browser(reception).post(sides(amara, twice), {"name": "merged", "email": "merged"})

    assert answer.url == chart(amara)
    assert said(answer) == [f"Merged: {twice.number} is part of this record now. 1 appointment is on hold."]
    amara.refresh_from_db()
    assert (amara.family_name, amara.email) == ("Okafor-Bell", "amara@patient.example")
    event = AuditEvent.objects.get(kind="patients-merged")
    assert (event.door, event.actor) == ("page", reception)


def test_a_second_click_merges_once_and_ends_at_the_chart(amara, twice, reception):
    client = browser(reception)

    for _ in range(2):
        answer = client.post(sides(amara, twice), CHOICES | {"once": "a key"}, follow=True)
        assert answer.redirect_chain[-1][0] == chart(amara)

    assert Merge.objects.count() == 1


def test_a_choice_left_out_is_asked_for_and_the_others_stay_chosen(amara, twice, reception):
    answer = browser(reception).post(sides(amara, twice), {"name": "merged"})

    assert answer.status_code == 422
    assert "Choose one of the two." in words(answer)
    assert answer.context["form"]["name"].value() == "merged"
    assert not Merge.objects.exists()


def test_two_appointments_at_one_time_are_named_and_no_button_is_offered(amara, twice, rosa, reception, mesotherapy):
    booked(amara, mesotherapy, rosa, 9)
    booked(twice, mesotherapy, make_practitioner(), 9)
    client = browser(reception)

    page = client.get(sides(amara, twice))
    answer = client.post(sides(amara, twice), CHOICES)

    assert "They cannot be merged now" in words(page)
    assert "Merge the two records" not in words(page)
    assert answer.status_code == 409
    assert "Both have an appointment at one time" in words(answer)
    assert Refusal.objects.get().operation == "merge_patients"


@pytest.mark.parametrize("way", ["get", "post"])
def test_a_record_merged_meanwhile_leads_to_the_one_that_stands(way, amara, twice, jonas, reception):
    merge_patients(kept=jonas, merged=twice, by=reception)

    answer = getattr(browser(reception), way)(sides(amara, twice), follow=True)

    assert answer.redirect_chain[-1][0] == chart(jonas)


def test_a_record_and_itself_leads_back_to_finding(amara, reception):
    assert browser(reception).get(sides(amara, amara)).url == find(amara)


# --- Afterwards, and back ----------------------------------------------------------------------------------------------


def test_the_old_address_leads_to_the_chart_that_stands_and_says_so(amara, twice, rosa, reception, mesotherapy):
    merge_patients(kept=amara, merged=twice, by=reception)

    page = browser(rosa).get(chart(twice), follow=True)

    assert page.redirect_chain[-1][0] == chart(amara)
    read = words(page)
    assert f"{twice.number}, {twice}, was merged into {amara.number}: this record." in read
    assert f"Merged into this record {twice} {twice.number}" in read


def test_the_old_number_finds_the_record_that_stands(amara, twice, reception):
    merge_patients(kept=amara, merged=twice, by=reception)

    page = browser(reception).get(reverse("patient-list"), {"search": twice.number})

    assert links(page, "chart", amara.pk)
    assert not links(page, "chart", twice.pk)


def test_it_is_undone_from_the_chart(amara, twice, reception, mesotherapy):
    made = merge_patients(kept=amara, merged=twice, by=reception)
    client = browser(reception)
    assert links(client.get(chart(amara)), "merge-undo", made.pk)
    assert "both records stand again" in words(client.get(reverse("merge-undo", args=[made.pk])))

    answer = client.post(reverse("merge-undo", args=[made.pk]))

    assert answer.url == chart(amara)
    assert said(answer) == [f"Undone: {twice.number} stands on its own again."]
    twice.refresh_from_db()
    assert twice.merged_into is None
    assert client.get(chart(twice)).status_code == 200


def test_once_something_new_hangs_on_it_the_page_says_why_not(amara, twice, rosa, reception, mesotherapy):
    made = merge_patients(kept=amara, merged=twice, by=reception)
    make_side_effect(patient=amara, by=rosa)
    client = browser(reception)

    page = client.get(reverse("merge-undo", args=[made.pk]))
    answer = client.post(reverse("merge-undo", args=[made.pk]))

    assert "It cannot be undone any more. Since the merge a side effect was entered." in words(page)
    assert "Undo the merge</button>" not in page.content.decode()
    assert answer.status_code == 409
    assert "Since the merge a side effect was entered." in words(answer)
    assert Refusal.objects.get().operation == "undo_merge"


def test_a_manager_reads_that_it_was_merged_and_undoes_nothing(amara, twice, reception, manager, mesotherapy):
    made = merge_patients(kept=amara, merged=twice, by=reception)
    client = browser(manager)

    page = client.get(chart(amara))

    assert "Merged into this record" in words(page)
    assert not links(page, "merge-undo", made.pk)
    assert client.post(reverse("merge-undo", args=[made.pk])).status_code == 403


def test_a_consent_that_stayed_behind_is_read_and_withdrawn_with_the_other(amara, twice, reception, mesotherapy):
    ours, theirs = (record_consent(patient=one, kind="photo-care", by=reception) for one in (amara, twice))
    merge_patients(kept=amara, merged=twice, by=reception)

    assert f"under {twice.number}" in words(browser(reception).get(chart(amara)))
    withdraw_consent(consent=ours, by=reception)

    theirs.refresh_from_db()
    assert theirs.withdrawn_at is not None
    assert not Consent.objects.in_force().filter(kind="photo-care").exists()


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_asks_as_much_of_three_rows_as_of_one(
    how_many, amara, twice, rosa, mesotherapy, django_assert_num_queries
):
    for number in range(how_many):
        booked(amara, mesotherapy, rosa, 9, hour=9 + number)
        make_side_effect(patient=twice, by=rosa, kind="swelling")
    client = browser(rosa)

    with django_assert_num_queries(15):
        client.get(sides(amara, twice))
