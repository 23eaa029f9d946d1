"""Lots in a session's form: scanned, refused, asked about before it is finished, copied from the last time."""

from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from clinic.models import Refusal
from tests.factories import make_anaesthetic, make_lot, make_session
from tests.pages.clinical import ago, browser, said, words
from tests.pages.test_session_pages import finish, record, typed
from treatments.lots import quarantine_lot
from treatments.models import Lot, LotUse, Session
from treatments.sessions import finish_session, write_session

GTIN = "09501101530003"
CODE = f"]d201{GTIN}1736123110L2209-B"


@pytest.fixture
def running(amara, mesotherapy, rosa) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


@pytest.fixture
def lot(rosa) -> Lot:
    return make_lot(rosa, gtin=GTIN)


def uses(session: Session) -> list[tuple[str, Decimal | None]]:
    return list(LotUse.objects.filter(session=session).values_list("lot__number", "volume_ml"))


def scan(session: Session) -> str:
    return reverse("lot-scan", args=[session.pk])


@pytest.mark.parametrize("address", [record, finish])
def test_enter_in_the_scan_field_takes_the_lot_saves_the_rest_and_finishes_nothing(address, rosa, running, lot):
    answer = browser(rosa).post(address(running), typed(scan=CODE, note="All well", finish_anyway="on"))

    running.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, f"{record(running)}?scanned={lot.pk}")
    assert said(answer) == ["Lipostab, lot L2209-B: how much went in?"]
    assert (uses(running), running.note, running.finished_at) == ([("L2209-B", None)], "All well", None)
    page = browser(rosa).get(answer.url).content.decode()
    assert [
        part.split(">")[0] for part in page.split('name="lots-0-volume_ml"')[1:] if "autofocus" in part.split(">")[0]
    ]


def test_the_first_button_of_the_form_saves(rosa, running):
    """A scanner's Enter presses the first one."""
    form = browser(rosa).get(record(running)).content.decode().split('id="session-form"')[1]

    first = form.split('type="submit"')[1].split(">")[0]
    assert 'name="do" value="save"' in first
    assert "formaction" not in first


def test_a_scanned_lot_goes_into_the_first_free_row_and_a_second_scan_is_no_second_row(rosa, running, lot):
    other = make_lot(rosa, "S1", name="Saline")
    sent = typed() | {"lots-0-lot": str(other.pk), "lots-0-volume_ml": "1"}

    for _ in range(2):
        browser(rosa).post(record(running), sent | {"scan": CODE})
        sent |= {"lots-1-lot": str(lot.pk), "lots-1-volume_ml": "4"}

    assert sorted(uses(running)) == [("L2209-B", Decimal("4.00")), ("S1", Decimal("1.00"))]


def test_a_page_from_before_another_save_sent_again_loses_no_row(rosa, running, lot):
    sent = typed() | {"lots-0-lot": str(lot.pk), "lots-0-volume_ml": "4", "sites-0-site": "thigh"}
    client = browser(rosa)

    for _ in range(2):
        client.post(record(running), sent)

    running.refresh_from_db()
    assert uses(running) == [("L2209-B", Decimal("4.00"))]
    assert running.sites == [{"site": "thigh", "side": ""}]


def test_a_scanned_anaesthetic_was_given_unless_it_was_declined(rosa, running):
    agent = make_anaesthetic(rosa)

    declined = browser(rosa).post(record(running), typed(scan="A-1", anaesthetic="declined"))
    assert declined.status_code == 422
    assert "Lidocaine 2 %, lot A-1 is an anaesthetic, and it stands as declined." in words(declined)
    assert uses(running) == []

    browser(rosa).post(record(running), typed(scan="A-1"))
    running.refresh_from_db()
    assert (running.anaesthetic, uses(running)) == ("given", [(agent.number, None)])


def test_an_unknown_lot_is_said_the_rest_is_saved_and_receiving_it_is_begun(rosa, running, lot):
    answer = browser(rosa).post(record(running), typed(scan=f"01{GTIN}1736123110NEW", note="All well"))

    running.refresh_from_db()
    assert answer.status_code == 422
    assert "Lipostab, lot NEW, is not here yet." in words(answer)
    assert (running.note, uses(running)) == ("All well", [])
    address = answer.content.decode().split('href="' + reverse("lot-receive"))[1].split('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query) == {
        "product": [str(lot.product_id)],
        "number": ["NEW"],
        "expires_on": ["2036-12-31"],
        "session": [str(running.pk)],
    }


@pytest.mark.parametrize("text, words_", [("X9", "No lot here has the number “X9”."),
                                          ("01" + GTIN[:-1] + "4", "This code cannot be read as a product's.")])  # fmt: skip
def test_what_cannot_be_found_is_said_beside_the_field_and_stays_in_it(text, words_, rosa, running):
    answer = browser(rosa).post(record(running), typed(scan=text))

    assert (answer.status_code, words_ in words(answer)) == (422, True)
    assert f'value="{text}"' in answer.content.decode()
    assert "Receive this lot" not in words(answer)


