"""What is typed into a session's record, kept as it is typed (drafts.js asks this); and thrown away when its writer says so."""

import uuid

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.pages import needs, perform
from clinic.refusals import Refused
from treatments.drafts import SESSION, discard_draft, save_draft

# Not typed by anybody, and worth nothing on the next page.
NOT_TYPED = ("csrfmiddlewaretoken", "once")


@needs("treat")
@require_POST
def keep(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """204 with the time in `Kept-At`; 409 once it is signed, 422 when it is too long: in words, for the line by the form."""
    typed = {name: request.POST.getlist(name) for name in request.POST if name not in NOT_TYPED}
    try:
        draft = perform(request, save_draft, form=SESSION, subject_id=session_id, data=typed)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), status=422, content_type="text/plain; charset=utf-8")
    except Refused as refused:
        return HttpResponse(str(refused), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204, headers={"Kept-At": f"{timezone.localtime(draft.saved_at):%H:%M}"})


@needs("treat")
@require_POST
def discard(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    perform(request, discard_draft, form=SESSION, subject_id=session_id)
    messages.success(request, "What was typed and not saved is thrown away.")
    return redirect("session", session_id)
