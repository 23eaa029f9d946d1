"""A side effect is looked at again."""

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs, tells_script
from clinic.refusals import Blocker, Refused
from treatments.episode import episode_of, mesotherapies_today
from treatments.forms.reviews import CAUSALITY_MEANS, ReviewForm
from treatments.models import SideEffect
from treatments.models.review import Finding
from treatments.models.side_effect import Kind
from treatments.side_effects import review_side_effect
from treatments.views.photos import NotKept, earlier_photos, keep_photos, may_take_photos, sent
from treatments.views.side_effects import form_status, visible_side_effect


def _this_minute() -> dt.datetime:
    """As the field shows it, so that a time nobody touched can be told from one that was chosen."""
    return timezone.now().replace(second=0, microsecond=0)


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
@tells_script
def review(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = visible_side_effect(request, side_effect_id)
    form = ReviewForm(*sent(request), initial={"seen_at": _this_minute()})
    blockers: list[Blocker] = []
    wrong: list[NotKept] = []
    kept = 0
    if request.method == "POST" and form.is_valid():
        photos = form.cleaned_data["photos"]
        # One that is said to show it gone is judged by the review itself, so it has to be ready by then.
        wrong = keep_photos(request, found, photos, at_once=form.relies_on_a_photo())
        kept = len(photos) - len(wrong)
        # A review from a photo stands or falls with it: without the photo it is not made.
        if not wrong:
            done = attempt(request, form, review_side_effect, side_effect=found, **form.given())
            if isinstance(done, uuid.UUID):
                return _reviewed(request, found, form)
            blockers = done.blockers if isinstance(done, Refused) else []
    context = {
        "side_effect": found,
        "patient": found.patient,
        "form": form,
        "blockers": blockers,
        "wrong": wrong,
        "consented": may_take_photos(found),
        "photos_kept": kept,
        "photos_to_choose_again": bool(request.FILES) and not kept and not wrong,
        "episode": episode_of(found),
        "makes_possible": mesotherapies_today(found),
        "causality": CAUSALITY_MEANS,
        "earlier": earlier_photos(found) if found.is_open else [],
        "nav": "patients",
    }
    status = wrong[0].status if wrong else form_status(form, blockers)
    return render(request, "treatments/review.html", context, status=status)


def _reviewed(request: HttpRequest, side_effect: SideEffect, form: ReviewForm) -> HttpResponse:
    messages.success(request, "Reviewed.")
    side_effect.refresh_from_db()
    if form.cleaned_data["finding"] == Finding.GONE and not side_effect.is_open and mesotherapies_today(side_effect):
        messages.info(
            request, "Found gone on the day of a mesotherapy: allowed, and listed for the manager if that goes ahead."
        )
    if form.cleaned_data["red_flags"] and side_effect.kind != Kind.INFECTION:
        infection = SideEffect.objects.open().filter(patient=side_effect.patient_id, kind=Kind.INFECTION).first()
        if infection is not None:
            messages.warning(request, "Possible infection: to be seen today.")
            return redirect("side-effect", infection.pk)
    return redirect("side-effect", side_effect.pk)
