"""The lists of sheets: what they cost, and who reads what on them."""

import pytest

from tests.factories import make_patient, make_session, on
from tests.pages.desk import buttons, signed_in, statements, words
from treatments.models import SheetGiven
from treatments.sheet_giving import give_sheet
from treatments.sheets import current_sheet, publish_sheet

pytestmark = pytest.mark.usefixtures("records")
AFTERCARE, RISKS = "aftercare", "pre-treatment"


def publish(by, language: str) -> None:
    for kind in (AFTERCARE, RISKS):
        publish_sheet(kind=kind, language=language, title="Sheet", body="Rest.", by=by)


def cost(client, address: str) -> int:
    client.get(address)  # templates and content types are read once
    with statements() as sql:
        assert client.get(address).status_code == 200
    return len(sql)


@pytest.fixture
def session(amara, rosa, mesotherapy):
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)


def test_the_list_of_sheets_costs_the_same_whatever_stands_on_it(manager):
    client = signed_in(manager)
    few = cost(client, "/sheets/")
    for language in ("de", "fr", "pl"):
        publish(manager, language)

    assert cost(client, "/sheets/") == few
    assert words(client.get("/sheets/")).count("Version 1") == 8


def test_a_sheet_costs_the_same_whatever_its_versions(manager):
    client, first = signed_in(manager), current_sheet(AFTERCARE)
    few = cost(client, f"/sheets/{first.pk}/")
    for body in ("Rest.", "Sleep.", "Walk."):
        publish_sheet(kind=AFTERCARE, language="en", title="After", body=body, by=manager)

    assert cost(client, f"/sheets/{first.pk}/") == few
    assert "Version 4 has taken its place" in words(client.get(f"/sheets/{first.pk}/"))


@pytest.mark.parametrize("page", ["/patients/{patient}/sheets/", "/sessions/{session}/sheet/", "/sessions/{session}/"])
def test_what_was_given_costs_the_same_at_one_and_at_three(page, amara, session, rosa):
    client, address = signed_in(rosa), page.format(patient=amara.pk, session=session.pk)
    sheet = current_sheet(AFTERCARE)
    give_sheet(sheet=sheet, patient=amara, how="printed", session=session, by=rosa)
    one = cost(client, address)
    for how in ("pdf", "declined"):
        give_sheet(sheet=sheet, patient=amara, how=how, session=session, by=rosa)

    assert cost(client, address) == one
    assert words(client.get(address)).count("After your mesotherapy , version 1") == 3


def test_the_page_of_the_consent_costs_the_same_at_one_and_at_three(reception):
    ada = make_patient(reception, "Ada", "Byron", consents=())
    client, address = signed_in(reception), f"/patients/{ada.pk}/treatment-consent/"
    give_sheet(sheet=current_sheet(RISKS), patient=ada, how="printed", by=reception, now=on(1))
    one = cost(client, address)
    for day in (2, 3):
        give_sheet(sheet=current_sheet(RISKS), patient=ada, how="printed", by=reception, now=on(day))

    assert cost(client, address) == one


def test_reception_sees_that_an_aftercare_sheet_was_given_and_not_what_stood_on_it(amara, session, rosa, reception):
    risks = give_sheet(sheet=current_sheet(RISKS), patient=amara, how="printed", by=reception)
    after = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="printed", session=session, by=rosa)
    at_the_desk, at_the_chair = signed_in(reception), signed_in(rosa)
    address = f"/patients/{amara.pk}/sheets/"

    seen = at_the_desk.get(address)
    assert "After your mesotherapy , version 1" in words(seen)
    assert f"/sheets/given/{risks.pk}/" in buttons(seen)
    assert f"/sheets/given/{after.pk}/" not in buttons(seen)
    assert f"/sheets/given/{after.pk}/" in buttons(at_the_chair.get(address))
    for path in ("", "sheet.pdf"):
        assert at_the_desk.get(f"/sheets/given/{risks.pk}/{path}").status_code == 200
        assert at_the_desk.get(f"/sheets/given/{after.pk}/{path}").status_code == 404
        assert at_the_chair.get(f"/sheets/given/{after.pk}/{path}").status_code == 200


def test_the_chart_says_declined_where_it_was_and_leads_to_what_was_given(amara, session, rosa):
    by = {"sheet": current_sheet(AFTERCARE), "patient": amara, "session": session, "by": rosa}
    declined = give_sheet(how="declined", now=on(2), **by)
    taken = give_sheet(how="printed", now=on(3), **by)

    chart = signed_in(rosa).get(f"/patients/{amara.pk}/")

    assert words(chart).count("Sheet offered, not taken: After your mesotherapy version 1; Rosa Lind") == 1
    assert words(chart).count("Sheet given: After your mesotherapy version 1; on paper, Rosa Lind") == 1
    assert {f"/sheets/given/{one.pk}/" for one in (declined, taken)} <= set(buttons(chart))


def test_a_second_click_gives_it_once(amara, session, rosa):
    client, address = signed_in(rosa), f"/sessions/{session.pk}/sheet/"
    sent = {
        "sheet": str(current_sheet(AFTERCARE).pk),
        "how": "declined",
        "once": "3f0c2f0e-7d38-4cf6-9f70-2a1c0d7a4b11",
    }

    first, second = client.post(address, sent), client.post(address, sent)

    assert SheetGiven.objects.count() == 1
    assert (first.status_code, second.status_code) == (302, 302)


def test_a_sheet_sent_is_queued_and_the_page_says_what_became_of_it(reception, rosa, mesotherapy):
    ada = make_patient(reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True)
    session = make_session(patient=ada, practitioner=rosa, treatment=mesotherapy)
    client, address = signed_in(rosa), f"/sessions/{session.pk}/sheet/"

    answer = client.post(address, {"sheet": str(current_sheet(AFTERCARE).pk), "how": "sent"})

    assert answer.url == f"/sessions/{session.pk}/"
    given = SheetGiven.objects.get()
    assert (given.how, given.message.kind, given.message.to) == ("sent", "sheet", "ada@patient.example")
    assert "By email: waiting" in words(client.get(address))


def test_who_has_no_address_is_told_beside_the_choice_and_nothing_is_written(amara, session, rosa):
    answer = signed_in(rosa).post(
        f"/sessions/{session.pk}/sheet/", {"sheet": str(current_sheet(AFTERCARE).pk), "how": "sent"}
    )

    assert answer.status_code == 422
    assert "The patient does not want messages by email. Give it on paper or as a PDF." in words(answer)
    assert not SheetGiven.objects.exists()
