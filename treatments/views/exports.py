"""Lists as files: short ones at once, long ones by the worker; and one's own files."""

import tempfile
import uuid
from functools import partial
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from clinic.audit import came_by
from clinic.exports import as_attachment, counted, csv_chunks, file_name, filled
from clinic.list_exports import ListExport
from clinic.models import Export, Staff
from clinic.pages import needs, perform
from clinic.workbooks import write_workbook
from treatments.export_asking import NoFile, ask_for_list, call_off, may_have, take_file
from treatments.export_jobs import name_of, note_list
from treatments.exports import LISTS

Format, Kind, State = Export.Format, Export.Kind, Export.State
FORMATS = (Format.CSV, Format.XLSX)
SHOWN = 50


@require_POST
@needs("export-lists")
def start(request: HttpRequest, code: str) -> HttpResponseBase:
    """A short list is the answer itself; a long one is left to the worker, and the answer is its page."""
    of, by = LISTS.get(code), request.user
    format, query = request.POST.get("format"), request.POST.get("query", "")
    if of is None or format not in FORMATS:
        raise Http404
    if not by.may(of.permission):  # type: ignore[union-attr]
        raise PermissionDenied
    if "\0" in query:
        return _own(request, problem="This filter cannot be read. Set it anew on its page.", status=422)
    try:
        total = counted(of, by, query)  # type: ignore[arg-type]
        if total is not None and total <= settings.EXPORT_AT_ONCE:
            return _at_once(request, of, by, query, str(format), total)  # type: ignore[arg-type]
        made = perform(request, ask_for_list, code=code, format=format, query=query, total=total, through=request)
    except ValidationError as error:
        return _own(request, problem=" ".join(error.messages), status=422)
    return redirect("export", made.pk)


def _at_once(request: HttpRequest, of: ListExport, by: Staff, query: str, format: str, total: int) -> HttpResponseBase:
    list_ = filled(of, by, query)
    if format == Format.CSV:
        chunks = csv_chunks(list_)
        # The first rows are read now: what is wrong with the filter is said on a page, not in the middle of a file.
        content: Any = StreamingHttpResponse(chain([next(chunks)], chunks))
    else:
        book = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        write_workbook(list_, book)
        book.seek(0)
        content = FileResponse(book)
    note_list(by, of.code, format, query, total, came_by(request))
    return as_attachment(content, file_name(of.code, format, timezone.localdate()))  # type: ignore[no-any-return]


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """What this person asked for, newest first."""
    return _own(request)


def _own(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    if not _may_export(request):
        raise PermissionDenied
    found = Export.objects.visible_to(request.user)[:SHOWN]  # type: ignore[arg-type]
    rows = [_described(one) for one in found]
    known = {"rows": rows, "problem": problem, "hours": settings.EXPORT_HOURS, "nav": "exports"}
    return render(request, "treatments/exports.html", known, status=status)


@require_safe
def shown(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """How far it is; once it is there, the way to it."""
    return _page(request, _find(request, export_id))


@require_GET
def file(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    export = _find(request, export_id)
    try:
        content = perform(request, partial(take_file, request=request), export=export)
    except NoFile as gone:
        return _page(request, export, problem=str(gone), status=410)
    response = FileResponse(content)
    # A download that is cut off then shows as one.
    response["Content-Length"] = str(export.size)
    return as_attachment(response, name_of(export))


@require_POST
def cancel(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    export = _find(request, export_id)
    was_there = export.state == State.READY
    perform(request, call_off, export=export)
    messages.success(request, "The file is removed." if was_there else "It is called off. No file is made.")
    return redirect("exports")


@require_POST
def again(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    export = _find(request, export_id)
    if not may_have(export, request.user):  # type: ignore[arg-type]
        raise PermissionDenied
    if export.kind == Kind.PATIENT:
        return redirect("patient-data", export.patient_id)
    given = {"code": export.list_code, "format": export.format, "query": export.query, "total": export.total}
    return redirect("export", perform(request, ask_for_list, **given, through=request).pk)


def _find(request: HttpRequest, export_id: uuid.UUID) -> Export:
    return get_object_or_404(Export.objects.visible_to(request.user), pk=export_id)  # type: ignore[arg-type]


def _may_export(request: HttpRequest) -> bool:
    return any(request.user.may(one) for one in ("export-lists", "export-patient-data"))  # type: ignore[union-attr]


def _page(request: HttpRequest, export: Export, *, problem: str = "", status: int = 200) -> HttpResponse:
    known = {"one": _described(export), "export": export, "problem": problem or export.problem, "nav": "exports"}
    return render(request, "treatments/export.html", known, status=status)


def _described(export: Export) -> dict[str, Any]:
    of = LISTS.get(export.list_code)
    title = str(Kind.PATIENT.label) if export.kind == Kind.PATIENT else of.title if of else export.list_code
    over = export.state == State.READY and export.expires_at is not None and export.expires_at <= timezone.now()
    return {
        "export": export,
        "title": title,
        "unit": "file" if export.kind == Kind.PATIENT else "row",
        "state": State.GONE if over else State(export.state),
        "is_under_way": export.state in (State.WAITING, State.MAKING),
        "can_ask_again": export.kind == Kind.PATIENT or export.state == State.FAILED,
    }
