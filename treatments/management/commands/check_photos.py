import datetime as dt
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from treatments.photo_check import YOUNG, check_photos, remove_orphans


class Command(BaseCommand):
    help = (
        "Find photos whose files are missing or were changed (SHA-256), and files that no photo names; on a disk or in a "
        "bucket. Ends with 1 when something is wrong. Run it after each restore."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than",
            type=_hours,
            default=YOUNG,
            metavar="HOURS",
            help="a file without a row that is younger is left in peace: it may be about to get one (default 24)",
        )
        parser.add_argument("--remove-orphans", action="store_true", help="delete the files that no photo names")

    def handle(self, *args: Any, older_than: dt.timedelta, **options: Any) -> None:
        found = check_photos(older_than=older_than)
        for name, photo in found.missing:
            self.stdout.write(f"missing {name} (photo {photo})")
        for name, photo in found.changed:
            self.stdout.write(f"changed {name} (photo {photo})")
        for photo in found.incomplete:
            self.stdout.write(f"incomplete (photo {photo})")
        for name in found.orphans:
            self.stdout.write(f"orphan {name}")
        removed = remove_orphans(found) if options["remove_orphans"] else 0
        self.stdout.write(
            f"files: {found.files}; missing: {len(found.missing)}; changed: {len(found.changed)}; "
            f"incomplete: {len(found.incomplete)}; orphans: {len(found.orphans)}; removed: {removed}; "
            f"too young to say: {found.young}"
        )
        if not found.is_sound:
            sys.exit(1)


def _hours(said: str) -> dt.timedelta:
    hours = float(said)
    if hours < 0:
        raise ValueError("hours are not negative")
    return dt.timedelta(hours=hours)
