"""How the API describes itself: every problem an operation may answer, the idempotency key, the two ways to sign in."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from clinic.api import PROBLEM, Shape

WRITES = ("POST", "PATCH")
WORDS = {
    400: "Not valid; `errors` says what, by field.",
    401: "Nobody is signed in: no token, or one that is not valid, has expired or was revoked.",
    403: "Your role may not do this.",
    404: "There is nothing here, or not for you.",
    405: "The address takes other methods only; `Allow` names them.",
    409: "Refused by a rule; `blockers` says why, since when and what lifts it. Nothing was changed.",
    413: "Larger than is taken.",
    415: "The body is of a kind that is not taken here.",
    429: "Too many at a time; `Retry-After` says how many seconds to wait.",
}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "clinic.api_access.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SignedInSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "clinic.api_access.SignedInSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BlockerSerializer(Shape):
    """One reason why not, in its reader's words."""

    code = serializers.CharField()
    message = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    lifts_when = serializers.CharField(allow_blank=True)
    side_effect = serializers.UUIDField(allow_null=True)


class ProblemSerializer(Shape):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)


class InvalidSerializer(ProblemSerializer):
    """What was sent is not valid: `errors` holds sentences by field."""

    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class RefusalSerializer(ProblemSerializer):
    """Refused by a rule: the rule's blockers come first."""

    blockers = BlockerSerializer(many=True)


class ClinicSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        if self.method != "POST":
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "maxLength": 150, "pattern": "^[ -~]*$"},
                OpenApiParameter.HEADER,
                description="Any text of your own. A repetition with the same key answers the first result.",
            )
        ]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._problems():
            kind = {400: InvalidSerializer, 409: RefusalSerializer}.get(status, ProblemSerializer)
            described = OpenApiResponse(kind, WORDS[status])
            answer = self._get_response_for_code(described, str(status), [PROBLEM])  # type: ignore[no-untyped-call]
            bodies.setdefault(str(status), answer)
        return dict(sorted(bodies.items()))

    def _problems(self) -> list[int]:
        """The problems this operation may answer."""
        writes = self.method in WRITES
        asks = writes or self._is_list_view() or bool(self.get_override_parameters())
        here = {
            400: asks,
            404: "{" in self.path,
            409: writes,
            413: writes,
            415: writes,
            429: self.method in getattr(self.view, "limited", ()),
        }
        return [status for status in WORDS if here.get(status, True)]

    def _get_response_headers_for_code(self, status_code: str, direction: Any = "response") -> dict[str, Any]:
        headers = super()._get_response_headers_for_code(status_code, direction)
        named = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}.get(status_code)
        return {**headers, named: {"schema": {"type": "string"}}} if named else headers
