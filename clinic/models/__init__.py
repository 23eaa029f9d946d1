from clinic.models.audit_event import AuditEvent
from clinic.models.audit_seal import AuditSeal
from clinic.models.browser import KeptForm, KnownBrowser
from clinic.models.calendar_address import CalendarAddress
from clinic.models.export import Export
from clinic.models.hours import Absence, ClosedDay, Weekday, WorkingHours
from clinic.models.idempotency_key import IdempotencyKey
from clinic.models.integrity_check import IntegrityCheck
from clinic.models.refusal import Refusal
from clinic.models.saved_filter import SavedFilter
from clinic.models.sign_in_session import SignInSession
from clinic.models.site import Room, Site
from clinic.models.staff import Staff

__all__ = [
    "Absence",
    "AuditEvent",
    "AuditSeal",
    "CalendarAddress",
    "ClosedDay",
    "Export",
    "IdempotencyKey",
    "IntegrityCheck",
    "KeptForm",
    "KnownBrowser",
    "Refusal",
    "Room",
    "SavedFilter",
    "SignInSession",
    "Site",
    "Staff",
    "Weekday",
    "WorkingHours",
]
