"""Is the whole still sound: each check, when it last ran, what it found, and what to do about it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.pages import needs
from treatments.integrity import standing


@needs("read-audit")
@require_safe
def integrity(request: HttpRequest) -> HttpResponse:
    return render(request, "treatments/integrity.html", {"checks": standing(timezone.now()), "nav": "integrity"})
