"""Every address. The only file of `clinic` that knows the apps above it."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from clinic.errors import not_found
from clinic.views import invitations, passkeys, security, signed_in


def healthz(request: HttpRequest) -> HttpResponse:
    """For a load balancer: the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def favicon(request: HttpRequest) -> HttpResponse:
    """Asked for by browsers on pages that are not ours to head, such as the admin."""
    return redirect(static("clinic/favicon.svg"))


urlpatterns = [
    path("healthz", healthz),
    path("accounts/invitation/<uuid:staff_id>/<str:signature>/", invitations.opened, name="invitation"),
    path("accounts/invitation/", invitations.choose_password, name="invitation-password"),
    # Addresses are changed by a manager, on the person's page, where the trail sees it.
    path("accounts/email/", not_found, {"exception": Http404()}),
    path("favicon.ico", favicon),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", passkeys.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("security/", security.security, name="security"),
    path("security/sessions/end-others/", security.end_others, name="security-end-others"),
    path("security/sessions/<slug:name>/end/", security.end_one, name="security-session-end"),
    path("security/tokens/<slug:name>/revoke/", security.end_token, name="security-token-revoke"),
    path("security/browsers/<uuid:browser_id>/forget/", security.forget_browser, name="security-browser-forget"),
    path("signed-in/left/", signed_in.left, name="signed-in-left"),
    path("signed-in/stay/", signed_in.stay, name="signed-in-stay"),
    path("signed-in/keep/", signed_in.keep, name="signed-in-keep"),
    path("kept/<uuid:kept_id>/", signed_in.kept_form, name="kept-form"),
    path("kept/<uuid:kept_id>/save/", signed_in.save_kept, name="kept-form-save"),
    path("kept/<uuid:kept_id>/discard/", signed_in.discard_kept, name="kept-form-discard"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("treatments.api.urls")),
    path("", include("patients.urls")),
    path("", include("treatments.urls")),
]

handler400 = "clinic.errors.bad_request"
handler403 = "clinic.errors.forbidden"
handler404 = "clinic.errors.not_found"
handler429 = "clinic.errors.too_often"  # allauth asks for it
handler500 = "clinic.errors.server_error"
