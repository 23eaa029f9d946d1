"""The patient's chart. Every reading of it is in the audit trail."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from patients.models import Patient
from treatments.chart import chart_for, with_what_hangs_on
from treatments.timeline import Counts, Timeline, counts, kinds_for, timeline


@require_safe
def chart(request: HttpRequest, patient_id: str) -> HttpResponse:
    patients = Patient.objects.visible_to(request.user).select_related("merged_into")  # type: ignore[arg-type]
    patient = get_object_or_404(with_what_hangs_on(patients), pk=patient_id)
    if patient.merged_into is not None:
        messages.info(
            request, f"{patient.number}, {patient}, was merged into {patient.merged_into.number}: this record."
        )
        return redirect("chart", patient.merged_into_id)
    asked = {"before": request.GET.get("before", ""), "show": request.GET.get("show", "").split(",")}
    page: dict[str, object] = {"patient": patient, "nav": "patients"}
    # As the list is scrolled or a kind is chosen, only the list is asked for; back and forward ask for the whole page.
    only_the_list = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    try:
        if only_the_list:
            page["timeline"] = timeline(patient, request.user, **asked)  # type: ignore[arg-type]
        else:
            page["chart"] = found = chart_for(patient, request.user, **asked)  # type: ignore[arg-type]
            page["timeline"] = found.timeline
    except ValueError as error:
        raise Http404 from error
    # Earlier entries are put below those that are there: nothing above them is said again.
    if not (only_the_list and asked["before"]):
        page["counts"] = found_in_all = counts(patient, request.user)  # type: ignore[arg-type]
        page["kinds"] = _kinds(kinds_for(request.user), page["timeline"], found_in_all)  # type: ignore[arg-type]
        page["shown"] = found_in_all.shown(page["timeline"].show)  # type: ignore[attr-defined]
    record_event(AuditEvent.Kind.CHART_READ, request=request, patient_id=patient.pk)
    return render(request, "treatments/_chart_timeline.html" if only_the_list else "treatments/chart.html", page)


@dataclass(frozen=True)
class Kind:
    """A kind to choose: how many there are, whether it is `on`, and the `show` that adds it or takes it off."""

    code: str
    words: str
    count: int
    on: bool
    show: str


def _kinds(offered: dict[str, str], shown: Timeline, found: Counts) -> list[Kind]:
    """Those of which there is something, and those that are on."""
    return [
        Kind(
            kind,
            words,
            found.kinds[kind],
            kind in shown.show,
            ",".join(one for one in offered if (one in shown.show) != (one == kind)),
        )
        for kind, words in offered.items()
        if found.kinds[kind] or kind in shown.show
    ]
