"""After a step its page says so once, with a button beside the words that takes the step back."""

import uuid

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from treatments.models import Appointment
from treatments.undo import undoable_step

UNDO = "undo:"


def say_done(request: HttpRequest, appointment: Appointment, sentence: str) -> None:
    """A message for the next page, whichever that is. `appointment` is read after the step."""
    offered = f"{UNDO}{appointment.pk}" if undoable_step(appointment) else ""
    messages.success(request, sentence, extra_tags=offered)


def undo_of(message: Message) -> uuid.UUID | None:
    """The appointment whose step the button beside this message takes back."""
    tags = message.extra_tags or ""
    return uuid.UUID(tags.removeprefix(UNDO)) if tags.startswith(UNDO) else None
