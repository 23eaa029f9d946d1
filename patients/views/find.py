"""The type-ahead: a few patients for what is typed so far, with nothing clinical in it."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.models import Staff
from clinic.pages import needs
from clinic.wording import short_day
from patients.models import Patient

SHORTEST, LONGEST, MOST = 2, 100, 8


@require_safe
@needs("read-patients")
def find(request: HttpRequest) -> JsonResponse:
    """At most eight, and whether there are more. One statement; none for less than two letters."""
    search = request.GET.get("q", "").replace("\x00", "").strip()
    found = found_for(request.user, search) if len(search) >= SHORTEST else []  # type: ignore[arg-type]
    return JsonResponse({"patients": [_shown(one) for one in found[:MOST]], "more": len(found) > MOST})


def found_for(staff: Staff, search: str) -> list[Patient]:
    """Up to MOST patients, and one more where there are more."""
    seen = Patient.objects.visible_to(staff).current().matching(search[:LONGEST])
    return list(seen[: MOST + 1])


def _shown(patient: Patient) -> dict[str, str]:
    return {
        "name": f"{patient.family_name}, {patient.given_name}",
        "born": f"Born {short_day(patient.date_of_birth)}",
        "number": patient.number,
        "phone": patient.phone,
        "chart": reverse("chart", args=[patient.pk]),
        "book": reverse("book", args=[patient.pk]),
    }
