"""What the tests of sheets share: a patient nothing was agreed with, and how a sheet is published."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from clinic.models import Staff
from treatments.models import Sheet
from treatments.sheets import publish_sheet

RISKS, AFTERCARE = "pre-treatment", "aftercare"


def publish(by: Staff, body: str = "Rest.", kind: str = AFTERCARE, **more: object) -> Sheet:
    return publish_sheet(**({"kind": kind, "language": "en", "title": "After", "body": body, "by": by} | more))


def wrong(act: Callable[..., object], **given: object) -> dict[str, list[str]]:
    """The sentences it was refused with, by field."""
    with pytest.raises(ValidationError) as error:
        act(**given)
    return error.value.message_dict if hasattr(error.value, "error_dict") else {"": error.value.messages}
