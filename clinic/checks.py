"""Checks of the settings: what a clinic must not run without."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def demo_is_not_deployed(app_configs: Any, **_: Any) -> list[Error]:
    if not settings.DEMO:
        return []
    return [Error("DEMO is on: its passwords are public.", hint="Unset DEMO for a real clinic.", id="clinic.E001")]
