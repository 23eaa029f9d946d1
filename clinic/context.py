"""What every template may name."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS


def house(request: HttpRequest) -> dict[str, Any]:
    demo = {"demo_sign_ins": DEMO_SIGN_INS.items(), "demo_password": DEMO_PASSWORD} if settings.DEMO else {}
    return demo | {
        "demo": settings.DEMO,
        # For a form's hidden field `once`: a second click on the same page makes nothing twice (clinic/pages.py).
        "once": uuid.uuid4().hex,
    }
