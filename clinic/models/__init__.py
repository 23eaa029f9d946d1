from clinic.models.audit_event import AuditEvent
from clinic.models.idempotency_key import IdempotencyKey
from clinic.models.refusal import Refusal
from clinic.models.site import Room, Site
from clinic.models.staff import Staff

__all__ = ["AuditEvent", "IdempotencyKey", "Refusal", "Room", "Site", "Staff"]
