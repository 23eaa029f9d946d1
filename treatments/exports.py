"""Every list that can be exported, by its code; each stands where the list itself does."""

from clinic.list_exports import ListExport
from patients.exporting import PATIENTS
from treatments.alerts import ALERTS
from treatments.audit_search import AUDIT_EXPORT
from treatments.figures.clearing_pages import TIME_TO_CLEAR
from treatments.figures.lists import FIGURES, FIGURES_PRACTITIONERS
from treatments.figures.watch_pages import FIGURES_WATCH
from treatments.list_files import ABSENCES, LOTS, MESSAGES, PERSON_CHANGES, PRODUCTS, RECALL, UNUSUAL, WORKLISTS
from treatments.lot_trace import LOT_USES
from treatments.people import PEOPLE
from treatments.records import SESSIONS_EXPORT, SIDE_EFFECTS_EXPORT
from treatments.refusal_ledger import REFUSALS_EXPORT
from treatments.retention import RETENTION

_ALL: list[ListExport] = [
    PATIENTS,
    SESSIONS_EXPORT,
    SIDE_EFFECTS_EXPORT,
    AUDIT_EXPORT,
    REFUSALS_EXPORT,
    PEOPLE,
    PERSON_CHANGES,
    ABSENCES,
    RETENTION,
    ALERTS,
    LOT_USES,
    LOTS,
    PRODUCTS,
    RECALL,
    UNUSUAL,
    MESSAGES,
    WORKLISTS,
    FIGURES,
    FIGURES_PRACTITIONERS,
    TIME_TO_CLEAR,
    FIGURES_WATCH,
]

LISTS = {one.code: one for one in _ALL}
