"""Who may do what: one table, DOMAIN.md section 3. A person can hold several roles; a superuser has none by that."""

RECEPTIONIST, PRACTITIONER, MANAGER = "receptionist", "practitioner", "manager"

ROLES = {RECEPTIONIST: "Receptionist", PRACTITIONER: "Practitioner", MANAGER: "Manager"}

PERMISSIONS: dict[str, frozenset[str]] = {
    RECEPTIONIST: frozenset(
        {"read-patients", "edit-patients", "book", "work-lists", "report-concern"},
    ),
    PRACTITIONER: frozenset(
        {
            "read-patients",
            "edit-patients",
            "book",
            "work-lists",
            "report-concern",
            "read-clinical",
            "treat",
            "judge-side-effects",
        },
    ),
    MANAGER: frozenset(
        {"read-patients", "read-clinical", "read-audit", "manage-clinic"},
    ),
}
