"""Messages to patients: written with what they tell of, and asked again at the moment of sending whether it is so.

A message's row stands in the same transaction as the booking, hold or cancellation, so a rollback sends nothing.
"""

from treatments.messages.call_backs import handle_failed_message, send_again
from treatments.messages.due import run_due
from treatments.messages.queueing import queue_messages, queue_sheet, queue_what_stands
from treatments.messages.wording import reset_wording, save_wording

__all__ = [
    "handle_failed_message",
    "queue_messages",
    "queue_sheet",
    "queue_what_stands",
    "reset_wording",
    "run_due",
    "save_wording",
    "send_again",
]
