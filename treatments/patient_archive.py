"""All that is kept of one patient, in one archive."""

import datetime as dt
from collections.abc import Callable
from typing import IO

from clinic.models import Staff
from patients.models import Patient


def write_archive(
    patient: Patient, *, by: Staff, file: IO[bytes], note: Callable[[int], None], now: dt.datetime
) -> int:
    raise NotImplementedError
