from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from treatments import guards


class Command(BaseCommand):
    help = "Takes every guard off and puts it back in the words of today. Run check_rule after it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            guards.reinstall()
        self.stdout.write(f"{len(guards.GUARDS)} guards stand.")
