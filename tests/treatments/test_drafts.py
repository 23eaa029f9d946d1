"""What is typed is kept for its writer, and goes when the record is saved or signed. A draft is no record."""

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.urls import reverse

from clinic.refusals import Refused
from tests.factories import make_practitioner, make_session, on
from tests.pages.clinical import NOBODY, ago, browser, said, words
from treatments.drafts import LONGEST, SESSION, discard_draft, draft_of, save_draft, saved_since
from treatments.models import Draft, Session
from treatments.sessions import finish_session, write_session

TYPED = {"note": ["All w"], "burning": [""], "asepsis": ["hands-washed", "gloves"]}


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


def keep(session, by, typed=TYPED, now=None, form=SESSION):
    return save_draft(form=form, subject_id=session.pk, data=typed, by=by, now=now)


def address(session) -> str:
    return reverse("session-draft", args=[session.pk])


def record(session) -> str:
    return reverse("session", args=[session.pk])


def test_what_is_typed_is_kept_and_the_newest_replaces_the_one_before(running, rosa):
    keep(running, rosa, now=on(2, 9))
    keep(running, rosa, {"note": ["All well"]}, now=on(2, 10))

    draft = Draft.objects.get()
    assert (draft.data, draft.saved_at, draft.by) == ({"note": ["All well"]}, on(2, 10), rosa)


def test_a_draft_changes_nothing_of_the_record(running, rosa):
    before = (running.note, running.history.count())

    keep(running, rosa)

    running.refresh_from_db()
    assert (running.note, running.history.count()) == before


def test_a_draft_is_its_writers_own(running, rosa):
    keep(running, rosa)
    other = make_practitioner("Per Holm")

    assert draft_of(SESSION, running.pk, other) is None
    page = browser(other).get(record(running))
    assert "All w" not in page.content.decode()
    assert "not saved" not in words(page)


def test_two_people_have_a_draft_each(running, rosa):
    other = make_practitioner("Per Holm")

    keep(running, rosa)
    keep(running, other, {"note": ["Another"]})

    assert {draft.by: draft.data["note"] for draft in Draft.objects.all()} == {rosa: ["All w"], other: ["Another"]}


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_practitioners_keep_a_draft(person, running, request):
    by = request.getfixturevalue(person)

    with pytest.raises(PermissionDenied):
        keep(running, by)
    assert browser(by).post(address(running), {"note": "x"}).status_code == 403
    assert not Draft.objects.exists()


def test_of_what_is_not_there_nothing_is_kept(running, rosa):
    with pytest.raises(ObjectDoesNotExist):
        keep(running, rosa, form="review")
    assert browser(rosa).post(f"/sessions/{NOBODY}/draft/", {"note": "x"}).status_code == 404
    assert not Draft.objects.exists()


def test_as_much_as_fits_is_kept_and_more_is_refused(running, rosa):
    room = LONGEST - len('{"note": [""]}')
    keep(running, rosa, {"note": ["x" * room]})

    with pytest.raises(ValidationError):
        keep(running, rosa, {"note": ["x" * (room + 1)]})
    answer = browser(rosa).post(address(running), {"note": "x" * LONGEST})

    assert (answer.status_code, answer.content.decode()) == (422, "This is more than a draft can hold. Save it.")
    assert len(Draft.objects.get().data["note"][0]) == room


def test_saving_ends_the_writers_draft_and_nobody_elses(running, rosa):
    other = make_practitioner("Per Holm")
    keep(running, rosa)
    keep(running, other)

    write_session(session=running, by=rosa, note="All well")

    assert [draft.by for draft in Draft.objects.all()] == [other]


def test_signing_ends_every_draft_and_none_comes_after_it(running, rosa):
    other = make_practitioner("Per Holm")
    keep(running, rosa)
    keep(running, other)

    finish_session(session=running, by=rosa)

    assert not Draft.objects.exists()
    with pytest.raises(Refused) as refusal:
        keep(running, other)
    assert refusal.value.codes == ["wrong-status"]
    answer = browser(other).post(address(running), {"note": "late"})
    assert answer.status_code == 409
    assert "The session was finished meanwhile, so nothing more is kept as a draft." in answer.content.decode()
    assert not Draft.objects.exists()


def test_the_page_keeps_what_is_typed_without_its_marks(running, rosa):
    answer = browser(rosa).post(
        address(running), {"note": "All w", "asepsis": ["a", "b"], "csrfmiddlewaretoken": "t", "once": "k"}
    )

    draft = Draft.objects.get()
    assert (answer.status_code, answer.headers["Kept-At"]) == (204, f"{ago():%H:%M}")
    assert draft.data == {"note": ["All w"], "asepsis": ["a", "b"]}


def test_by_its_address_alone_nothing_is_kept_or_thrown_away(running, rosa):
    keep(running, rosa)

    assert browser(rosa).get(address(running)).status_code == 405
    assert browser(rosa).get(reverse("session-draft-discard", args=[running.pk])).status_code == 405
    assert Draft.objects.count() == 1


def test_the_record_opens_with_what_was_typed_wrong_or_right(running, rosa):
    browser(rosa).post(address(running), {"note": "All w", "burning": "77"})

    page = browser(rosa).get(record(running))

    assert page.status_code == 200
    assert "and not saved: it is filled in below as it was." in words(page)
    assert page.context["form"]["note"].value() == "All w"
    running.refresh_from_db()
    assert running.note == ""


def test_without_a_draft_the_record_says_nothing_of_one(running, rosa):
    assert "not saved: it is filled in below" not in words(browser(rosa).get(record(running)))


def test_who_saved_the_record_meanwhile_is_named(running, rosa):
    other = make_practitioner("Per Holm")
    draft = keep(running, rosa, now=ago(hours=0.1))
    assert saved_since(draft, running) == ""

    write_session(session=running, by=other, note="Mine")

    assert saved_since(draft, running) == "Per Holm"
    assert "Per Holm has saved this record since then" in words(browser(rosa).get(record(running)))


def test_what_one_saved_oneself_is_not_somebody_elses(running, rosa):
    write_session(session=running, by=rosa, note="Mine")
    draft = keep(running, rosa, now=ago(hours=0.1))

    assert saved_since(draft, running) == ""


def test_a_draft_is_thrown_away_by_its_writer_once_and_again(running, rosa):
    other = make_practitioner("Per Holm")
    keep(running, rosa)
    keep(running, other)

    answer = browser(rosa).post(reverse("session-draft-discard", args=[running.pk]))
    discard_draft(form=SESSION, subject_id=running.pk, by=rosa)

    assert (answer.url, said(answer)) == (record(running), ["What was typed and not saved is thrown away."])
    assert [draft.by for draft in Draft.objects.all()] == [other]
