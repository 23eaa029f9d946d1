"""Checks of the settings: what a clinic must not run without."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from clinic.demo import DEMO_SITE
from clinic.models import Site, Staff
from clinic.roles import MANAGER, PRACTITIONER


@register(Tags.security, deploy=True)
def demo_is_not_deployed(app_configs: Any, **_: Any) -> list[Error]:
    if not settings.DEMO:
        return []
    return [Error("DEMO is on: its passwords are public.", hint="Unset DEMO for a real clinic.", id="clinic.E001")]


@register(Tags.security, deploy=True)
def second_step_is_asked_for(app_configs: Any, **_: Any) -> list[CheckMessage]:
    missing = [role for role in (MANAGER, PRACTITIONER) if role not in settings.MFA_REQUIRED_FOR]
    return [
        Error(
            f"A password alone signs in as {role}.",
            hint="MFA_REQUIRED_FOR names manager and practitioner.",
            id="clinic.E004",
        )
        for role in missing
    ]


@register(Tags.security, deploy=True)
def the_proxy_is_named(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if not settings.BEHIND_TLS_PROXY or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "BEHIND_TLS_PROXY is on, but TRUSTED_PROXIES names no proxy: the trail and the limits of sign-in see the "
            "proxy's address for everybody, and X-Forwarded-Proto is believed whoever sends it.",
            hint="Set TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1, or `unix` for a Unix socket.",
            id="clinic.W001",
        )
    ]


@register(Tags.database)
def demo_data_is_not_served_as_real(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """The demo's people have public passwords; a real clinic must not open on top of them."""
    if settings.DEMO:
        return []
    return [
        Error(
            "This database holds the demo clinic, whose passwords are public.",
            hint="Start with an empty one.",
            id="clinic.E002",
        )
        for alias in databases or []
        if "clinic_site" in connections[alias].introspection.table_names()
        and Site.objects.using(alias).filter(name=DEMO_SITE).exists()
    ]


@register(Tags.database)
def real_data_is_not_served_as_demo(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """DEMO on over a real clinic's database would mark real records as made up."""
    if not settings.DEMO:
        return []
    return [
        Error(
            "DEMO is on, but this database holds something else.", hint="Choose another DATABASE_URL.", id="clinic.E003"
        )
        for alias in databases or []
        if "clinic_site" in connections[alias].introspection.table_names()
        and Staff.objects.using(alias).exists()
        and not Site.objects.using(alias).filter(name=DEMO_SITE).exists()
    ]
