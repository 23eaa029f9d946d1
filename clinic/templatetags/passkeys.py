"""What a passkey's script needs, as an attribute: the page's policy lets no block of it stand in the page itself."""

import json

from django import template

from clinic import second_step
from clinic.models import Staff

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """For an attribute, where Django escapes it like any text."""
    return json.dumps(value)


@register.filter
def needs_second_step(staff: Staff) -> bool:
    """Whether their role may not sign in by a password alone."""
    return second_step.needs_second_step(staff)
