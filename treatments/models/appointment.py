import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Room, Site, Staff
from patients.models import Patient
from treatments.models.treatment import Family, Treatment


class Status(models.TextChoices):
    BOOKED = "booked", "Booked"
    ON_HOLD = "on-hold", "On hold"
    ARRIVED = "arrived", "Arrived"
    IN_PROGRESS = "in-progress", "In session"
    FULFILLED = "fulfilled", "Seen"
    CANCELLED = "cancelled", "Cancelled"
    NOSHOW = "noshow", "No-show"


# Which step may be taken from which status: DOMAIN.md's table, for the operations that ask and the pages that offer.
STEPS_FROM: dict[str, tuple[Status, ...]] = {
    "move": (Status.BOOKED, Status.ON_HOLD),
    "confirm": (Status.ON_HOLD,),
    "check-in": (Status.BOOKED,),
    "start": (Status.BOOKED, Status.ARRIVED),
    "cancel": (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED),
    "review-instead": (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED),
    "no-show": (Status.BOOKED,),
}

# Those that take up time: no two of one practitioner, room or patient overlap.
LIVE = (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED, Status.IN_PROGRESS)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, staff: Staff) -> "AppointmentQuerySet":
        return self.all() if staff.may("read-patients") else self.none()

    def live(self) -> "AppointmentQuerySet":
        return self.filter(status__in=LIVE)

    def mesotherapy(self) -> "AppointmentQuerySet":
        return self.filter(treatment__family=Family.MESOTHERAPY)

    def overlapping(self, starts_at: dt.datetime, ends_at: dt.datetime) -> "AppointmentQuerySet":
        """Live ones that share time with [starts_at, ends_at); back to back shares none."""
        return self.live().filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def on_day(self, day: dt.date) -> "AppointmentQuerySet":
        """Starting on `day` in the active time zone."""
        begins = timezone.make_aware(dt.datetime.combine(day, dt.time()))
        ends = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
        return self.filter(starts_at__gte=begins, starts_at__lt=ends)

    def with_people(self) -> "AppointmentQuerySet":
        return self.select_related("patient", "treatment", "practitioner", "room", "stood_for", "course")


class Appointment(models.Model):
    """Time set aside. Its status moves along DOMAIN.md's table only (treatments/booking.py; guard c)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Status, default=Status.BOOKED)
    stood_for = models.ForeignKey(
        Treatment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the treatment this review took the place of",
    )
    turned_at = models.DateTimeField(null=True, blank=True, help_text="when it was turned into a review")
    status_before = models.CharField(
        max_length=20, choices=Status, blank=True, editable=False, help_text="what an undo of the last step returns to"
    )
    overlap_allowed = models.BooleanField(
        default=False, editable=False, help_text="its treatment's when it was booked; for the walls, which see one row"
    )
    course = models.ForeignKey(
        "treatments.Course", null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    course_number = models.PositiveSmallIntegerField(null=True, blank=True, help_text="the how manieth of its course")
    cancel_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    history = HistoricalRecords()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="appointment_by_time"),
            models.Index(
                fields=["practitioner", "starts_at"], name="live_by_practitioner", condition=Q(status__in=LIVE)
            ),
            models.Index(fields=["patient", "starts_at"], name="appointment_by_patient"),
            models.Index(fields=["status", "starts_at"], name="appointment_by_status"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_start"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="appointment_status_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.treatment} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE


class Hold(models.Model):
    """Why and how long an appointment was held. Written by guard (b) when the side effect is opened."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="holds")
    side_effect = models.ForeignKey("treatments.SideEffect", on_delete=models.PROTECT, related_name="holds")
    status_before = models.CharField(max_length=20, choices=Status)
    held_from = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["held_from", "id"]
        indexes = [models.Index(fields=["appointment"], name="hold_not_released", condition=Q(held_until=None))]

    def __str__(self) -> str:
        return f"held from {self.held_from:%Y-%m-%d}"
