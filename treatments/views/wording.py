"""How a time reads in a message."""

import datetime as dt

from django.utils import timezone

from clinic.wording import short_day
from treatments.models import Hold, SideEffect


def day_and_time(moment: dt.datetime) -> str:
    """“Tue 3 Nov 10:00”, in the reader's time zone."""
    local = timezone.localtime(moment)
    return f"{local:%a} {short_day(local.date())} {local:%H:%M}"


def held_words(side_effect: SideEffect) -> str:
    """“ 2 booked mesotherapy appointments are now on hold.”, by this one and what was opened with it."""
    held = Hold.objects.filter(appointment__patient=side_effect.patient_id, held_from=side_effect.recorded_at)
    count = held.values("appointment").distinct().count()
    if not count:
        return ""
    appointments = "appointment is" if count == 1 else "appointments are"
    return f" {count} booked mesotherapy {appointments} now on hold."
