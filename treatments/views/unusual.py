"""The manager's list of what is allowed and should stay rare."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import record_list_read
from clinic.pages import needs
from treatments.forms.deviations import UnusualForm
from treatments.unusual import KINDS, shown, unusual

ROWS_A_PAGE = 50


@needs("read-audit")
@require_safe
def unusual_list(request: HttpRequest) -> HttpResponse:
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    form = UnusualForm(asked)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = unusual(request.user, **{name: value for name, value in wanted.items() if value})  # type: ignore[arg-type]
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    if rows_shown := shown(page.object_list):  # with reasons and names
        record_list_read(request, [one.patient_id for one in rows_shown], subject="unusual")
    context = {
        "form": form,
        "page": page,
        "rows": rows_shown,
        "kinds": KINDS,
        "asked": asked,
        "nav": "unusual",
    }
    return render(request, "treatments/unusual.html", context, status=200 if form.is_valid() else 422)
