"""Training for mesotherapy, recorded from the command line: without it nobody is booked for it or starts it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.models import Staff
from treatments.training import record_training


class Command(BaseCommand):
    help = "Records that a member of staff is trained for mesotherapy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="who is trained")
        parser.add_argument("--certificate", required=True, help="who issued it, and its number")
        parser.add_argument("--from", required=True, type=day, dest="valid_from", metavar="YYYY-MM-DD")
        parser.add_argument(
            "--until", required=True, type=day, dest="valid_until", metavar="YYYY-MM-DD", help="the last day it holds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        staff = Staff.objects.filter(email__iexact=options["email"].strip()).first()
        if staff is None:
            raise CommandError(f"Nobody has the address {options['email']}. `manage.py create_staff` makes somebody.")
        if not staff.is_practitioner:
            raise CommandError(f"{staff.name} is not a practitioner, so a training record would say nothing of them.")
        if not options["certificate"].strip():
            raise CommandError("Say who issued the certificate, and its number.")
        try:
            record = record_training(
                staff=staff,
                certificate=options["certificate"].strip(),
                valid_from=options["valid_from"],
                valid_until=options["valid_until"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{staff.name} is trained from {record.valid_from} to {record.valid_until}.")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
