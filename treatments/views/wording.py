"""How a time reads in a message."""

import datetime as dt

from django.utils import timezone

from clinic.wording import short_day


def day_and_time(moment: dt.datetime) -> str:
    """“Tue 3 Nov 10:00”, in the reader's time zone."""
    local = timezone.localtime(moment)
    return f"{local:%a} {short_day(local.date())} {local:%H:%M}"
