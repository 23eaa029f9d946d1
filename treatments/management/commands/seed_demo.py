from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS, DEMO_SITE
from clinic.models import Site, Staff
from patients.models import Patient
from treatments.demo import make_demo_clinic


class Command(BaseCommand):
    help = "Makes the demo clinic in an empty database and prints its sign-ins. Refuses a database that holds anything else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="leave a demo clinic that is there as it is")
        parser.add_argument(
            "--brief", action="store_true", help="without the year of sessions that the figures rest on"
        )

    def handle(self, *args: Any, if_empty: bool, brief: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo: set DEMO=on for one, with a database of its own.")
        if Site.objects.filter(name=DEMO_SITE).exists():
            if not if_empty:
                raise CommandError("The demo clinic is there already.")
        elif any(model.objects.exists() for model in (Site, Staff, Patient)):
            raise CommandError(
                "This database holds something else. The demo wants one of its own; choose DATABASE_URL."
            )
        else:
            with timezone.override("Europe/London"):
                make_demo_clinic(brief=brief)
        for role, email in DEMO_SIGN_INS.items():
            self.stdout.write(f"  {role:<13} {email}   password: {DEMO_PASSWORD}")
