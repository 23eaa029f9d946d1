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
from treatments.timeline import Timeline, how_many, kinds_for, timeline


@require_safe
def chart(request: HttpRequest, patient_id: str) -> HttpResponse:
    patients = Patient.objects.visible_to(request.user).select_related("merged_into")  # type: ignore[arg-type]
    clinical = request.user.may("read-clinical")  # type: ignore[union-attr]
    patient = get_object_or_404(with_what_hangs_on(patients, clinical=clinical), pk=patient_id)
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
    shown: Timeline = page["timeline"]  # type: ignore[assignment]
    page["kinds"] = _kinds(kinds_for(request.user), shown)  # type: ignore[arg-type]
    # Earlier entries are put below those that are there; what stands above them is not said again.
    if shown.show and not (only_the_list and asked["before"]):
        page["of_these"], page["of_all"] = how_many(patient, request.user, shown.show)  # type: ignore[arg-type]
    record_event(AuditEvent.Kind.CHART_READ, request=request, patient_id=patient.pk)
    return render(request, "treatments/_chart_timeline.html" if only_the_list else "treatments/chart.html", page)


@dataclass(frozen=True)
class Kind:
    """A kind to choose: whether it is `on`, and the `show` that adds it or takes it off."""

    code: str
    words: str
    on: bool
    show: str


def _kinds(offered: dict[str, str], shown: Timeline) -> list[Kind]:
    return [
        Kind(code, words, code in shown.show, ",".join(one for one in offered if (one in shown.show) != (one == code)))
        for code, words in offered.items()
    ]
