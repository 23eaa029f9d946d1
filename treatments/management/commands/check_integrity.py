import sys
from typing import Any

from django.core.management.base import BaseCommand

from treatments.integrity import CHECKS, run_check


class Command(BaseCommand):
    help = "Runs every check of the whole now, keeps what it found for the manager's page, and ends with 1 if anything was."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for name in CHECKS:
            done = run_check(name)
            found += done.found
            self.stdout.write(f"{done.get_name_display()}: {done.found or 'nothing'} found")
            if done.words:
                self.stdout.write(done.words)
        sys.exit(1 if found else 0)
