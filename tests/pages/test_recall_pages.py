"""A recall's pages: begun from the lot, its call list, its letters, its end; and the worklist of those to be told."""

import uuid

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import make_lot, make_patient
from tests.pages.clinical import ago, browser, errors, links, said, statements, words
from tests.treatments.figured import treat
from treatments.models import Lot, Recall, RecallCall
from treatments.recalls import recall_lot

NOBODY = uuid.uuid4()
REASON = {"reason": "The maker took it back.", "letter": "Dear {patient}, please call {phone} about {lot}."}


@pytest.fixture
def lot(rosa, amara, jonas, mesotherapy) -> Lot:
    lot = make_lot(rosa, "A1", now=ago(30))
    for days, patient in ((20, amara), (18, jonas)):
        treat(patient, rosa, mesotherapy, ago(days), lots=[lot])
    return lot


@pytest.fixture
def recall(lot, manager) -> Recall:
    return recall_lot(lot=lot, by=manager, **REASON)


def at(recall: Recall, step: str = "") -> str:
    return reverse(f"recall-{step}" if step else "recall", args=[recall.pk])


def listed(client) -> list[str]:
    lists = {one.code: one for one in client.get("/worklists/").context["lists"]}
    return [str(entry.row.patient) for entry in lists["recall"].entries]


# --- Begun ------------------------------------------------------------------------------------------------------------


def test_a_manager_sees_whom_it_concerns_and_recalls_in_one_step(lot, manager):
    client = browser(manager)
    assert links(client.get(reverse("lot", args=[lot.pk])), "recall-begin", lot.pk)
    asked = words(client.get(reverse("recall-begin", args=[lot.pk])))
    assert "2 patients" in asked

    answer = client.post(reverse("recall-begin", args=[lot.pk]), REASON)

    recall = Recall.objects.get()
    assert answer.url == at(recall)
    page = client.get(at(recall))
    assert said(page) == ["Recalled. Nobody can use this lot from now on."]
    assert "To be told 2" in words(page)
    lot.refresh_from_db()
    assert lot.quarantined_at is not None


def test_the_second_click_recalls_nothing_twice(lot, manager):
    client = browser(manager)
    for _ in range(2):
        answer = client.post(reverse("recall-begin", args=[lot.pk]), REASON)

    assert answer.url == at(Recall.objects.get())


def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(lot, manager):
    address = reverse("recall-begin", args=[lot.pk])

    page = browser(manager).post(address, {"reason": "", "letter": "Dear {patient}, all of it."})

    assert page.status_code == 422
    assert errors(page, "reason") == ["Say why, in a word or two."]
    assert "Dear {patient}, all of it." in page.content.decode()
    wrong = browser(manager).post(address, REASON | {"letter": "Dear {nobody}."})
    assert wrong.status_code == 422
    assert errors(wrong, "letter") != []
    assert not Recall.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("reception", 403), ("rosa", 403), ("manager", 200)])
def test_managers_recall(lot, who, status, request):
    client = browser(request.getfixturevalue(who))

    assert client.get(reverse("recall-begin", args=[lot.pk])).status_code == status


def test_reception_does_not_open_a_recall_and_a_practitioner_reads_it(recall, reception, rosa):
    assert browser(reception).get(at(recall)).status_code == 403
    page = browser(rosa).get(at(recall))
    assert page.status_code == 200
    assert not links(page, "recall-end", recall.pk)
    assert browser(rosa).post(at(recall, "end"), {"outcome": "Over."}).status_code == 403


@pytest.mark.parametrize("name", ["recall-begin", "recall", "recall-letters", "recall-tell"])
def test_what_is_not_there_is_not_found(name, manager):
    assert browser(manager).get(reverse(name, args=[NOBODY])).status_code == 404


@pytest.mark.parametrize("subject", ["lot", "recall"])
def test_reading_whom_it_was_given_to_is_in_the_trail(subject, lot, recall, amara, jonas, rosa):
    read = lot if subject == "lot" else recall

    browser(rosa).get(reverse(subject, args=[read.pk]))

    events = AuditEvent.objects.filter(kind="record-read", subject=subject)
    assert set(events.values_list("actor", "subject_id")) == {(rosa.pk, read.pk)}
    assert set(events.values_list("patient_id", flat=True)) == {None, amara.pk, jonas.pk}


def test_a_lot_that_nobody_was_given_leaves_no_row(rosa):
    browser(rosa).get(reverse("lot", args=[make_lot(rosa, "C3").pk]))

    assert not AuditEvent.objects.filter(kind="record-read").exists()


# --- The call list ----------------------------------------------------------------------------------------------------


