"""The body map on a page: to read, and to choose on."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms.formsets import BaseFormSet

from treatments.body_map import VIEWS
from treatments.body_marks import body_map_of
from treatments.models import Session, SideEffect

register = template.Library()


@register.inclusion_tag("treatments/_body_map.html")
def body_map(
    session: Session | None = None,
    side_effects: Iterable[SideEffect] = (),
    *,
    side_effect: SideEffect | None = None,
    links: bool = False,
) -> dict[str, Any]:
    """What was injected and what came of it, as a picture and in words; nothing where neither says where.

    `links` leads from each line of a side effect to its page. It asks the database nothing.
    """
    alone = [side_effect] if side_effect and side_effect.site else []
    return {"map": body_map_of(session.sites if session else (), [*side_effects, *alone]), "links": links}


@register.inclusion_tag("treatments/_body_map_input.html")
def body_map_rows(rows: BaseFormSet[Any]) -> dict[str, Any]:
    """Above the rows of a session's sites: what is chosen here fills them. They work without it."""
    return _chooses("rows", "Where it was injected", prefix=rows.prefix or "")


@register.inclusion_tag("treatments/_body_map_input.html")
def body_map_place() -> dict[str, Any]:
    """Beside a form's `site` and `side`: one place, chosen here or there."""
    return _chooses("place", "Where it is")


def _chooses(fills: str, label: str, prefix: str = "") -> dict[str, Any]:
    return {"views": VIEWS.values(), "fills": fills, "prefix": prefix, "label": label}
