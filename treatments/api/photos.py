"""Photos of side effects: taken in, listed, and read one at a time."""

import uuid

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape, TooLarge
from clinic.api_lists import KeysetPagination
from clinic.models import AuditEvent
from treatments.api.fields import Moment
from treatments.api.side_effects import clinical_side_effect
from treatments.images import MAX_BYTES
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photo_files import StorageAway, open_stored
from treatments.photos import PhotoTooLarge, take_in_photo


class Away(APIException):
    status_code = 503


class PhotoInput(Shape):
    image = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC; at most 25 MB.")
    taken_at = Moment(
        required=False,
        allow_null=True,
        help_text="Else the camera's clock counts, or where that cannot be right, ours.",
    )


class PhotoSerializer(Shape):
    id = serializers.UUIDField()
    side_effect = serializers.UUIDField(source="side_effect_id")
    taken_at = Moment()
    uploaded_at = Moment()
    uploaded_by = serializers.UUIDField(source="uploaded_by_id")
    state = serializers.ChoiceField(Photo.State.choices, help_text="The picture is there to be read once it is ready.")
    problem = serializers.CharField(help_text="Why it could not be read; else empty.")


class FileFilter(Shape):
    size = serializers.ChoiceField(PhotoFile.Size.choices, default=PhotoFile.Size.DISPLAY.value)


class Photos(ClinicView):
    needs = {"POST": "judge-side-effects"}
    pagination_class = KeysetPagination
    parser_classes = [MultiPartParser]
    throttle_scope = "photos"
    limited = ("POST",)
    # A form has a little beside its file.
    largest_body = MAX_BYTES + 2**20

    @extend_schema(responses=PhotoSerializer(many=True))
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """The side effect's photos, the oldest first. Not there for a receptionist."""
        side_effect = clinical_side_effect(self.staff, id)
        page = self.page(PhotoSerializer, Photo.objects.visible_to(self.staff).filter(side_effect=side_effect))
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ, patient_id=side_effect.patient_id, subject="photos", subject_id=id
        )
        return page

    @extend_schema(request={"multipart/form-data": PhotoInput}, responses={200: PhotoSerializer, 202: PhotoSerializer})
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Add a photo. It is made ready beside the requests, most times within seconds: 202 until then; ask for its state.

        Without the patient's consent to photos for care it is refused; the same file twice is one photo (200 once ready).
        """
        side_effect = get_object_or_404(SideEffect.objects.visible_to(self.staff), pk=id)
        sent = self.sent(PhotoInput)
        sent["image"].seek(0)
        try:
            photo = self.perform(take_in_photo, side_effect=side_effect, **sent)
        except PhotoTooLarge as error:
            raise TooLarge(str(error)) from error
        except StorageAway as error:
            raise Away(str(error)) from error
        waits = photo.state == Photo.State.DEVELOPING
        return self.answer(PhotoSerializer, photo, status=202 if waits else 200)


class OnePhoto(ClinicView):
    @extend_schema(responses=PhotoSerializer)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One photo and its state. Not there for a receptionist."""
        photo = get_object_or_404(Photo.objects.visible_to(self.staff).select_related("side_effect"), pk=id)
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ,
            patient_id=photo.side_effect.patient_id,
            subject="photo",
            subject_id=photo.pk,
        )
        return self.answer(PhotoSerializer, photo)


class PhotoFiles(ClinicView):
    @extend_schema(parameters=[FileFilter], responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: uuid.UUID) -> FileResponse:
        """The picture itself, once it is ready. That it was opened is kept in the audit trail. Not there for a receptionist."""
        photo = get_object_or_404(Photo.objects.visible_to(self.staff).select_related("side_effect"), pk=id)
        size = self.asked(FileFilter)["size"]
        file = get_object_or_404(photo.files, size=size)
        try:
            # Never by a redirect to a bucket: a client would send its token along.
            picture = open_stored(file.name)
        except FileNotFoundError as error:
            raise NotFound from error
        self.keep_reading(
            AuditEvent.Kind.PHOTO_READ,
            patient_id=photo.side_effect.patient_id,
            subject="photo",
            subject_id=photo.pk,
            size=size,
        )
        response = FileResponse(picture, filename=f"photo-{size}.jpg", content_type="image/jpeg")
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response