def test_reception_calls_from_the_worklist_without_reading_which_product(recall, amara, reception):
    client = browser(reception)
    assert listed(client) == ["Amara Okafor", "Jonas Weber"]
    page = words(client.get("/worklists/"))
    assert "Call about a product used here." in page
    assert "Lipostab" not in page

    tell = reverse("recall-tell", args=[amara.pk])
    assert "Lipostab" not in words(client.get(tell))
    assert client.post(tell, {"how": "phone", "note": "Rang at noon."}).url == reverse("worklists")

    assert listed(client) == ["Jonas Weber"]
    assert RecallCall.objects.get().note == "Rang at noon."


def test_told_a_second_time_it_says_that_there_is_nothing_left(recall, amara, reception):
    client = browser(reception)
    tell = reverse("recall-tell", args=[amara.pk])
    client.post(tell, {"how": "phone"})

    page = client.post(tell, {"how": "phone", "note": "Once more."})

    assert page.status_code == 409
    assert "There is nothing to tell this patient" in words(page)
    assert "Once more." in page.content.decode()


def test_how_is_asked_for(recall, amara, reception):
    page = browser(reception).post(reverse("recall-tell", args=[amara.pk]), {"how": "pigeon"})

    assert page.status_code == 422
    assert errors(page, "how") != []


def test_the_pages_cost_the_same_for_three_as_for_one(rosa, reception, mesotherapy, manager):
    client, desk, cost = browser(manager), browser(reception), []
    for number, patients in (("A1", 1), ("B2", 3)):
        lot = make_lot(rosa, number, now=ago(30))
        for one in range(patients):
            patient = make_patient(reception, f"Given{one}", number)
            treat(patient, rosa, mesotherapy, ago(20 + patients + one), lots=[lot])
        recall = recall_lot(lot=lot, by=manager, **REASON)
        # Each letter that is opened is a row in the trail.
        cost.append([statements(client, at(recall)), statements(client, at(recall, "letters")) - patients])
        cost[-1].append(statements(desk, "/worklists/"))

    assert cost[0] == cost[1]


# --- Letters ----------------------------------------------------------------------------------------------------------


def test_letters_are_opened_printed_and_noted_as_posted(recall, amara, jonas, manager):
    client = browser(manager)

    page = client.get(at(recall, "letters"))

    assert "Dear Amara Okafor, please call" in words(page)
    assert "about A1." in words(page)
    opened = AuditEvent.objects.filter(kind="lot-recalled", details__change="letters-opened")
    assert set(opened.values_list("patient_id", flat=True)) == {amara.pk, jonas.pk}

    client.post(at(recall, "posted"), {"patients": [str(amara.pk), "rubbish"]})
    assert said(client.get(at(recall))) == ["Noted: told by letter."]
    assert [call.patient for call in RecallCall.objects.filter(how="letter")] == [amara]
    client.post(at(recall, "posted"), {"patients": ["rubbish"]})
    assert said(client.get(at(recall))) == ["Nobody of these waits to be told any more."]


def test_one_patients_letter(recall, amara, manager):
    page = words(browser(manager).get(at(recall, "letters"), {"patient": str(amara.pk)}))

    assert "Dear Amara Okafor" in page
    assert "Jonas" not in page
    assert "Dear" not in words(browser(manager).get(at(recall, "letters"), {"patient": "rubbish"}))


def test_the_letter_is_changed_until_one_was_sent(recall, amara, manager):
    client = browser(manager)
    assert client.post(at(recall, "letter"), {"letter": "Dear {patient}, call us."}).url == at(recall)
    client.post(at(recall, "posted"), {"patients": [str(amara.pk)]})

    page = client.post(at(recall, "letter"), {"letter": "Dear {patient}, all is well."})

    assert page.status_code == 409
    assert "Somebody was told by this letter" in words(page)
    recall.refresh_from_db()
    assert recall.letter == "Dear {patient}, call us."


# --- The end ----------------------------------------------------------------------------------------------------------


def test_it_ends_with_words_and_the_lot_stays_in_quarantine(recall, lot, manager):
    client = browser(manager)
    page = client.post(at(recall, "end"), {"outcome": "Vials sent back."})
    assert page.status_code == 422
    assert "2 patients on the call list were not told. Tell them, or say why not." in words(page)
    assert "Vials sent back." in page.content.decode()

    client.post(at(recall, "end"), {"outcome": "Vials sent back.", "untold_because": "They moved."})

    assert said(client.get(at(recall))) == ["The recall has ended. The lot stays in quarantine until it is released."]
    lot.refresh_from_db()
    assert lot.quarantined_at is not None
    assert client.post(at(recall, "end"), {"outcome": "Again."}).status_code == 409