def test_a_quarantined_lot_is_not_taken_by_a_scan(rosa, running, lot):
    quarantine_lot(lot=lot, reason="recalled", by=rosa)

    answer = browser(rosa).post(record(running), typed(scan=CODE, note="All well"))

    assert answer.status_code == 422
    assert "Lipostab, lot L2209-B has been in quarantine since" in words(answer)
    assert uses(running) == []


def test_a_lot_quarantined_a_second_ago_is_refused_and_everything_typed_stays(rosa, running, lot):
    client = browser(rosa)
    client.get(record(running))
    quarantine_lot(lot=lot, reason="recalled", by=rosa)

    answer = client.post(
        record(running), typed(note="Long and careful") | {"lots-0-lot": str(lot.pk), "lots-0-volume_ml": "4"}
    )

    running.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lipostab, lot L2209-B has been in quarantine since" in words(answer)
    assert "Long and careful" in page
    assert f'<option value="{lot.pk}" selected>' in page
    assert 'value="4"' in page
    assert (running.note, uses(running)) == ("", [])
    assert [refusal.code for refusal in Refusal.objects.all()] == ["lot-quarantined"]


# --- As session.js asks ----------------------------------------------------------------------------------------------------


def test_the_scan_is_answered_without_writing_anything(rosa, running, lot):
    answer = browser(rosa).post(scan(running), {"scan": CODE, "lots-TOTAL_FORMS": "1"}).json()

    assert answer == {
        "words": "Lipostab, lot L2209-B: how much went in?",
        "lot": {"id": str(lot.pk), "words": "Lipostab L2209-B, expires 31 Dec 2036", "use": "injected"},
    }
    assert uses(running) == []


def test_nobody_else_asks_and_no_finished_session_answers(rosa, reception, manager, running, lot):
    assert [browser(who).post(scan(running), {"scan": CODE}).status_code for who in (reception, manager)] == [403, 403]
    assert browser(rosa).get(scan(running)).status_code == 405
    finish_session(session=running, by=rosa)
    assert browser(rosa).post(scan(running), {"scan": CODE}).status_code == 404


# --- Finishing ---------------------------------------------------------------------------------------------------------------


def test_ten_for_one_is_asked_about_and_finished_once_it_was_looked_at(rosa, running):
    lot = make_lot(rosa, most_ml=1)
    sent = typed(finish_anyway="on", note="All well") | {"lots-0-lot": str(lot.pk), "lots-0-volume_ml": "10"}

    asked = browser(rosa).post(finish(running), sent)

    running.refresh_from_db()
    question = "10 ml of Lipostab: the clinic's limit for one session is 1 ml. Is the figure right?"
    assert (asked.status_code, running.finished_at) == (422, None)
    assert question in words(asked)
    assert "All well" in asked.content.decode()
    keys = [one.key for one in asked.context["asked"]]
    answered = browser(rosa).post(finish(running), sent | {"answered": keys})
    running.refresh_from_db()
    assert (answered.status_code, running.finished_by) == (302, rosa)
    assert uses(running) == [("L2209-B", Decimal("10.00"))]


def test_a_saved_volume_past_the_limit_is_pointed_out_before_finishing(rosa, running):
    lot = make_lot(rosa, most_ml=1)
    client = browser(rosa)
    client.post(record(running), typed() | {"lots-0-lot": str(lot.pk), "lots-0-volume_ml": "10"})

    assert "10 ml of Lipostab: the clinic's limit for one session is 1 ml." in words(client.get(record(running)))


# --- Same as last time ---------------------------------------------------------------------------------------------------------


def test_same_as_last_time_saves_what_is_typed_and_fills_what_is_empty(rosa, amara, mesotherapy, lot):
    last = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20), finished=False)
    write_session(
        session=last, by=rosa, sites=[{"site": "thigh", "side": "left", "volume_ml": "4"}], asepsis=["hands-washed"],
        lots=[{"lot": lot, "volume_ml": Decimal("4")}], anaesthetic="declined",
    )  # fmt: skip
    finish_session(session=last, by=rosa)
    running = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)

    assert "Same as last time" in words(browser(rosa).get(record(running)))
    answer = browser(rosa).post(reverse("session-same-as-last", args=[running.pk]), typed(note="Typed before"))

    running.refresh_from_db()
    last.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, record(running))
    assert said(answer)[0].startswith("Copied from ")
    assert (running.note, running.sites, running.asepsis, running.anaesthetic) == ("Typed before", last.sites, [], "")
    assert uses(running) == [("L2209-B", Decimal("4.00"))]


def test_without_a_last_time_it_is_not_offered_and_refused(rosa, running):
    client = browser(rosa)
    address = reverse("session-same-as-last", args=[running.pk])

    assert "Same as last time" not in words(client.get(record(running)))
    answer = client.post(address, typed(note="Typed before"))
    assert answer.status_code == 409
    assert "Typed before" in answer.content.decode()
    assert client.get(address).url == record(running)
