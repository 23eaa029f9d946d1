"""A member of staff, made from the command line: the first manager, for one."""

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.models import Site, Staff
from clinic.roles import ROLES
from clinic.staffing import create_staff


class Command(BaseCommand):
    help = "Makes a member of staff, with their roles. Asks for a password where there is somebody to ask."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="what they sign in with")
        parser.add_argument("--name", required=True, help="as others read it")
        parser.add_argument(
            "--role", action="append", required=True, choices=list(ROLES), dest="roles", help="may be given again"
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from the first line of stdin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip().lower(), options["name"].strip()
        if Staff.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} is somebody's address already; nothing was changed.")
        try:
            password = self._password(Staff(email=email, name=name), from_stdin=options["password_stdin"])
            staff = create_staff(
                email=email, name=name, roles=options["roles"], password=password, site=_the_only_site()
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{staff.name} <{staff.email}> is {' and '.join(staff.roles)} now.")
        if password is None:
            self.stdout.write(f"They cannot sign in yet. To set a password: manage.py changepassword {staff.email}")

    def _password(self, staff: Staff, *, from_stdin: bool) -> str | None:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
            if not password:
                raise CommandError("There is no password on stdin; nothing was changed.")
        elif sys.stdin.isatty():
            password = getpass("Password (nothing: set one later): ")
            if not password:
                return None
            if getpass("The same again: ") != password:
                raise CommandError("The two were not the same; nothing was changed.")
        else:
            return None
        validate_password(password, staff)
        return password


def _the_only_site() -> Site | None:
    """Where there is one site there is nothing to choose."""
    sites = list(Site.objects.filter(is_active=True)[:2])
    return sites[0] if len(sites) == 1 else None
