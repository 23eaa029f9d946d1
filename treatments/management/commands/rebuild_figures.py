import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from treatments.figures.clearing import rebuild_clearing
from treatments.figures.keeping import rebuild


class Command(BaseCommand):
    help = "Makes the figures again from the records, month by month; the worker keeps them up by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="since", metavar="YYYY-MM", help="the first month (default: all)")
        parser.add_argument("--until", dest="until", metavar="YYYY-MM", help="the last month (default: all)")

    def handle(self, *args: Any, since: str | None, until: str | None, **options: Any) -> None:
        months = rebuild(timezone.now(), since=_month(since), until=_month(until))
        rebuild_clearing()
        self.stdout.write(f"Counted {len(months)} month{'' if len(months) == 1 else 's'}.")


def _month(said: str | None) -> dt.date | None:
    try:
        return None if said is None else dt.date.fromisoformat(f"{said}-01")
    except ValueError:
        raise CommandError(f"“{said}” is no month; write it as 2026-11.") from None
