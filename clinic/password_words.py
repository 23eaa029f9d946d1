"""Passwords that are made of a clinic's own words, which anybody who knows the place would try first."""

import re

from django.core.exceptions import ValidationError

from clinic.models import Site, Staff

# Ours, and the trade's; the names of the clinic's sites go with them.
WORDS = (
    "allclear",
    "mesotherapy",
    "clinic",
    "bruising",
    "bruise",
    "practitioner",
    "receptionist",
    "manager",
    "password",
)
FEWEST_LEFT = 6  # letters that have to be left once these words are taken out


class OwnWordsValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        """Raises ValidationError where little but such words is left."""
        left = password.casefold()
        for word in sorted(self._words(), key=len, reverse=True):
            left = left.replace(word, " ")
        if left != password.casefold() and len(re.findall(r"[^\W\d_]", left)) < FEWEST_LEFT:
            raise ValidationError(self.get_help_text(), code="own-words")

    def get_help_text(self) -> str:
        return "This password is little more than words that anybody here would try first."

    def _words(self) -> set[str]:
        named = {part for name in Site.objects.values_list("name", flat=True) for part in name.casefold().split()}
        return {*WORDS, *(part for part in named if len(part) > 3)}
