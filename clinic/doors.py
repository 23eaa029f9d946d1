"""What every door does around an operation: once for a repeated request, and once more after a lost deadlock."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, transaction

from clinic.models import IdempotencyKey, Staff

T = TypeVar("T")

# PostgreSQL's deadlock_detected and serialization_failure: the loser may simply try again.
RETRIED = {"40P01", "40001"}
KEPT_FOR = dt.timedelta(days=1)


def retry_once(act: Callable[[], T]) -> T:
    """Call `act`, and again if it lost a deadlock. It must be atomic from the outside."""
    try:
        return act()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) not in RETRIED:
            raise
        return act()


class KeyUsedOtherwise(Exception):
    """The idempotency key came with another request before."""


def once(key: str, *, staff: Staff, request_digest: str, act: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Answer `(status, answer)` of `act`, or the first answer kept under this person's key.

    The key's row is inserted first and in the same transaction: a second request waits for the first to end, then
    reads its answer. What raises keeps no key, so a refused attempt may be tried again.

    Raises KeyUsedOtherwise.
    """
    with transaction.atomic():
        row, is_first = IdempotencyKey.objects.select_for_update().get_or_create(
            staff=staff, key=key, defaults={"request_digest": request_digest}
        )
        if not is_first:
            if row.request_digest != request_digest:
                raise KeyUsedOtherwise
            return row.status or 200, row.answer
        # What was answered may be clinical: it is kept for a retry, not for good.
        IdempotencyKey.objects.filter(staff=staff, at__lt=row.at - KEPT_FOR).delete()
        row.status, row.answer = act()
        row.save(update_fields=["status", "answer"])
        return row.status, row.answer


def digest(*parts: bytes) -> str:
    """SHA-256 over the parts, each with its length before it, as hex."""
    total = hashlib.sha256()
    for part in parts:
        total.update(str(len(part)).encode() + b":" + part)
    return total.hexdigest()
