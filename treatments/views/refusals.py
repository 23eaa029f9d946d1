"""The ledger of refusals, for who reads the trail."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import record_list_read
from clinic.pages import needs
from clinic.paging import Page, keyset_page
from clinic.saved_filters import filtered_page, saved_for
from treatments.refusal_ledger import FIELDS, RefusalsForm, refusals_asked, shown, summed_up

PAGE_SIZE = 25
REFUSALS = filtered_page("refusals", permission="read-audit", fields=FIELDS)


@needs("read-audit")
@require_safe
def refusals(request: HttpRequest) -> HttpResponse:
    form = RefusalsForm(request.GET)
    page = Page([], "", "")
    summary: list[tuple[str, int]] = []
    counted, more = 0, False
    if form.is_valid():
        found = refusals_asked(request.user, form)  # type: ignore[arg-type]
        try:
            page = keyset_page(found, request.GET.get("page", ""), PAGE_SIZE)
        except ValidationError:
            page = keyset_page(found, "", PAGE_SIZE)
        summary, counted, more = summed_up(found)
        patients = [one.patient_id for one in page.rows if one.patient_id]
        record_list_read(request, patients, subject="refusals", by=form.asked())
    context = {
        "nav": "refusals",
        "form": form,
        "page": page,
        "rows": shown(page.rows),
        "summary": summary,
        "counted": counted,
        "more": more,
        "asked": form.asked() if form.is_valid() else ["?"],
        "filters_of": REFUSALS,
        "filters": saved_for(request.user, REFUSALS, request.GET.urlencode()),  # type: ignore[arg-type]
        "export": "refusals",
    }
    return render(request, "treatments/refusals.html", context, status=200 if form.is_valid() else 422)
