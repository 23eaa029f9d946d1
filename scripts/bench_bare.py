"""What the API is held against: DRF views that do the least that could be called the same work, and not one thing more.

No serializers, permissions by role, audit, history, words or idempotency; the token is found in one statement (knox's
own class takes two), and lists are `values()`, not models. They stand in an address book of their own, so that the
product's is measured as it is.
"""

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import transaction
from django.test.utils import override_settings
from django.urls import path
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.models import Staff
from patients.models import Patient
from treatments.models import Appointment, SideEffect

REFERENCES = ("patient", "treatment", "practitioner", "room", "site", "stood_for")
FIELDS = ("id", *REFERENCES, "starts_at", "ends_at", "status", "cancel_reason")
BLOCKING = ("bruising", "infection")
VISIT = dt.timedelta(minutes=60)


class Token(TokenAuthentication):
    def authenticate_credentials(self, token: bytes) -> tuple[Staff, AuthToken]:
        found = AuthToken.objects.select_related("user").filter(digest=hash_token(token.decode())).first()
        if found is None or not found.user.is_active or found.expiry <= timezone.now():
            raise AuthenticationFailed
        return found.user, found


class BareView(APIView):
    authentication_classes = (Token,)
    permission_classes = (IsAuthenticated,)
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()


class Bruised(APIException):
    status_code = HTTPStatus.CONFLICT


def is_bruised(patient: Any) -> bool:
    return SideEffect.objects.filter(patient=patient, kind__in=BLOCKING, closing_review=None, error_at=None).exists()


class Appointments(BareView):
    def get(self, request: Request) -> Response:
        """One statement: the first hundred of a day."""
        begins = timezone.make_aware(dt.datetime.fromisoformat(request.query_params["date"]))
        day = Appointment.objects.filter(starts_at__gte=begins, starts_at__lt=begins + dt.timedelta(days=1))
        return Response({"results": list(day.order_by("starts_at", "id").values(*FIELDS)[:100])})

    def post(self, request: Request) -> Response:
        """Three statements: the patient's lock, the rule's question, and the row (skipping its history)."""
        sent = request.data
        starts_at = dt.datetime.fromisoformat(sent["starts_at"])
        with transaction.atomic():
            Patient.objects.select_for_update(no_key=True).only("pk").get(pk=sent["patient"])
            if is_bruised(sent["patient"]):
                raise Bruised
            made = Appointment(
                patient_id=sent["patient"],
                treatment_id=sent["treatment"],
                practitioner_id=sent["practitioner"],
                room_id=sent["room"],
                site_id=request.user.site_id,
                starts_at=starts_at,
                ends_at=starts_at + VISIT,
                created_by=request.user,
            )
            made.skip_history_when_saving = True
            made.save(force_insert=True)
        said = {name: getattr(made, made._meta.get_field(name).attname) for name in FIELDS}
        return Response(said, status=HTTPStatus.CREATED)


class Eligibility(BareView):
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One statement: is anything open?"""
        return Response({"allowed": not is_bruised(id)})


# Below /api/, which the product's middleware leaves to the views' own sign-in.
urlpatterns = [
    path("api/v1/appointments/", Appointments.as_view()),
    path("api/v1/patients/<uuid:id>/eligibility/", Eligibility.as_view()),
]


class BareRequest(WSGIRequest):
    urlconf = __name__


class BareHandler(WSGIHandler):
    request_class = BareRequest


def bare_handlers() -> tuple[WSGIHandler, WSGIHandler]:
    """The bare views behind all of the product's middleware, and behind none."""
    with override_settings(MIDDLEWARE=[]):
        alone = BareHandler()
    return BareHandler(), alone
