"""The admin signs in through the same sign-in as every page; what it may edit is listed in the apps' admin.py."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

OWN_APPS = ("clinic", "patients", "treatments")


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic.admin_site.ClinicAdminSite"


class ClinicAdminSite(AdminSite):
    site_header = site_title = "Allclear: catalogue and staff"
    index_title = "What the clinic is made of"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only this house's own: tokens, second factors and groups of the packages are not handled by hand."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        own = [model for model in models if model.__module__.partition(".")[0] in OWN_APPS]
        super().register(own, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Without the way to a row's own page by numbers: no model names such a page, and an id that is none would be an error."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and request.user.may("manage-clinic")

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:  # type: ignore[type-arg]
        if request.user.is_authenticated:
            return HttpResponseRedirect(reverse("today"))
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
