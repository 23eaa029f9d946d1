"""Two photos of a course beside each other, and the strip of all that they are chosen from."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import needs
from treatments.models import SideEffect
from treatments.photo_strip import ShownPhoto, strip_of


@require_safe
@needs("read-clinical")
def compare(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    side_effect = get_object_or_404(visible, pk=side_effect_id)
    strip = strip_of(side_effect)
    # At first the oldest and the newest of this episode: what has come of it.
    own = [one for one in strip.photos if not one.is_other_episode] or strip.photos
    left = _chosen(request, "left", strip.photos, own[0] if own else None)
    right = _chosen(request, "right", strip.photos, own[-1] if own else None)
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=side_effect.patient_id,
        subject="photos",
        subject_id=side_effect.pk,
    )
    context = {
        "side_effect": side_effect,
        "patient": side_effect.patient,
        "strip": strip,
        "left": left,
        "right": right,
        "nav": "patients",
    }
    return render(request, "treatments/photo_compare.html", context)


def _chosen(
    request: HttpRequest, side: str, photos: list[ShownPhoto], otherwise: ShownPhoto | None
) -> ShownPhoto | None:
    named = request.GET.get(side, "")
    if not named:
        return otherwise
    for one in photos:
        if str(one.thumb.photo.pk) == named:
            return one
    raise Http404("There is no such photo to compare.")
