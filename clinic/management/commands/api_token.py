"""Tokens for programs: issued, listed, revoked. Only a hash is kept, so a token is shown once, when it is issued."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff

LONGEST_DAYS = 3660
SHOWN = 8  # characters of a token that name it in lists and in the audit trail


class Command(BaseCommand):
    help = "Issues an API token for a member of staff: the last line printed is the token, which is shown only now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose token it is; it may do what they may")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--days", type=int, default=90, help="how long it holds (90)")
        what.add_argument("--list", action="store_true", help="show their tokens instead")
        what.add_argument("--revoke", metavar="ALL|PREFIX", help="end all, or the one that --list shows so, instead")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = Staff.objects.filter(email__iexact=options["email"].strip()).first()
        if staff is None:
            raise CommandError(f"Nobody has the address {options['email']}. `manage.py create_staff` makes somebody.")
        if options["list"]:
            self._list(staff)
        elif options["revoke"] is not None:
            self._revoke(staff, options["revoke"])
        else:
            self._issue(staff, options["days"])

    def _issue(self, staff: Staff, days: int) -> None:
        if not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"A token holds from 1 to {LONGEST_DAYS} days.")
        if not staff.is_active:
            raise CommandError(f"{staff.name} is not active, so a token would open nothing.")
        if not staff.roles:
            raise CommandError(f"{staff.name} has no role, so a token would open nothing. A manager gives roles.")
        with transaction.atomic():
            kept, token = AuthToken.objects.create(user=staff, expiry=dt.timedelta(days=days))
            _record(AuditEvent.Kind.TOKEN_ISSUED, kept)
        self.stdout.write(f"A token of {staff.name}, until {timezone.localtime(kept.expiry):%Y-%m-%d %H:%M}:")
        self.stdout.write(token)

    def _list(self, staff: Staff) -> None:
        tokens = AuthToken.objects.filter(user=staff).order_by("created")
        for kept in tokens:
            self.stdout.write(f"{kept.token_key[:SHOWN]}  issued {kept.created:%Y-%m-%d}, {_until(kept)}")
        if not tokens:
            self.stdout.write(f"{staff.name} has no token.")

    def _revoke(self, staff: Staff, which: str) -> None:
        tokens = AuthToken.objects.filter(user=staff)
        if which != "ALL":
            if len(which) < SHOWN:
                raise CommandError(f"Give ALL, or the {SHOWN} characters that --list shows.")
            # What is kept of a token to find it by is its beginning; more than that may be given, never less.
            tokens = tokens.filter(token_key__startswith=which[:15])
        with transaction.atomic():
            ended = list(tokens)
            if not ended and which != "ALL":
                raise CommandError(f"{staff.name} has no token that begins with {which[:SHOWN]}.")
            for kept in ended:
                _record(AuditEvent.Kind.TOKEN_REVOKED, kept)
                kept.delete()
        self.stdout.write(f"Revoked: {len(ended)}.")


def _until(kept: AuthToken) -> str:
    if kept.expiry is None:
        return "without an end"
    return f"{'expired' if kept.expiry <= timezone.now() else 'until'} {kept.expiry:%Y-%m-%d}"


def _record(kind: str, kept: AuthToken) -> None:
    until = kept.expiry.isoformat() if kept.expiry else None
    record_event(kind, subject="staff", subject_id=kept.user_id, token=kept.token_key[:SHOWN], until=until)
