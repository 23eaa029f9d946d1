"""Catalogue-like data can be edited here by a manager; the rest is shown and never changed, and reading it is audited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Refusal, Room, Site, Staff


def _manages(request: HttpRequest) -> bool:
    return isinstance(request.user, Staff) and request.user.may("manage-clinic")


class _AsksLittle(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list is narrowed by the filters it shows, and by id, and by nothing else that an address could name: Django lets
    one ask for any column of the row, so that a password's hash could be guessed letter by letter, or a pattern searched."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        asked, _, how = lookup.partition("__")
        return asked in ("id", *self.list_filter) and how in ("", "exact", "isnull")


class ManagerEdits(_AsksLittle):
    """Added and changed by managers, never deleted; the history names them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _manages(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _manages(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_by(obj, request.user)  # type: ignore[arg-type]


class ReadOnly(_AsksLittle):
    """Shown and never changed; opening a row is an audit event."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _manages(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _manages(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _manages(request):
            record_event(AuditEvent.Kind.RECORD_READ, request=request, subject=self.opts.model_name or "", row="list")
        return super().changelist_view(request, *args, **kwargs)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and _manages(request):
            patient = getattr(row, "patient_id", None) or (row.pk if self.opts.model_name == "patient" else None)
            record_event(
                AuditEvent.Kind.RECORD_READ,
                request=request,
                patient_id=patient,
                subject=self.opts.model_name or "",
                row=str(row.pk),
            )
        return super().change_view(request, object_id, *args, **kwargs)


@admin.register(Staff)
class StaffAdmin(ReadOnly):
    """People are kept on their own pages, where the last manager stays and sessions end; here they are shown."""

    fields = ["email", "name", "site", "held_roles", "is_active", "last_login"]
    list_display = ["name", "email", "site", "held_roles", "is_active"]
    search_fields = ["name", "email"]

    @admin.display(description="roles")
    def held_roles(self, staff: Staff) -> str:
        return staff.roles_said


admin.site.register([Site, Room], ManagerEdits)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ["at", "kind", "actor", "door", "subject"]
    list_filter = ["kind", "door"]
    list_select_related = ["actor"]


@admin.register(Refusal)
class RefusalAdmin(ReadOnly):
    list_display = ["at", "by", "door", "operation", "code"]
    list_filter = ["code", "door"]
    list_select_related = ["by"]
