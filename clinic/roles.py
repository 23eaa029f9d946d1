"""Who may do what: one table, DOMAIN.md section 3. A person can hold several roles; a superuser has none by that."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from clinic.models import Staff

RECEPTIONIST, PRACTITIONER, MANAGER = "receptionist", "practitioner", "manager"

ROLES = {RECEPTIONIST: "Receptionist", PRACTITIONER: "Practitioner", MANAGER: "Manager"}

PERMISSIONS: dict[str, frozenset[str]] = {
    RECEPTIONIST: frozenset(
        {
            "read-patients",
            "edit-patients",
            "merge-patients",
            "book",
            "record-absence",
            "work-lists",
            "report-concern",
            "tell-of-recalls",
        },
    ),
    PRACTITIONER: frozenset(
        {
            "read-patients",
            "edit-patients",
            "merge-patients",
            "book",
            "record-absence",
            "work-lists",
            "report-concern",
            "tell-of-recalls",
            "read-clinical",
            "treat",
            "receive-lots",
            "export-charts",
            "judge-side-effects",
            "acknowledge-alerts",
        },
    ),
    MANAGER: frozenset(
        {
            "read-patients",
            "read-clinical",
            "read-audit",
            "manage-clinic",
            "record-absence",
            "import-patients",
            "export-patients",
            "receive-lots",
            "export-charts",
            "review-records",
            "read-figures",
            "manage-staff",
            "recall-lots",
            "tell-of-recalls",
            "export-lists",
            "export-patient-data",
            "erase-contact-data",
            "acknowledge-alerts",
        },
    ),
}


def require(staff: "Staff", permission: str) -> None:
    """Raises PermissionDenied unless one of their roles has it; the doors answer 403."""
    if not staff.may(permission):
        raise PermissionDenied("Your role may not do this.")
