import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from treatments.clock import DUTIES


class Command(BaseCommand):
    help = (
        "Does all that is due by the clock, once; `worker` does it by itself. For a clinic that would rather use cron."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for duty in DUTIES:
            self.stdout.write(duty.act(timezone.now(), threading.Event()))
