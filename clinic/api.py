"""What every API view stands on: how it acts and answers, how an error looks, and once for a repeated POST."""

import contextlib
import json
import zoneinfo
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler, set_rollback

from clinic.access_refused import note_bad_token, note_refused
from clinic.api_access import OneAnswer
from clinic.api_lists import KeysetPagination
from clinic.audit import door_of, record_event
from clinic.doors import KeyUsedOtherwise, digest, once, retry_once
from clinic.models import Staff
from clinic.refusals import Blocker, NeedsConfirmation, Refused, guard_code, record_refusal

PROBLEM = "application/problem+json"


class Shape(serializers.Serializer[Any]):
    """What a body holds, sent or answered: its fields, and what each may be."""


# --- Views -----------------------------------------------------------------------------------------------------------


class ClinicView(APIView):
    """An API view. `needs` maps a method to the permission it asks for, before the body is looked at.

    A POST with an `Idempotency-Key` is done once: a repetition answers the first result. Any request that loses a
    deadlock is tried once more.
    """

    needs: dict[str, str] = {}
    limited: tuple[str, ...] = ()  # methods that `throttle_scope` counts
    largest_body: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content_negotiation_class = OneAnswer
    operation_name = ""

    @property
    def staff(self) -> Staff:
        return cast(Staff, self.request.user)

    def perform(self, operation: Callable[..., Any], **given: Any) -> Any:
        """Do it as the person who asks; a refusal is kept under the operation's name."""
        self.operation_name = operation.__name__
        return operation(by=self.staff, **given)

    def sent(self, form: type[Shape], *, partial: bool = False) -> dict[str, Any]:
        """The body, checked field by field."""
        checked = form(data=self.request.data, partial=partial, context={"staff": self.staff})
        checked.is_valid(raise_exception=True)
        return cast(dict[str, Any], checked.validated_data)

    def asked(self, form: type[Shape]) -> dict[str, Any]:
        """What the address asks for after the question mark, checked; an empty value asks for nothing."""
        given = {name: value for name, value in self.request.query_params.items() if value}
        checked = form(data=given, context={"staff": self.staff})
        checked.is_valid(raise_exception=True)
        return cast(dict[str, Any], checked.validated_data)

    def answer(self, form: type[Shape], thing: Any, *, status: int = HTTPStatus.OK) -> Response:
        return Response(form(thing, context={"staff": self.staff}).data, status=status)

    def page(self, form: type[Shape], rows: QuerySet[Any]) -> Response:
        pages = KeysetPagination()
        found = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(form(found, many=True, context={"staff": self.staff}).data)

    def keep_reading(self, kind: str, *, patient_id: Any, subject: str, subject_id: Any = None, **details: Any) -> None:
        """Every reading of a chart or photo is in the audit trail."""
        record_event(
            kind,
            request=self.request._request,
            actor=self.staff,
            patient_id=patient_id,
            subject=subject,
            subject_id=subject_id,
            **details,
        )

    def get_throttles(self) -> list[Any]:
        return super().get_throttles() if self.request.method in self.limited else []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if handler is None or method not in self.http_method_names:
            return
        length = str(request.META.get("CONTENT_LENGTH") or "")
        if method in ("post", "patch") and length.isdigit() and int(length) > self.largest_body:
            raise TooLarge(f"The request is larger than {self.largest_body // 2**20} MB.")
        # DRF looks the handler up after this; the wrapped one takes its place for this one request.
        setattr(self, method, _with_care(handler))


