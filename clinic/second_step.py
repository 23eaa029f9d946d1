"""The second step of the sign-in: who must have one, what is written down of it, and what is done when it is lost."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from clinic.audit import record_event
from clinic.models import AuditEvent, SignInSession, Staff
from clinic.security_mail import tell

# Recovery codes only stand in for one of these.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
WORDS = {
    Authenticator.Type.TOTP: "an authenticator app",
    Authenticator.Type.WEBAUTHN: "a passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}
# In the session: this person has been seen to have one, so that not every page asks the database again. It cannot become
# untrue: nobody who needs one removes their last, a reset ends all sessions, and adding one ends all but that session.
SEEN_TO_HAVE_ONE = "second-step"
NOT_YOU = "If it was not you, change your password now and tell a manager."


def needs_second_step(staff: Staff) -> bool:
    """By role (MFA_REQUIRED_FOR); never in the demo, whose passwords are public anyway."""
    return not settings.DEMO and any(role in settings.MFA_REQUIRED_FOR for role in staff.roles)


def has_second_step(staff: Staff) -> bool:
    return bool(Authenticator.objects.filter(user=staff, type__in=STEPS).exists())


def must_enrol(request: HttpRequest) -> bool:
    """Whether they are signed in without the second step that their role asks for."""
    staff: Staff = request.user  # type: ignore[assignment]
    if not needs_second_step(staff) or request.session.get(SEEN_TO_HAVE_ONE):
        return False
    if has_second_step(staff):
        request.session[SEEN_TO_HAVE_ONE] = True
        return False
    return True


def may_remove(authenticator: Authenticator) -> bool:
    """Not the only one that stands between a password and what their role may do."""
    if authenticator.type not in STEPS or not needs_second_step(authenticator.user):
        return True
    others = Authenticator.objects.filter(user=authenticator.user, type__in=STEPS).exclude(pk=authenticator.pk)
    return bool(others.exists())


@transaction.atomic
def reset_second_step(*, staff: Staff, by: Staff | None, request: HttpRequest | None = None) -> int:
    """For who has lost theirs: all of it goes, their sessions end, and they set it up anew at the next sign-in.

    Make sure first, in person or by a number that you know, that it is them who ask. Returns how many were removed.
    `by` is None at the command line only: the way back in for a clinic's only manager.

    Raises PermissionDenied; ValidationError: nobody resets their own, or one that is not there.
    """
    if by is not None and not by.may("manage-staff"):
        raise PermissionDenied("Your role may not do this.")
    if by is not None and by.pk == staff.pk:
        raise ValidationError("Nobody resets their own second step; ask another manager.")
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    removed = list(Authenticator.objects.filter(user=staff))
    if not removed:
        raise ValidationError(f"{staff.name} has no second step to reset.")
    Authenticator.objects.filter(user=staff).delete()
    SignInSession.objects.filter(staff=staff).delete()
    _record(staff, "reset", actor=by, request=request, steps=sorted(one.type for one in removed))
    who = by.name if by else "Whoever runs the server"
    words = f"{who} has removed the second step of your sign-in and signed you out everywhere, as when a phone is lost."
    then = " You are asked to set it up anew when you sign in." if needs_second_step(staff) else ""
    _tell_later(
        staff, "Your second step was reset", f"{words}{then}\n\nIf you did not ask for this, tell a manager now."
    )
    return len(removed)


def _record(staff: Staff, change: str, *, actor: Staff | None, request: HttpRequest | None, **details: Any) -> None:
    kind = AuditEvent.Kind.SECOND_STEP_CHANGED
    record_event(kind, request=request, actor=actor, subject="staff", subject_id=staff.pk, change=change, **details)


def _tell_later(staff: Staff, subject: str, words: str) -> None:
    transaction.on_commit(lambda: tell(staff, subject, words))


# --- What allauth says happened -----------------------------------------------------------------------------------------
@receiver(authenticator_added)
def _added(sender: Any, request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    ended = 0
    if authenticator.type in STEPS:
        # Whoever signed in by the password alone has shown no second step, and may be somebody who only knows the password.
        others = SignInSession.objects.filter(staff=user).exclude(session_key=request.session.session_key or "")
        ended, _ = others.delete()
    _record(user, "added", actor=user, request=request, step=authenticator.type, ended=ended)
    if authenticator.type in STEPS:
        what = WORDS[authenticator.type]
        _tell_later(user, "Second step added", f"From now on {what} is a second step of your sign-in.\n\n{NOT_YOU}")


@receiver(authenticator_removed)
def _removed(sender: Any, request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "removed", actor=user, request=request, step=authenticator.type)
    if authenticator.type in STEPS:
        what = WORDS[authenticator.type].capitalize()
        _tell_later(user, "Second step removed", f"{what} was removed from your sign-in.\n\n{NOT_YOU}")


@receiver(authenticator_reset)
def _codes_made(sender: Any, request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    _record(user, "codes-made", actor=user, request=request, step=authenticator.type)
    _tell_later(user, "New recovery codes", f"New recovery codes were made. The old ones do not work.\n\n{NOT_YOU}")


@receiver(authenticator_used)
def _used(sender: Any, request: HttpRequest, user: Staff, authenticator: Authenticator, **_: Any) -> None:
    # An app or a passkey is used each day, and the sign-in itself is in the trail; a recovery code is worth a line.
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # allauth marked the code as used on a copy of its own
        left = len(authenticator.wrap().get_unused_codes())
        _record(user, "code-used", actor=user, request=request, step=authenticator.type, left=left)
        words = f"A recovery code was used to confirm that it is you. {left} are left."
        _tell_later(user, "Recovery code used", f"{words}\n\n{NOT_YOU}")


@receiver(authentication_failed)
def _failed(sender: Any, request: HttpRequest, user: Staff, **_: Any) -> None:
    record_failed_step(request, user, "code")


def record_failed_step(request: HttpRequest, staff: Staff | None, step: str) -> None:
    """A second step that was not right: `step` is code or passkey. What was typed is not kept."""
    kind, found = AuditEvent.Kind.SIGN_IN_FAILED, staff.pk if staff else None
    record_event(kind, request=request, subject="staff", subject_id=found, code="second-step", step=step)


@receiver([password_changed, password_set, password_reset])
def _password_changed(sender: Any, request: HttpRequest, user: Staff, **_: Any) -> None:
    """Whoever knew the old one is out, in every browser but this."""
    mine = request.session.session_key if request.user == user else None
    others = SignInSession.objects.filter(staff=user).exclude(session_key=mine or "")
    ended, _ = others.delete()
    kind = AuditEvent.Kind.STAFF_CHANGED
    record_event(
        kind, request=request, actor=user, subject="staff", subject_id=user.pk, change="password-changed", ended=ended
    )
    _tell_later(
        user,
        "Your password was changed",
        "Your password was changed, and every other browser was signed out.\n\nIf it was not you, set a new one by "
        "“Forgotten password” at the sign-in, and tell a manager.",
    )
