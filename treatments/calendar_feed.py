"""A practitioner's diary as iCalendar: times, initials and treatment, nothing else."""

import datetime as dt
import functools
import zoneinfo

from icalendar import Calendar, Event, Timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.models import Appointment
from treatments.models.appointment import Status

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=366)
EVERY = dt.timedelta(minutes=15)


def calendar_of(staff: Staff, *, now: dt.datetime) -> bytes:
    """Sixty days back to a year ahead, without what was cancelled; on hold is tentative. One statement."""
    appointments = (
        Appointment.objects.filter(practitioner=staff, starts_at__gte=now - BACK, starts_at__lt=now + AHEAD)
        .exclude(status=Status.CANCELLED)
        .select_related("patient", "treatment", "site")
        .only(
            "starts_at",
            "ends_at",
            "status",
            "patient__given_name",
            "patient__family_name",
            "treatment__name",
            "site__time_zone",
        )
    )
    calendar = Calendar()
    calendar.add("prodid", "-//Allclear//diary//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Allclear: {staff.name}")
    calendar.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    events = [_event(one, now) for one in appointments]
    for name in sorted({one.site.time_zone for one in appointments}):
        calendar.add_component(_zone(name, now.year))
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def initials(patient: Patient) -> str:
    """“A. O.”"""
    return " ".join(
        f"{name.strip()[:1].upper()}." for name in (patient.given_name, patient.family_name) if name.strip()
    )


def _event(appointment: Appointment, now: dt.datetime) -> Event:
    zone = zoneinfo.ZoneInfo(appointment.site.time_zone)
    event = Event()
    event.add("uid", f"{appointment.pk}@allclear")
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add("summary", f"{initials(appointment.patient)} · {appointment.treatment.name}")
    event.add("status", "TENTATIVE" if appointment.status == Status.ON_HOLD else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


@functools.lru_cache(maxsize=64)
def _zone(name: str, year: int) -> Timezone:
    """The zone's rules for the years a feed spans; working them out takes longer than all the rest."""
    return Timezone.from_tzinfo(
        zoneinfo.ZoneInfo(name), name, first_date=dt.date(year - 2, 1, 1), last_date=dt.date(year + 3, 1, 1)
    )
