from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from treatments.integrity import note_backup


class Command(BaseCommand):
    help = (
        "Notes that a backup was made, or with --failed that it was not; the manager's page shows the last one. "
        "To be called by whatever makes the backups."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", metavar="WHY", default="", help="what went wrong, in a few words")

    def handle(self, *args: Any, failed: str, **options: Any) -> None:
        note_backup(found=1 if failed else 0, words=failed)
        self.stdout.write("Noted: the backup failed." if failed else "Noted.")
