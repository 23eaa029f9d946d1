"""The audit trail: who did, saw and read what, by which door, from where."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import record_event
from clinic.audit_chain import head
from clinic.models import AuditEvent
from clinic.pages import needs
from clinic.paging import Page, keyset_page
from clinic.saved_filters import filtered_page, saved_for
from treatments.audit_search import FIELDS, AuditForm, audit_asked, shown

PAGE_SIZE = 50
AUDIT = filtered_page("audit", permission="read-audit", fields=FIELDS)
# Those asked most stand open; the rest is a click away.
FIRST = ("patient", "actor", "kind", "period")


@needs("read-audit")
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    page, unknown = _page(request, form) if form.is_valid() else (Page([], "", ""), "")
    rows = shown(page.rows)
    if form.is_valid():
        record_event(AuditEvent.Kind.RECORD_READ, request=request, subject="audit", row="list", by=form.asked())
    more = [name for name in form.fields if name not in FIRST]
    context = {
        "nav": "audit",
        "form": form,
        "page": page,
        "unknown": unknown,
        "rows": rows,
        "first_fields": FIRST,
        "more_fields": more,
        "more_asked": any(request.GET.get(name) for name in more),
        "asked": form.asked() if form.is_valid() else ["?"],
        "head": head(),
        "filters_of": AUDIT,
        "filters": saved_for(request.user, AUDIT, request.GET.urlencode()),  # type: ignore[arg-type]
    }
    return render(request, "treatments/audit.html", context, status=200 if form.is_valid() else 422)


def _page(request: HttpRequest, form: AuditForm) -> tuple[Page, str]:
    """The page, and a sentence when its mark was not known and it is the first one instead."""
    found = audit_asked(request.user, form)  # type: ignore[arg-type]
    try:
        return keyset_page(found, request.GET.get("page", ""), PAGE_SIZE), ""
    except ValidationError as error:
        return keyset_page(found, "", PAGE_SIZE), error.messages[0]
