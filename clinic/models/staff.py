import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models.site import Site
from clinic.roles import MANAGER, PERMISSIONS, PRACTITIONER, RECEPTIONIST, ROLES


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Staff":
        staff = self.model(email=email.strip().lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Staff":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class StaffQuerySet(models.QuerySet["Staff"]):
    def active(self) -> "StaffQuerySet":
        return self.filter(is_active=True)

    def practitioners(self) -> "StaffQuerySet":
        return self.active().filter(is_practitioner=True)

    def visible_to(self, staff: "Staff") -> "StaffQuerySet":
        return self.active() if staff.may("read-patients") else self.none()

    def managed_by(self, staff: "Staff") -> "StaffQuerySet":
        """Everybody, those who left too, for who manages people."""
        return self.all() if staff.may("manage-staff") else self.none()

    def in_state(self, state: str) -> "StaffQuerySet":
        """Those whose `Staff.state` this is."""
        if state == Staff.State.DEACTIVATED:
            return self.filter(is_active=False)
        waiting = models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.active().filter(waiting if state == Staff.State.INVITED else ~waiting)


class Staff(AbstractBaseUser, PermissionsMixin):
    """A member of staff, who signs in by email. Roles are three columns, so the guards can ask for one in SQL."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        INVITED = "invited", "Invited"
        DEACTIVATED = "deactivated", "Deactivated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(
        "email address", unique=True, error_messages={"unique": "Somebody has this address already."}
    )
    name = models.CharField(max_length=150)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    is_receptionist = models.BooleanField("receptionist", default=False)
    is_practitioner = models.BooleanField("practitioner", default=False)
    is_manager = models.BooleanField("manager", default=False)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    invited_at = models.DateTimeField(null=True, editable=False, help_text="when the last invitation was mailed")
    deactivated_at = models.DateTimeField(null=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    objects = StaffManager.from_queryset(StaffQuerySet)()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        constraints = [models.UniqueConstraint(Lower("email"), name="staff_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def roles(self) -> list[str]:
        held = {RECEPTIONIST: self.is_receptionist, PRACTITIONER: self.is_practitioner, MANAGER: self.is_manager}
        return [role for role, holds in held.items() if holds]

    @property
    def roles_said(self) -> str:
        return ", ".join(ROLES[role] for role in self.roles)

    @property
    def state_said(self) -> str:
        return str(self.State(self.state).label)

    @property
    def state(self) -> str:
        """Invited: has no password yet, whether the invitation was mailed or is still to be."""
        if not self.is_active:
            return self.State.DEACTIVATED
        return self.State.ACTIVE if self.has_usable_password() else self.State.INVITED

    def may(self, permission: str) -> bool:
        return self.is_active and any(permission in PERMISSIONS[role] for role in self.roles)
