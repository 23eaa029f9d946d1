"""What every API view stands on: who asks, how a list is paged, how an error looks, and once for a repeated POST."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView, exception_handler, set_rollback

from clinic.audit import door_of
from clinic.doors import KeyUsedOtherwise, digest, once, retry_once
from clinic.models import Staff
from clinic.paging import keyset_page
from clinic.refusals import Blocker, Refused, record_refusal

PROBLEM = "application/problem+json"


# --- Who asks --------------------------------------------------------------------------------------------------------


class BearerToken(TokenAuthentication):
    """`Authorization: Bearer …`, a token of `manage.py api_token` or of the person's own page."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError as error:
            raise exceptions.AuthenticationFailed("The token is not valid.") from error


class SignedInSession(SessionAuthentication):
    """The browser's own sign-in, with CSRF."""


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = "clinic.api.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SignedInSessionScheme(OpenApiAuthenticationExtension):
    target_class = "clinic.api.SignedInSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class IsClinicStaff(BasePermission):
    """Somebody with at least one role; and where a view names permissions by method, with that one."""

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        staff = request.user
        if not isinstance(staff, Staff) or not staff.may("read-patients"):
            return False
        needed = getattr(view, "needs", {}).get(request.method)
        return needed is None or staff.may(needed)


# --- Views -----------------------------------------------------------------------------------------------------------


class ClinicView(APIView):
    """An API view. `needs` maps a method to the permission it asks for, before the body is looked at.

    A POST with an `Idempotency-Key` is done once: a repetition answers the first result. Any request that loses a
    deadlock is tried once more.
    """

    needs: dict[str, str] = {}
    operation_name = ""

    def perform(self, operation: Callable[..., Any], **given: Any) -> Any:
        """Do it as the person who asks; a refusal is kept under the operation's name."""
        self.operation_name = operation.__name__
        return operation(by=self.request.user, **given)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if handler is not None and method in self.http_method_names:
            # DRF looks the handler up after this; the wrapped one takes its place for this one request.
            setattr(self, method, self._with_care(handler))

    def _with_care(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def run(request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get("Idempotency-Key", "")
            if request.method == "POST" and key:
                return retry_once(lambda: _once(key, handler, request, *args, **kwargs))
            return retry_once(lambda: handler(request, *args, **kwargs))

        return run


def _once(key: str, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    if len(key) > 150:
        raise exceptions.ValidationError({"Idempotency-Key": ["At most 150 characters."]})

    def act() -> tuple[int, Any]:
        response = handler(request, *args, **kwargs)
        return response.status_code, json.loads(JSONRenderer().render(response.data))

    try:
        status_code, answer = once(f"api:{key}", staff=request.user, request_digest=_digest(request), act=act)
    except KeyUsedOtherwise as error:
        raise exceptions.ValidationError(
            {"Idempotency-Key": ["This key came with another request before; use a new one."]}
        ) from error
    return Response(answer, status=status_code)


def _digest(request: Request) -> str:
    files = sorted(request.FILES.items())
    sent = {name: request.data.getlist(name) if hasattr(request.data, "getlist") else value
            for name, value in request.data.items() if name not in request.FILES} if isinstance(request.data, Mapping) else request.data
    parts = [(request.method or "").encode(), request.get_full_path().encode(), json.dumps(sent, sort_keys=True, default=str).encode()]
    for name, file in files:
        parts += [name.encode(), file.read()]
        file.seek(0)
    return digest(*parts)


# --- Lists -----------------------------------------------------------------------------------------------------------


class KeysetPagination(BasePagination):
    """By cursor: `?cursor=` names the row to go on after (or before), and nothing else of it stands in the address.

    The queryset's own ordering decides, so it must end in something unique. No OFFSET, no totals; at most 100 a page.
    """

    default_size, largest_size = 50, 100

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = self._size()
        self.page = keyset_page(queryset, request.query_params.get("cursor", ""), size)
        return self.page.rows

    def _size(self) -> int:
        text = self.request.query_params.get("page_size", "")
        if not text:
            return self.default_size
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= self.largest_size:
            raise exceptions.ValidationError({"page_size": ["A whole number from 1 to 100."]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
             "description": "From `next` or `previous` of a page."},
            {"name": "page_size", "in": "query", "required": False,
             "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}},
        ]

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor) if cursor else None


# --- Errors ----------------------------------------------------------------------------------------------------------


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """RFC 9457, for everything that is not an answer: `type title status detail`, `errors` by field, or `blockers`."""
    if isinstance(error, Refused):
        return _refused(error, context)
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"non_field_errors": error.messages}
        )
    elif isinstance(error, TooLarge):
        set_rollback()
        return _problem(413, detail=str(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    fields = response.data if isinstance(error, exceptions.ValidationError) else None
    detail = "See the fields." if fields is not None else str(getattr(error, "detail", "") or response.data.get("detail", ""))
    problem = _problem(response.status_code, detail=detail)
    if fields is not None:
        problem.data["errors"] = fields if isinstance(fields, dict) else {"non_field_errors": fields}
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in response:
            problem[name] = response[name]
    return problem


class TooLarge(Exception):
    """The body is larger than is taken: 413."""


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
