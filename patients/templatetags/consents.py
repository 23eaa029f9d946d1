from collections.abc import Iterable

from django import template

from patients.models import Consent

register = template.Library()


@register.filter
def not_agreed_to(consents: Iterable[Consent]) -> list[tuple[str, str]]:
    """The kinds, with their words, that none of these consents is in force for."""
    in_force = {consent.kind for consent in consents if consent.withdrawn_at is None}
    return [(code, words) for code, words in Consent.Kind.choices if code not in in_force]
