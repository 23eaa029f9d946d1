"""The manager's list of what is allowed and should stay rare."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import record_list_read
from clinic.pages import needs
from treatments.unusual import KINDS, LATELY, UnusualForm, shown, unusual_asked

ROWS_A_PAGE = 50
LAST_PAGE = 10_000


@needs("read-audit")
@require_safe
def unusual_list(request: HttpRequest) -> HttpResponse:
    form = UnusualForm(request.GET)
    number = _page_number(request.GET.get("page", ""))
    found: list[Any] = []
    if form.is_valid():
        first = (number - 1) * ROWS_A_PAGE
        # One row more than is shown says whether there is another page; counting them would read them all.
        found = list(unusual_asked(request.user, form)[first : first + ROWS_A_PAGE + 1])  # type: ignore[arg-type]
    rows = shown(found[:ROWS_A_PAGE])
    if rows:  # with reasons and names
        record_list_read(request, [one.patient_id for one in rows], subject="unusual")
    context = {
        "form": form,
        "rows": rows,
        "newer": number - 1,
        "older": number + 1 if len(found) > ROWS_A_PAGE else 0,
        "kinds": KINDS,
        "asked": form.is_valid() and form.asked() != ["period"],
        "lately": form.is_valid() and form.cleaned_data["period"] == LATELY,
        "nav": "unusual",
    }
    return render(request, "treatments/unusual.html", context, status=200 if form.is_valid() else 422)


def _page_number(said: str) -> int:
    return min(int(said), LAST_PAGE) if said.isascii() and said.isdigit() and int(said[:9]) > 0 else 1
