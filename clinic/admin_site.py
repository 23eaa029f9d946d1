"""The admin signs in through the same sign-in as every page; what it may edit is listed in the apps' admin.py."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic.admin_site.ClinicAdminSite"


class ClinicAdminSite(AdminSite):
    site_header = site_title = "Allclear: catalogue and staff"
    index_title = "What the clinic is made of"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.may("manage-clinic")

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:  # type: ignore[type-arg]
        if request.user.is_authenticated:
            return HttpResponseRedirect(reverse("today"))
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
