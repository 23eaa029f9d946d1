from clinic.models.audit_event import AuditEvent
from clinic.models.calendar_address import CalendarAddress
from clinic.models.hours import Absence, ClosedDay, Weekday, WorkingHours
from clinic.models.idempotency_key import IdempotencyKey
from clinic.models.refusal import Refusal
from clinic.models.site import Room, Site
from clinic.models.staff import Staff

__all__ = [
    "Absence",
    "AuditEvent",
    "CalendarAddress",
    "ClosedDay",
    "IdempotencyKey",
    "Refusal",
    "Room",
    "Site",
    "Staff",
    "Weekday",
    "WorkingHours",
]
