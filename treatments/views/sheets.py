"""The clinic's sheets: listed, read in every version, written and tried before they are published."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.models import Staff
from clinic.pages import add_errors, needs, perform
from clinic.pdf import PdfUnavailable
from treatments.forms.sheets import SheetForm
from treatments.models import Sheet
from treatments.sheet_text import sheet_pdf, shown
from treatments.sheets import newest_sheets, publish_sheet, versions_of


@require_safe
@needs("read-patients")
def sheets(request: HttpRequest) -> HttpResponse:
    return render(request, "treatments/sheets.html", {"nav": "sheets", "sheets": newest_sheets()})


def _visible(request: HttpRequest, sheet_id: uuid.UUID) -> Sheet:
    found = Sheet.objects.visible_to(request.user).select_related("treatment", "published_by")  # type: ignore[arg-type]
    return get_object_or_404(found, pk=sheet_id)


@require_safe
@needs("read-patients")
def sheet(request: HttpRequest, sheet_id: uuid.UUID) -> HttpResponse:
    """One version, as it was published; never as it was given to anybody."""
    found = _visible(request, sheet_id)
    versions = list(versions_of(found).select_related("published_by").defer("body"))
    context = shown(found, _phone(request)) | {"versions": versions, "is_newest": versions[0] == found}
    return render(request, "treatments/sheet.html", context | {"nav": "sheets"})


@require_safe
@needs("read-patients")
def sheet_file(request: HttpRequest, sheet_id: uuid.UUID) -> HttpResponse:
    return pdf_answer(request, shown(_visible(request, sheet_id), _phone(request)))


def pdf_answer(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    """The PDF; where none can be made here, a page that says so and how to print instead, 503."""
    try:
        content = sheet_pdf(page)
    except PdfUnavailable:
        return render(request, "treatments/sheet_no_pdf.html", {"nav": "sheets"}, status=503)
    # Nothing clinical in a file's name: it stands in a phone's list of downloads.
    headers = {"Content-Disposition": 'inline; filename="sheet.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def new(request: HttpRequest) -> HttpResponse:
    """A sheet for a treatment of its own, or in another language."""
    if request.method == "POST":
        return _publish(request, SheetForm(request.POST), None)
    return _page(request, SheetForm(initial={"after": 0}), None)


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def next_version(request: HttpRequest, sheet_id: uuid.UUID) -> HttpResponse:
    before = _visible(request, sheet_id)
    if request.method == "POST":
        return _publish(request, SheetForm(request.POST, before=before), before)
    newest = versions_of(before)[0]
    if newest != before:
        return redirect("sheet-next", newest.pk)
    initial = {"title": before.title, "body": before.body, "after": before.version}
    return _page(request, SheetForm(initial=initial, before=before), before)


def _publish(request: HttpRequest, form: SheetForm, before: Sheet | None) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, before, status=422)
    if "publish" not in request.POST:
        return _page(request, form, before, tried=_tried(form))
    try:
        published = perform(request, publish_sheet, through=request, **form.cleaned_data)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, form, before, status=422)
    if before == published:
        messages.info(request, f"Nothing was changed: version {published.version} stands.")
    else:
        messages.success(request, f"Version {published.version} is published. It is given from now on.")
    return redirect("sheet", published.pk)


def _tried(form: SheetForm) -> Sheet:
    typed = {name: form.cleaned_data[name] for name in ("kind", "treatment", "language", "title", "body")}
    return Sheet(version=(form.cleaned_data["after"] or 0) + 1, **typed)


def _page(
    request: HttpRequest, form: SheetForm, before: Sheet | None, *, tried: Sheet | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"nav": "sheets", "form": form, "before": before}
    if tried is not None:
        context |= shown(tried, _phone(request)) | {"tried": True}
    return render(request, "treatments/sheet_write.html", context, status=status)


def _phone(request: HttpRequest) -> str:
    staff: Staff = request.user  # type: ignore[assignment]
    return staff.site.phone if staff.site else ""
