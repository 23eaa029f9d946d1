"""What the records say to somebody, once: raised by the clock, acknowledged by a person with a remark."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from clinic.audit import record_event
from clinic.list_exports import ListExport, Row
from clinic.models import AuditEvent, Site, Staff
from treatments.models import Alert
from treatments.operation import operation


def raise_alert(
    *, kind: str, key: str, reason: str, facts: dict[str, Any], site: Site | None = None, now: dt.datetime | None = None
) -> Alert | None:
    """Raise it unless an alert of this `key` was raised before. Returns the new one, or None.

    `reason` is a sentence that names no patient; `facts` hold ids and numbers.
    """
    alert, is_new = Alert.objects.get_or_create(
        key=key,
        defaults={"kind": kind, "reason": reason, "facts": facts, "site": site, "raised_at": now or timezone.now()},
    )
    return alert if is_new else None


@operation("acknowledge-alerts")
def acknowledge_alert(
    *, alert: Alert, remark: str, by: Staff, now: dt.datetime | None = None, through: HttpRequest | None = None
) -> Alert:
    """Somebody has looked into it. Raises ValidationError without a remark, or where somebody else was first."""
    alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if not remark.strip():
        raise ValidationError({"remark": "Write what was looked at, and what came of it."})
    if alert.acknowledged_at:
        raise ValidationError({"remark": "Somebody has acknowledged this already."})
    alert.acknowledged_at, alert.acknowledged_by, alert.remark = now or timezone.now(), by, remark.strip()
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "remark"])
    record_event(AuditEvent.Kind.ALERT_ACKNOWLEDGED, request=through, actor=by, subject="alert", subject_id=alert.pk)
    return alert


# --- The list as a file --------------------------------------------------------------------------------------------------
def _rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    found = Alert.objects.visible_to(staff).select_related("site", "acknowledged_by").order_by("-raised_at", "-id")
    for one in found.iterator(chunk_size=500):
        who = one.acknowledged_by.name if one.acknowledged_by else ""
        yield (
            one.raised_at,
            one.get_kind_display(),
            one.site.name if one.site else "",
            one.reason,
            one.acknowledged_at,
            who,
            one.remark,
        )


ALERTS = ListExport(
    code="alerts",
    title="Alerts",
    permission="acknowledge-alerts",
    columns=("Raised", "What", "Site", "Why", "Looked into", "By", "Remark"),
    rows=_rows,
    count=lambda staff, query: Alert.objects.visible_to(staff).count(),
    filter_words=lambda staff, query: "All of them",
)
