"""The way back in for who lost phone, key and recovery codes, where no other manager is there to reset them on a page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.models import Staff
from clinic.second_step import reset_second_step


class Command(BaseCommand):
    help = "Removes somebody's second step and ends their sessions; they set it up anew when they sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose: make sure first that it is them who ask")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = Staff.objects.filter(email__iexact=options["email"].strip()).first()
        if staff is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        try:
            reset_second_step(staff=staff, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{staff.name}'s second step is removed, and they are signed out everywhere.")
