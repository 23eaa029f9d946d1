"""Who may come in by the API, and what of a body is read.

Apart from clinic/api.py because DRF's settings name these: rest_framework.views reads them while it is being imported,
so nothing here may import it.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from clinic.models import Staff


class BearerToken(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Bearer …`, a token of `manage.py api_token`. Only its hash is kept."""

    def authenticate_credentials(self, token: bytes) -> tuple[Staff, AuthToken]:
        """One statement, and nothing is written: an expired token is left for `api_token --list` to show."""
        try:
            digest = hash_token(token.decode())
        except UnicodeDecodeError as error:
            raise exceptions.AuthenticationFailed("The token is not valid.") from error
        found = AuthToken.objects.filter(digest=digest).select_related("user__site").first()
        if found is None or not found.user.is_active or (found.expiry is not None and found.expiry <= timezone.now()):
            raise exceptions.AuthenticationFailed("The token is not valid, or no longer.")
        return found.user, found


class SignedInSession(SessionAuthentication):
    """The browser's own sign-in. A change needs the CSRF token, in the X-CSRFToken header."""

    def enforce_csrf(self, request: Request) -> None:
        # Django would look into the body first; there it is not expected, and 403 comes before a body is read.
        asked = copy.copy(request._request)
        asked.POST = QueryDict()
        super().enforce_csrf(asked)  # type: ignore[arg-type]


class IsClinicStaff(BasePermission):
    """Somebody with at least one role; and where a view names permissions by method, with that one."""

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: Any) -> bool:
        staff = request.user
        if not isinstance(staff, Staff) or not staff.may("read-patients"):
            return False
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "needs", {}).get(method)
        return needed is None or staff.may(needed)


class CarefulJSON(JSONParser):
    """JSON that can be answered in JSON: half a surrogate pair, or a tower of brackets, is refused here."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            sent = super().parse(stream, media_type, parser_context)
            json.dumps(sent, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as error:
            raise exceptions.ParseError("This is no JSON that can be read.") from error
        return sent


class OneAnswer(DefaultContentNegotiation):
    """There is one way to answer, so whatever is accepted, that is it: problem+json and photos too."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
