"""Every list that can be exported, by its code; each stands where the list itself does."""

from clinic.list_exports import ListExport
from patients.exporting import PATIENTS

_ALL: list[ListExport] = [
    PATIENTS,
]

LISTS = {one.code: one for one in _ALL}