def _with_care(handler: Callable[..., Response]) -> Callable[..., Response]:
    def run(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        # A token's bearer comes past the middleware that does this for pages.
        with _at_the_site_of(cast(Staff, request.user)):
            if request.method == "POST" and key:
                return retry_once(lambda: _once(key, handler, request, *args, **kwargs))
            return retry_once(lambda: handler(request, *args, **kwargs))

    return run


def _at_the_site_of(staff: Staff) -> contextlib.AbstractContextManager[Any]:
    return timezone.override(zoneinfo.ZoneInfo(staff.site.time_zone)) if staff.site else contextlib.nullcontext()


def _once(key: str, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    if len(key) > 150 or not (key.isascii() and key.isprintable()):
        raise exceptions.ValidationError({"Idempotency-Key": ["At most 150 letters, digits and signs."]})

    def act() -> tuple[int, Any]:
        response = handler(request, *args, **kwargs)
        return response.status_code, json.loads(JSONRenderer().render(response.data))

    try:
        status_code, answer = once(
            f"api:{key}", staff=cast(Staff, request.user), request_digest=_digest(request), act=act
        )
    except KeyUsedOtherwise as error:
        raise exceptions.ValidationError(
            {"Idempotency-Key": ["This key came with another request before; use a new one."]}
        ) from error
    return Response(answer, status=status_code)


def _digest(request: Request) -> str:
    files = sorted(request.FILES.items())
    sent = request.data
    if isinstance(sent, Mapping):
        values = sent.getlist if hasattr(sent, "getlist") else sent.get
        sent = {name: values(name) for name in sent if name not in request.FILES}
    parts = [(request.method or "").encode(), request.get_full_path().encode()]
    parts.append(json.dumps(sent, sort_keys=True, default=str).encode())
    for name, file in files:
        parts += [name.encode(), file.read()]
        file.seek(0)
    return digest(*parts)


# --- Errors ----------------------------------------------------------------------------------------------------------


class TooLarge(Exception):
    """The body is larger than is taken: 413."""


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457, for everything that is not an answer: `type title status detail`, `errors` by field, or `blockers`."""
    if isinstance(error, IntegrityError) and (code := guard_code(error)):
        # A guard refused what no operation put into words: still a refusal, never a 500.
        error = Refused([Blocker(code, "The database refused this.", lifts_when="Look at it again.")])
    if isinstance(error, Refused):
        return _refused(error, context)
    if isinstance(error, NeedsConfirmation):
        set_rollback()
        problem = _problem(409, detail=str(error))
        problem.data |= {"title": "Confirm first", "code": error.code, **error.details}
        return problem
    if isinstance(error, (TooLarge, RequestDataTooBig)):
        set_rollback()
        return _problem(413, detail=str(error))
    response = exception_handler(_as_rest(error), context)
    if response is None:
        return None
    _note_no_way_in(response.status_code, context["request"])
    problem = _problem(response.status_code, detail=_detail(response))
    if response.status_code == HTTPStatus.BAD_REQUEST:
        problem.data["errors"] = _by_field(response.data)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in response:
            problem[name] = response[name]
    return problem


def _note_no_way_in(status_code: int, request: Request) -> None:
    """Forbidden, or a token that is not good; who brings none at all is only asked for one."""
    if status_code == HTTPStatus.FORBIDDEN:
        asked_by = request.user
        note_refused(request._request, actor=asked_by if isinstance(asked_by, Staff) else None)
    elif status_code == HTTPStatus.UNAUTHORIZED and "Authorization" in request.headers:
        note_bad_token(request._request)


def _as_rest(error: Exception) -> Exception:
    if isinstance(error, DjangoValidationError):
        return exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        )
    if isinstance(error, SuspiciousOperation):  # too many fields or files
        return exceptions.ParseError("The request could not be understood.")
    return error


def _detail(response: Response) -> str:
    if response.status_code == HTTPStatus.NOT_FOUND:
        return "There is nothing here, or not for you."
    if response.status_code == HTTPStatus.BAD_REQUEST:
        return "Something sent is not right; errors says what."
    return str(response.data.get("detail", ""))


def _by_field(data: Any) -> dict[str, list[str]]:
    """Sentences by field of the body; what is wrong further in says where: “2, lot: This field is required.”"""
    if not isinstance(data, Mapping):
        return {"non_field_errors": _sentences(data)}
    of_none = ("detail", "__all__")
    return {("non_field_errors" if name in of_none else str(name)): _sentences(data[name]) for name in data}


def _sentences(value: Any, where: str = "") -> list[str]:
    if isinstance(value, Mapping):
        inside = [(str(int(key) + 1) if str(key).isdigit() else str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        inside = [(str(at) if isinstance(inner, Mapping) else "", inner) for at, inner in enumerate(value, 1)]
    else:
        return [f"{where}: {value}" if where else str(value)]
    found = []
    for name, inner in inside:
        names = [part for part in (where, name) if part and part != "non_field_errors"]
        found += _sentences(inner, ", ".join(names))
    return found


def _problem(status_code: int, *, detail: str) -> Response:
    title = HTTPStatus(status_code).phrase
    data = {"type": "about:blank", "title": title, "status": status_code, "detail": detail}
    return Response(data, status=status_code, content_type=PROBLEM)


def _refused(refused: Refused, context: dict[str, Any]) -> Response:
    set_rollback()
    request, view = context["request"], context["view"]
    record_refusal(refused, by=request.user, door=door_of(request), operation=getattr(view, "operation_name", ""))
    problem = _problem(409, detail=" ".join(blocker.words_for(request.user) for blocker in refused.blockers))
    problem.data["title"] = "Refused"
    problem.data["blockers"] = [blocker_json(blocker, request.user) for blocker in refused.blockers]
    return problem


def blocker_json(blocker: Blocker, staff: Staff) -> dict[str, Any]:
    """A blocker in its reader's words; a receptionist's leave the clinical part out."""
    return {
        "code": blocker.code,
        "message": blocker.words_for(staff),
        "since": blocker.since.isoformat() if blocker.since else None,
        "lifts_when": blocker.lifts_when,
        "side_effect": str(blocker.side_effect) if blocker.side_effect else None,
    }
