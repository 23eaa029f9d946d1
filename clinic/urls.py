"""Every address. The only file of `clinic` that knows the apps above it."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from clinic.errors import not_found


def healthz(request: HttpRequest) -> HttpResponse:
    """For a load balancer: the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def favicon(request: HttpRequest) -> HttpResponse:
    """Asked for by browsers on pages that are not ours to head, such as the admin."""
    return redirect(static("clinic/favicon.svg"))


urlpatterns = [
    path("healthz", healthz),
    # Addresses are changed by a manager, in the admin, where the trail sees it.
    path("accounts/email/", not_found, {"exception": Http404()}),
    path("favicon.ico", favicon),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("treatments.api.urls")),
    path("", include("patients.urls")),
    path("", include("treatments.urls")),
]

handler400 = "clinic.errors.bad_request"
handler403 = "clinic.errors.forbidden"
handler404 = "clinic.errors.not_found"
handler500 = "clinic.errors.server_error"
