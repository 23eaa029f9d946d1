"""What somebody saved in a session's record meanwhile, beside what stands in a form that was opened before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from treatments.body_marks import body_map_of
from treatments.forms.sessions import SessionForm
from treatments.injected_sites import plain
from treatments.models import Session
from treatments.record_version import version_of

NOT_RECORDED = ["Not recorded"]
# Rows beside the form, and what two fields say together.
ROWS = {"sites": "Sites", "lots": "Products and lots"}
NAMED_ELSEWHERE = ("as_of", "no_creams")


@dataclass(frozen=True)
class Difference:
    """A line each: of a list one line a row, of a note all of it."""

    label: str
    saved: list[str]
    typed: list[str]


@dataclass(frozen=True)
class Meanwhile:
    """`version` is the one that now stands: sent with the form, what was typed takes its place.

    Without differences it is another all the same, in what no words say: where in its region a point of the body map lies.
    """

    version: str
    differences: list[Difference]


def meanwhile(form: SessionForm, session: Session) -> Meanwhile | None:
    """None where the form was opened on the record as it stands. `session` with its lot uses."""
    version = version_of(session, session.lot_uses.all())
    if not form.is_bound or form.data.get("as_of", version) == version:
        return None
    saved = _words_of(SessionForm(session=session, stock=form.stock))
    typed = _words_of(form)
    labels = {name: str(field.label) for name, field in form.fields.items()} | ROWS
    differing = [
        Difference(labels[name], saved[name], words) for name, words in typed.items() if saved.get(name, words) != words
    ]
    return Meanwhile(version, differing)


def _words_of(form: SessionForm) -> dict[str, list[str]]:
    """By field, as it is read. What cannot be understood is left out: what is wrong with it stands beside it already."""
    form.is_valid()
    wrong = form.errors if form.is_bound else {}
    words = {
        name: _field_words(form, name) for name in form.fields if name not in NAMED_ELSEWHERE and name not in wrong
    }
    if form["no_creams"].value() and words.get("creams") == NOT_RECORDED:
        words["creams"] = ["None recommended"]
    if form.sites is not None and (not form.is_bound or form.sites.is_valid()):
        rows = form.sites.filled() if form.is_bound else form.sites.initial
        words["sites"] = [line.words for line in body_map_of(rows or []).sites] or NOT_RECORDED
    if form.lots is not None and (not form.is_bound or form.lots.is_valid()):
        lots = form.lots.filled() if form.is_bound else form.lots.initial
        words["lots"] = sorted(_lot_row(form, row) for row in lots or []) or NOT_RECORDED
    return words


def _field_words(form: SessionForm, name: str) -> list[str]:
    value = form.cleaned_data.get(name) if form.is_bound else form.initial.get(name)
    choices: Iterable[Any] = getattr(form.fields[name], "choices", ())
    if name == "asepsis":
        return [words for code, words in choices if code in (value or [])] or NOT_RECORDED
    if value in (None, ""):
        return NOT_RECORDED
    if name == "anaesthetic_lot":
        return [_lot_name(form, value)]
    if name in ("swelling", "itching"):
        return ["Yes" if value in (True, "yes") else "No"]
    if name == "anaesthetic_ml":
        return [f"{plain(value)} ml"]
    if name == "creams":
        return [line.strip() for line in str(value).splitlines() if line.strip()]
    known = {str(code): str(words) for code, words in choices}
    return known.get(str(value), str(value)).splitlines()


def _lot_row(form: SessionForm, row: Mapping[str, Any]) -> str:
    volume = f", {plain(row['volume_ml'])} ml" if row.get("volume_ml") else ""
    return f"{_lot_name(form, row['lot'])}{volume}"


def _lot_name(form: SessionForm, lot_id: str) -> str:
    return next((str(lot) for lot in form.stock.lots if str(lot.pk) == lot_id), "A lot that is not here")
