"""What every template may name."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from clinic.session_ends import seconds_left


def _idle_left(request: HttpRequest) -> int | None:
    """Seconds until somebody who does nothing is signed out; None for who is not signed in."""
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    return max(0, seconds_left(request.session)) if signed_in else None


def house(request: HttpRequest) -> dict[str, Any]:
    demo = {"demo_sign_ins": DEMO_SIGN_INS.items(), "demo_password": DEMO_PASSWORD} if settings.DEMO else {}
    return demo | {
        "demo": settings.DEMO,
        "idle_left": _idle_left(request),
        # For a form's hidden field `once`: a second click on the same page makes nothing twice (clinic/pages.py).
        "once": uuid.uuid4().hex,
    }
