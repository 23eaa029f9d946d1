"""Sheets on other pages: their language in words, and what was given after a session."""

from typing import Any

from django import template

from treatments.models import Session, SheetGiven
from treatments.models.treatment import Family
from treatments.sheet_text import language_name

register = template.Library()
register.filter("language_name", language_name)


@register.inclusion_tag("treatments/_session_sheets.html", takes_context=True)
def session_sheets(context: dict[str, Any], session: Session) -> dict[str, Any]:
    """The versions given after this session, and the way to give one. One statement."""
    rows = SheetGiven.objects.filter(session=session).select_related("sheet", "message", "by")
    return {
        "session": session,
        "rows": rows,
        "user": context["user"],
        "for_sheets": session.family == Family.MESOTHERAPY and session.error_at is None,
    }
