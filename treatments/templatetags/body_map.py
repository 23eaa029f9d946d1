"""The body map on a page: to read, and to choose on."""

from collections.abc import Iterable
from typing import Any

from django import template

from treatments.body_map import VIEWS
from treatments.body_marks import body_map_of
from treatments.models import Session, SideEffect

register = template.Library()


@register.inclusion_tag("treatments/_body_map.html")
def body_map(session: Session | None = None, side_effects: Iterable[SideEffect] = ()) -> dict[str, Any]:
    """What was injected and what came of it, as a picture and in words; nothing where neither says where."""
    return {"map": body_map_of(session.sites if session else (), side_effects)}


@register.inclusion_tag("treatments/_body_map_input.html")
def body_map_rows(rows: Any) -> dict[str, Any]:
    """Above the rows of a session's sites: what is chosen here fills them. They work without it."""
    return {"views": VIEWS.values(), "fills": "rows", "prefix": rows.prefix, "label": "Where it was injected"}


@register.inclusion_tag("treatments/_body_map_input.html")
def body_map_place() -> dict[str, Any]:
    """Beside a form's `site` and `side`: one place, chosen here or there."""
    return {"views": VIEWS.values(), "fills": "place", "prefix": "", "label": "Where it is"}
