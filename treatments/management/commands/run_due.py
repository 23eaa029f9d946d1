from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from treatments.developing import develop_due
from treatments.messages import run_due


class Command(BaseCommand):
    help = (
        "What is due by the clock: reminders, and messages and photos that wait without a job. "
        "`worker` does it each minute too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_due(timezone.now())
        photos = develop_due(timezone.now())
        self.stdout.write(
            f"reminders written: {done.reminders}; messages taken up: {done.taken_up}; photos taken up: {photos}"
        )
