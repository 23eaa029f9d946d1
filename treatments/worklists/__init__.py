"""Nobody is forgotten: lists that are each asked of the records every time, never kept as a status that can go stale.

A row leaves a list only because its fact changed, or because a person closed it with a reason (closing.py).
DOMAIN.md sections 1 and 4.
"""

import datetime as dt
from collections.abc import Callable

from django.utils import timezone

from treatments.worklists.ahead import to_move, training_lapses
from treatments.worklists.clear import clear_again, wish_words
from treatments.worklists.closing import CLOSED_BY_A_PERSON, close_clear_again, close_follow_up
from treatments.worklists.contact import awaiting_follow_up, call_back, follow_up
from treatments.worklists.holds import on_hold
from treatments.worklists.looks import (
    BRUISING_REPORTED_DUE_AFTER,
    BRUISING_SEEN_DUE_AFTER,
    DUE_AFTER,
    next_look_due,
    reported,
    review_due,
    told_again,
)
from treatments.worklists.recall import recall
from treatments.worklists.rows import (
    CALL_BACK,
    CLEAR_AGAIN,
    FOLLOW_UP,
    ON_HOLD,
    RECALL,
    REPORTED,
    REVIEW_DUE,
    TO_MOVE,
    TRAINING_LAPSES,
    Row,
    with_calls,
)

LISTS: dict[str, Callable[[dt.datetime], list[Row]]] = {
    ON_HOLD: on_hold,
    CLEAR_AGAIN: clear_again,
    REVIEW_DUE: review_due,
    REPORTED: reported,
    FOLLOW_UP: follow_up,
    CALL_BACK: call_back,
    TO_MOVE: to_move,
    TRAINING_LAPSES: training_lapses,
    RECALL: recall,
}


def worklists(*, now: dt.datetime | None = None) -> dict[str, list[Row]]:
    """All of them with the calls made for each row, whatever their length in at most thirteen statements."""
    now = now or timezone.now()
    return with_calls({code: rows(now) for code, rows in LISTS.items()}, now)


__all__ = [
    "BRUISING_REPORTED_DUE_AFTER",
    "BRUISING_SEEN_DUE_AFTER",
    "CALL_BACK",
    "CLEAR_AGAIN",
    "CLOSED_BY_A_PERSON",
    "DUE_AFTER",
    "FOLLOW_UP",
    "LISTS",
    "ON_HOLD",
    "RECALL",
    "REPORTED",
    "REVIEW_DUE",
    "TO_MOVE",
    "TRAINING_LAPSES",
    "Row",
    "awaiting_follow_up",
    "call_back",
    "clear_again",
    "close_clear_again",
    "close_follow_up",
    "follow_up",
    "next_look_due",
    "on_hold",
    "recall",
    "reported",
    "review_due",
    "to_move",
    "told_again",
    "training_lapses",
    "wish_words",
    "worklists",
]
