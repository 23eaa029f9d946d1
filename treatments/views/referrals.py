"""The medical-referral checklist on a suspected infection's page."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from treatments.forms.referrals import ReferralStepForm
from treatments.models import ReferralStep
from treatments.referrals import record_referral_step
from treatments.views.side_effects import side_effect_page, visible_side_effect


@needs("judge-side-effects")
@require_POST
def tick(request: HttpRequest, side_effect_id: uuid.UUID, step: str) -> HttpResponse:
    if step not in ReferralStep.Step.values:
        raise Http404
    found = visible_side_effect(request, side_effect_id)
    form = ReferralStepForm(request.POST, step=step)
    if form.is_valid():
        done = attempt(request, form, record_referral_step, side_effect=found, **form.given())
        if isinstance(done, uuid.UUID):
            messages.success(request, f"Noted: {ReferralStep.Step(step).label}.")
            return redirect(f"{reverse('side-effect', args=[found.pk])}#referral")
        if isinstance(done, Refused):
            return side_effect_page(request, found, blockers=done.blockers)
    return side_effect_page(request, found, wrong=form)
