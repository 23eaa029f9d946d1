"""Checks of the settings: what a clinic must not run without."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from clinic.demo import DEMO_SITE
from clinic.models import Site, Staff


@register(Tags.security, deploy=True)
def demo_is_not_deployed(app_configs: Any, **_: Any) -> list[Error]:
    if not settings.DEMO:
        return []
    return [Error("DEMO is on: its passwords are public.", hint="Unset DEMO for a real clinic.", id="clinic.E001")]


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
