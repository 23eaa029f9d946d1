from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treatments.figures.checking import differences
from treatments.figures.clearing import clearing_differences


class Command(BaseCommand):
    help = (
        "Counts the figures again from the records and lists what differs; exits 1 if something does. Changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = differences() + clearing_differences()
        for sentence in found:
            self.stdout.write(sentence)
        if found:
            count = len(found)
            raise CommandError(
                f"The figures differ from the records in {count} place{'' if count == 1 else 's'}. "
                "`manage.py rebuild_figures` makes them again."
            )
        self.stdout.write("The figures agree with the records.")
