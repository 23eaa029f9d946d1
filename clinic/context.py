"""What every template may name."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        # For a form's hidden field `once`: a second click on the same page makes nothing twice (clinic/pages.py).
        "once": uuid.uuid4().hex,
    }
