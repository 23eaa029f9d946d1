"""Lots of the catalogue's products: listed, received, put in quarantine and released."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.api_lists import KeysetPagination
from treatments.api.fields import Day, Moment, Related
from treatments.lots import quarantine_lot, receive_lot, release_lot
from treatments.models import Lot, Product


class LotFilter(Shape):
    usable = serializers.BooleanField(
        required=False,
        help_text="Leaves only those that a session of today could take: not expired, not in quarantine.",
    )
    number = serializers.CharField(required=False, max_length=60)


class LotInput(Shape):
    product = Related(lambda staff: Product.objects.visible_to(staff), "product")
    number = serializers.CharField(max_length=60)
    expires_on = Day(help_text="The last day on which it may be used.")
    dose = serializers.ChoiceField(Lot.Dose.choices, default=Lot.Dose.SINGLE.value)


class Reason(Shape):
    reason = serializers.CharField(max_length=300)


class LotSerializer(Shape):
    id = serializers.UUIDField()
    product = serializers.UUIDField(source="product_id")
    product_name = serializers.CharField(source="product.name")
    gtin = serializers.CharField(source="product.gtin", allow_blank=True)
    use = serializers.ChoiceField(Product.Use.choices, source="product.use")
    number = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True, help_text="Null in records from before lots; cannot be used.")
    dose = serializers.ChoiceField(Lot.Dose.choices)
    opened_at = Moment(allow_null=True)
    quarantined_at = Moment(allow_null=True)
    quarantine_reason = serializers.CharField(allow_blank=True)


class Lots(ClinicView):
    needs = {"GET": "receive-lots", "POST": "receive-lots"}
    pagination_class = KeysetPagination

    @extend_schema(parameters=[LotFilter], responses=LotSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Lots, by number."""
        asked = self.asked(LotFilter)
        lots = Lot.objects.visible_to(self.staff).select_related("product")
        if asked.get("usable"):
            lots = lots.usable_on(timezone.localdate())
        if "number" in asked:
            lots = lots.filter(number=asked["number"])
        return self.page(LotSerializer, lots.order_by("number", "id"))

    @extend_schema(request=LotInput, responses={201: LotSerializer})
    def post(self, request: Request) -> Response:
        """Take a lot in."""
        return self.answer(LotSerializer, self.perform(receive_lot, **self.sent(LotInput)), status=201)


class Quarantine(ClinicView):
    needs = {"POST": "receive-lots"}

    @extend_schema(request=Reason, responses=LotSerializer)
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """From this moment no session takes it; what was written before stays."""
        return self._step(quarantine_lot, id)

    def _step(self, operation: Any, id: uuid.UUID) -> Response:
        lot = get_object_or_404(Lot.objects.visible_to(self.staff), pk=id)
        return self.answer(LotSerializer, self.perform(operation, lot=lot, through=self.request, **self.sent(Reason)))


class Release(Quarantine):
    needs = {"POST": "manage-clinic"}

    @extend_schema(request=Reason, responses=LotSerializer)
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Out of quarantine, with the reason."""
        return self._step(release_lot, id)
