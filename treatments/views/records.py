"""Records to review: the list as filtered, and several of its rows reviewed at once."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinic.audit import record_list_read
from clinic.pages import attempt, needs
from clinic.paging import Page, keyset_page
from clinic.saved_filters import filtered_page, saved_for
from treatments.forms.sign_off import SeveralForm
from treatments.record_filters import FIELDS, FORMS, SESSIONS, SIDE_EFFECTS, RecordsForm
from treatments.record_sign_off import sign_off_several
from treatments.records import RecordRow, sessions_asked, shown, side_effects_asked, with_all_shown

PAGE_SIZE = 25
RECORDS = filtered_page("records", permission="review-records", fields=FIELDS)
ASKED: dict[str, Any] = {SESSIONS: sessions_asked, SIDE_EFFECTS: side_effects_asked}
# Those asked most stand open; the rest is a click away.
FIRST = {
    SESSIONS: ("reviewed", "state", "period", "practitioner", "site"),
    SIDE_EFFECTS: ("reviewed", "state", "kind", "severity", "period"),
}
EXPORTS = {SESSIONS: "records-sessions", SIDE_EFFECTS: "records-side-effects"}


@needs("review-records")
@require_http_methods(["GET", "POST"])
def records(request: HttpRequest) -> HttpResponse:
    what = SIDE_EFFECTS if request.GET.get("what") == SIDE_EFFECTS else SESSIONS
    form = FORMS[what](request.GET)
    page, unknown = _page(request, what, form) if form.is_valid() else (Page([], "", ""), "")
    rows = shown(page.rows, request.user)  # type: ignore[arg-type]
    several = _several(request, rows)
    refused: Any = None
    if request.method == "POST" and several.is_valid():
        chosen = [row.record for row in rows if str(row.record.pk) in several.cleaned_data["chosen"]]
        done = attempt(
            request, several, sign_off_several, records=chosen, remark=several.cleaned_data["remark"], through=request
        )
        if isinstance(done, uuid.UUID):
            counted = "1 record is" if len(chosen) == 1 else f"{len(chosen)} records are"
            messages.success(request, f"{counted} noted as reviewed by you. Nothing in them was changed.")
            return redirect(request.get_full_path())
        refused = done
    if form.is_valid():
        patients = [row.patient.pk for row in rows]
        record_list_read(request, patients, subject="records", what=what, by=form.asked())
    context = {
        "nav": "records",
        "what": what,
        "form": form,
        "page": page,
        "unknown": unknown,
        "rows": rows,
        "can_sign": any(not row.why_not for row in rows),
        "several": several,
        "ticked": several.data.getlist("chosen") if several.is_bound else [],  # type: ignore[attr-defined]
        "blockers": refused.blockers if refused else [],
        "first_fields": FIRST[what],
        "more_fields": (more := [name for name in form.fields if name not in FIRST[what]]),
        "more_asked": any(request.GET.get(name) for name in more),
        "asked": form.asked() if form.is_valid() else ["?"],
        "tabs": [(code, name, _of_tab(request.GET, code)) for code, name in TABS],
        "filters_of": RECORDS,
        "filters": saved_for(request.user, RECORDS, request.GET.urlencode()),  # type: ignore[arg-type]
        "export": EXPORTS[what],
    }
    is_wrong = not form.is_valid() or (several.is_bound and not several.is_valid())
    return render(request, "treatments/records.html", context, status=409 if refused else 422 if is_wrong else 200)


TABS = ((SESSIONS, "Sessions"), (SIDE_EFFECTS, "Side effects"))


def _page(request: HttpRequest, what: str, form: RecordsForm) -> tuple[Page, str]:
    """The page, and a sentence when its mark was not known and it is the first one instead."""
    found = with_all_shown(ASKED[what](request.user, form))
    try:
        return keyset_page(found, request.GET.get("page", ""), PAGE_SIZE), ""
    except ValidationError as error:
        return keyset_page(found, "", PAGE_SIZE), error.messages[0]


def _several(request: HttpRequest, rows: list[RecordRow]) -> SeveralForm:
    can_be_chosen = [str(row.record.pk) for row in rows if not row.why_not]
    return SeveralForm(request.POST if request.method == "POST" else None, can_be_chosen=can_be_chosen)


def _of_tab(query: QueryDict, what: str) -> str:
    """The other tab's address: what both know of the filter goes along."""
    kept = QueryDict(mutable=True)
    kept["what"] = what
    # `state` stands in both and means something else in each.
    for name in RecordsForm.base_fields:
        if query.get(name):
            kept[name] = str(query[name])
    return kept.urlencode()
