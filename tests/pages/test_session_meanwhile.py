"""A page of the record that is older than a save since then: it erases nothing and signs nothing, and says what differs."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import Refusal
from clinic.refusals import Refused
from tests.factories import make_anaesthetic, make_lot, make_practitioner, make_session
from tests.pages.clinical import ago, browser, said, statements, words
from tests.pages.test_session_pages import finish, record, typed
from treatments.drafts import SESSION, draft_of, save_draft
from treatments.models import Session
from treatments.record_version import version_now
from treatments.sessions import finish_session, write_session

CODE = "changed-meanwhile"
KNEE = {"sites-0-site": "knee", "sites-0-side": "left", "sites-0-view": "front"}


@pytest.fixture
def running(amara, mesotherapy, rosa) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


@pytest.fixture
def per():
    return make_practitioner("Per Holm")


def opened(session, **fields):
    """What a page sends that is opened now."""
    return typed(as_of=version_now(Session.objects.get(pk=session.pk)), **fields)


def written(session) -> tuple:
    """Its words, sites and signature as they stand."""
    found = Session.objects.get(pk=session.pk)
    return found.note, [row["site"] for row in found.sites], found.finished_by


def saved_at(session) -> str:
    """By the record's own clock: the minute may end between a save and what is said of it."""
    return f"{timezone.localtime(session.history.latest('history_date').history_date):%H:%M}"


def differing(page) -> list[tuple]:
    return [(one.label, one.saved, one.typed) for one in page.context["meanwhile"].differences]


def test_an_old_page_neither_erases_nor_signs_what_a_colleague_saved(running, rosa, per):
    old = opened(running)
    browser(per).post(record(running), opened(running, note="Left knee swells", **KNEE))

    answer = browser(rosa).post(finish(running), old | {"finish_anyway": "on"})

    assert answer.status_code == 409
    assert written(running) == ("Left knee swells", ["knee"], None)
    assert [(one.code, one.patient_id) for one in Refusal.objects.all()] == [(CODE, running.patient_id)]
    assert f"Per Holm saved this record at {saved_at(running)}, after this page was opened." in words(answer)
    assert differing(answer) == [
        ("Note", ["Left knee swells"], ["Not recorded"]),
        ("Sites", ["Left knee, front"], ["Not recorded"]),
    ]


@pytest.mark.parametrize("door", ["session", "session-finish", "session-same-as-last"])
def test_each_button_of_an_old_page_asks(door, running, rosa, per):
    old = opened(running, note="Calm")
    write_session(session=running, by=per, note="Left knee swells")

    answer = browser(rosa).post(reverse(door, args=[running.pk]), old | {"finish_anyway": "on"})

    assert (answer.status_code, written(running)) == (409, ("Left knee swells", [], None))


def test_a_lot_scanned_on_an_old_page_is_not_added_to_what_would_be_erased(running, rosa, per):
    lot = make_lot(rosa)
    old = opened(running, scan=lot.number)
    write_session(session=running, by=per, note="Left knee swells")

    answer = browser(rosa).post(record(running), old)

    assert (answer.status_code, written(running)[0], running.lot_uses.count()) == (409, "Left knee swells", 0)
    assert answer.context["form"].lots.forms[0]["lot"].value() == str(lot.pk)


def test_what_was_typed_stays_and_is_saved_all_the_same_once_the_other_was_seen(running, rosa, per):
    old = opened(running, note="Calm")
    write_session(session=running, by=per, note="Left knee swells")
    page = browser(rosa).post(record(running), old)

    assert page.context["form"]["note"].value() == "Calm"
    assert "Save mine all the same</button>" in page.content.decode()
    answer = browser(rosa).post(record(running), old | {"as_of": [old["as_of"], page.context["meanwhile"].version]})

    assert (answer.status_code, said(answer), written(running)[0]) == (302, ["Saved."], "Calm")


def test_saved_once_more_after_that_it_is_asked_again(running, rosa, per):
    old = opened(running, note="Calm")
    write_session(session=running, by=per, note="Left knee swells")
    page = browser(rosa).post(record(running), old)
    write_session(session=running, by=per, note="Both knees swell")

    answer = browser(rosa).post(record(running), old | {"as_of": page.context["meanwhile"].version})

    assert (answer.status_code, written(running)[0]) == (409, "Both knees swell")


def test_ones_own_save_in_another_tab_counts_too(running, rosa):
    old = opened(running, note="Calm")
    browser(rosa).post(record(running), opened(running, note="Left knee swells"))

    answer = browser(rosa).post(record(running), old)

    assert (answer.status_code, written(running)[0]) == (409, "Left knee swells")
    assert f"You saved this record at {saved_at(running)}, after this page was opened." in words(answer)


