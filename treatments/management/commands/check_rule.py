from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treatments.rule_check import rule_breaches


class Command(BaseCommand):
    help = "Lists every row that breaks the rule and every guard that is missing or altered; exits 1 if there is one."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        breaches = rule_breaches()
        for breach in breaches:
            self.stdout.write(breach)
        if breaches:
            count = len(breaches)
            raise CommandError(f"The rule is broken in {count} place{'' if count == 1 else 's'}.")
        self.stdout.write("The rule holds, and every guard stands.")
