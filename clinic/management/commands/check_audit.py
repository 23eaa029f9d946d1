import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.audit_chain import Head, faults, head


class Command(BaseCommand):
    help = (
        "Follows the chain over the audit trail from its first link, says what was changed or taken out, and prints its head "
        "to be noted elsewhere. Ends with 1 if anything is wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", metavar="PLACE:HASH", default="", help="a head noted earlier; the chain must still hold it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            noted = Head.read(options["head"]) if options["head"] else None
        except ValueError as error:
            raise CommandError(str(error)) from error
        found = 0
        for fault in faults(noted=noted):
            found += 1
            self.stdout.write(fault)
        last = head()
        self.stdout.write(f"head {last}" if last else "Nothing is sealed yet.")
        if found:
            sys.exit(1)
        self.stdout.write("The chain is whole.")
