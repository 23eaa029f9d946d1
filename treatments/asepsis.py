"""The clinic's own list against infection: steps are added and taken off; the words of one never change."""

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest
from django.utils.text import slugify

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from treatments.models import AsepsisItem
from treatments.operation import operation

LONGEST_CODE = 40


@operation("manage-clinic")
def add_step(*, words: str, by: Staff, through: HttpRequest | None = None) -> AsepsisItem:
    """At the end of the list; one that was taken off comes back under its code. Raises ValidationError for `words`."""
    words = " ".join(words.split())
    if not words:
        raise ValidationError({"words": "Say what is done."})
    known = AsepsisItem.objects.select_for_update().filter(words__iexact=words).first()
    if known and known.is_active:
        raise ValidationError({"words": "That stands on the list already."})
    last = AsepsisItem.objects.aggregate(last=Max("position"))["last"] or 0
    item = known or AsepsisItem(code=_code(words), words=words)
    item.position, item.is_active = last + 1, True
    item.full_clean(validate_unique=False)
    item.save()
    _audit(item, by, "asepsis-step-added", through)
    return item


@operation("manage-clinic")
def retire_step(*, item: AsepsisItem, by: Staff, through: HttpRequest | None = None) -> AsepsisItem:
    """Off the list of new records; those that have it keep it."""
    AsepsisItem.objects.filter(pk=item.pk).update(is_active=False)
    item.is_active = False
    _audit(item, by, "asepsis-step-taken-off", through)
    return item


def _code(words: str) -> str:
    base = slugify(words)[: LONGEST_CODE - 4].strip("-") or "step"
    taken = set(AsepsisItem.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, 1000) if (code := base if n == 1 else f"{base}-{n}") not in taken)


def _audit(item: AsepsisItem, by: Staff, change: str, through: HttpRequest | None) -> None:
    kind = AuditEvent.Kind.LOTS_CHANGED
    record_event(kind, request=through, actor=by, subject="asepsis-item", change=change, step=item.code)
