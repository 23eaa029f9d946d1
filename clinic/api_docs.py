"""Where the API's description is served. Apart from clinic/openapi.py: drf_spectacular's views ask for that while imported."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class Schema(SpectacularAPIView):
    """The API in OpenAPI's words, YAML or (`?format=json`) JSON."""

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        _in_json(self.request)
        return response


class Docs(SpectacularSwaggerSplitView):
    """The same to look through and try, for somebody who is signed in. Everything comes from here: no other host."""

    template_name = "clinic/api_docs.html"

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
            return redirect_to_login(self.request.get_full_path(), settings.LOGIN_URL)
        response = super().handle_exception(exc)
        _in_json(self.request)
        return response


def _in_json(request: Any) -> None:
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
