"""Reviewed by whom: on the page of a session or a side effect."""

from typing import Any

from django import template

from clinic.models import Staff
from treatments.forms.sign_off import SignOffForm
from treatments.models import Session, SideEffect, SignOff
from treatments.record_sign_off import why_not_reviewed_by
from treatments.records import added_since, state_words

register = template.Library()
register.filter("state_words", state_words)


@register.inclusion_tag("treatments/_sign_offs.html", takes_context=True)
def sign_offs(context: dict[str, Any], record: Session | SideEffect) -> dict[str, Any]:
    """Who reviewed this record and what they remarked; a manager has the form beside it. One statement, three for them."""
    staff: Staff = context["user"]
    is_session = isinstance(record, Session)
    found = SignOff.objects.visible_to(staff).filter(**{"session" if is_session else "side_effect": record})
    rows = list(found.select_related("by").order_by("-at", "pk"))
    reviews = staff.may("review-records")
    return {
        "rows": rows,
        "record": record,
        "address": "session-sign-off" if is_session else "side-effect-sign-off",
        "reviews": reviews,
        "why_not": why_not_reviewed_by(record, staff) if reviews else None,
        "added_since": bool(rows) and reviews and added_since(record, rows[0].at),
        "form": SignOffForm(auto_id="sign_off_%s"),
        "csrf_token": context.get("csrf_token"),
        "once": context.get("once"),
    }