def test_a_form_sent_twice_is_saved_once_and_nothing_is_asked(running, rosa):
    lot = make_lot(rosa)
    sent = opened(running, note="Calm", **{"lots-0-lot": str(lot.pk), "lots-0-volume_ml": "1,5"})

    answers = [browser(rosa).post(record(running), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [use.volume_ml for use in running.lot_uses.all()] == [Decimal("1.50")]


def test_of_what_nobody_else_saved_nothing_is_asked(running, rosa, per, amara, mesotherapy):
    other = make_session(patient=amara, practitioner=per, treatment=mesotherapy, at=ago(1), finished=False)
    sent = opened(running, note="Calm")
    write_session(session=other, by=per, note="Another visit")

    assert browser(rosa).post(record(running), sent).status_code == 302
    assert browser(rosa).get(record(running)).context["meanwhile"] is None


def test_a_lot_alone_makes_another_version(running, rosa, per):
    lot = make_lot(rosa)
    old = opened(running)
    write_session(session=running, by=per, lots=[{"lot": lot, "volume_ml": Decimal("1.50")}])

    answer = browser(rosa).post(record(running), old)

    assert (answer.status_code, running.lot_uses.count()) == (409, 1)
    assert differing(answer) == [("Products and lots", [f"{lot}, 1.5 ml"], ["Not recorded"])]


def test_what_differs_in_no_words_is_saved_all_the_same_too(running, rosa, per):
    old = opened(running, note="Calm\r\nNo pain")
    write_session(session=running, by=per, note="Calm\nNo pain")

    page = browser(rosa).post(record(running), old)
    answer = browser(rosa).post(record(running), old | {"as_of": page.context["meanwhile"].version})

    assert (page.status_code, differing(page), answer.status_code) == (409, [], 302)
    assert "In words nothing differs" in words(page)


def test_each_part_of_the_record_is_read_out_where_it_differs(running, rosa, per):
    old = opened(running, burning="7", swelling="yes", no_creams="on", asepsis=["hands-washed"], itching="no")
    agent = make_anaesthetic(rosa)
    write_session(
        session=running, by=per, burning=0, swelling=False, creams=["Arnica", "Calendula"], anaesthetic="given",
        anaesthetic_lot=agent, anaesthetic_ml=Decimal("0.50"), next_step="Call in a week", itching=False,
    )  # fmt: skip

    nothing = ["Not recorded"]
    assert differing(browser(rosa).post(record(running), old)) == [
        ("Local anaesthetic", ["Given"], nothing),
        ("Agent and lot", [str(agent)], nothing),
        ("Amount, ml", ["0.5 ml"], nothing),
        ("Against infection", nothing, ["Hands washed and gloved"]),
        ("Creams recommended", ["Arnica", "Calendula"], ["None recommended"]),
        ("Burning, 0 to 10", ["0"], ["7"]),
        ("Swelling seen", ["No"], ["Yes"]),
        ("Next step", ["Call in a week"], nothing),
    ]


def test_what_is_wrong_is_said_beside_its_field_and_what_differs_beside_it(running, rosa, per):
    old = opened(running, note="Calm", burning="77", **{"sites-0-volume_ml": "much"})
    write_session(session=running, by=per, note="Left knee swells", sites=[{"site": "knee"}])

    answer = browser(rosa).post(record(running), old)

    assert (answer.status_code, differing(answer)) == (422, [("Note", ["Left knee swells"], ["Calm"])])


def test_an_own_draft_from_before_a_colleagues_save_says_so_and_asks(running, rosa, per):
    browser(rosa).post(reverse("session-draft", args=[running.pk]), opened(running, note="Calm"))
    write_session(session=running, by=per, note="Left knee swells")

    page = browser(rosa).get(record(running))

    assert "Per Holm has saved this record since then : you are asked before yours takes its place." in words(page)
    assert differing(page) == [("Note", ["Left knee swells"], ["Calm"])]
    answer = browser(rosa).post(record(running), typed(note="Calm", as_of=page.context["form"]["as_of"].value()))
    assert (answer.status_code, written(running)[0]) == (409, "Left knee swells")


def test_a_draft_kept_before_there_were_versions_asks_too(running, rosa, per):
    save_draft(form=SESSION, subject_id=running.pk, data={"note": ["Calm"]}, by=rosa, now=ago(hours=0.1))
    write_session(session=running, by=per, note="Left knee swells")

    restored = browser(rosa).get(record(running)).context["form"]
    answer = browser(rosa).post(record(running), typed(note="Calm", as_of=restored["as_of"].value() or ""))

    assert (answer.status_code, written(running)[0]) == (409, "Left knee swells")


def test_ones_own_is_thrown_away_from_the_page_that_asks(running, rosa, per):
    save_draft(form=SESSION, subject_id=running.pk, data={"note": ["Calm"]}, by=rosa)

    browser(rosa).post(reverse("session-draft-discard", args=[running.pk]), typed(note="Calm"))

    assert draft_of(SESSION, running.pk, rosa) is None


def test_same_as_last_pressed_twice_copies_once(running, rosa, amara, mesotherapy):
    last = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(9), finished=False)
    write_session(session=last, by=rosa, sites=[{"site": "knee"}])
    finish_session(session=last, by=rosa)
    sent = opened(running, once="b3a7")

    answers = [browser(rosa).post(reverse("session-same-as-last", args=[running.pk]), sent) for _ in range(2)]

    assert ([answer.status_code for answer in answers], written(running)[1]) == ([302, 302], ["knee"])


def test_the_day_is_said_where_it_was_not_today(running, rosa, per):
    write_session(session=running, by=per, note="Left knee swells")
    day = ago(400)
    running.history.update(history_date=day)

    with pytest.raises(Refused) as refusal:
        finish_session(session=running, by=rosa, as_of="another")

    assert f"Per Holm saved this record on {day.day} {day:%b %Y} at {day:%H:%M}" in str(refusal.value)


def test_what_differs_costs_no_statement_a_difference(running, rosa, per):
    browser(rosa).post(reverse("session-draft", args=[running.pk]), opened(running, note="Calm"))
    sites = [{"site": "knee"}, {"site": "thigh"}, {"site": "calf"}]
    lots = [make_lot(rosa, f"L-{number}") for number in range(3)]
    client = browser(rosa)

    def counted(rows: int) -> int:
        write_session(session=running, by=per, sites=sites[:rows], lots=[{"lot": lot} for lot in lots[:rows]])
        return statements(client, record(running))

    counted(1)
    assert counted(1) == counted(3)
