"""How pages call operations: with a permission, and with a refusal or a wrong field shown, nothing typed being lost."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from clinic.audit import door_of
from clinic.doors import KeyUsedOtherwise, digest, once, retry_once
from clinic.refusals import Refused, record_refusal

# HttpResponseBase: a streamed file is an answer too.
View = Callable[..., HttpResponseBase]
# form_by_script.js sends it with the form that it sends in the browser's place.
BY_SCRIPT_HEADER = "X-Sent-By-Script"


def needs(permission: str) -> Callable[[View], View]:
    """Only for staff whose role has `permission` (clinic/roles.py); others get 403."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.may(permission):  # type: ignore[union-attr]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return run

    return wrap


def tells_script(view: View) -> View:
    """A script that sent the form is told where to go next, and has the browser go there.

    Followed by the script itself, the redirect would use up the messages that the next page has to show.
    """

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if BY_SCRIPT_HEADER in request.headers and isinstance(response, HttpResponseRedirect):
            return JsonResponse({"next": response.url})
        return response

    return run


def perform(request: HttpRequest, operation: Callable[..., Any], **given: Any) -> Any:
    """Do it as the person who is signed in; a lost deadlock is tried once more. Raises what the operation raises."""
    return retry_once(lambda: operation(by=request.user, **given))


def perform_once(request: HttpRequest, operation: Callable[..., Any], **given: Any) -> uuid.UUID:
    """As `perform`, but a form sent twice (its hidden `once` field) makes one thing. Returns that thing's id."""
    key = request.POST.get("once", "").replace("\0", "")[:100]
    if not key:
        return _id(perform(request, operation, **given))

    def act() -> tuple[int, Any]:
        return 201, str(operation(by=request.user, **given).pk)

    try:
        _, answer = retry_once(
            lambda: once(
                f"page:{key}",
                staff=request.user,  # type: ignore[arg-type]
                # With what was typed: gone back to and changed, the form is another one, and is not swallowed.
                request_digest=digest(request.path.encode(), request.POST.urlencode().encode()),
                act=act,
            )
        )
    except KeyUsedOtherwise:
        return _id(perform(request, operation, **given))
    return uuid.UUID(answer)


def _id(made: Model) -> uuid.UUID:
    return uuid.UUID(str(made.pk))


def attempt(
    request: HttpRequest, form: forms.BaseForm, operation: Callable[..., Any], **given: Any
) -> uuid.UUID | Refused | None:
    """Perform once for a form. Returns the made thing's id; the refusal, recorded; or None with the form's errors set."""
    try:
        return perform_once(request, operation, **given)
    except Refused as refused:
        keep_refusal(request, refused, operation.__name__)
        return refused
    except ValidationError as error:
        add_errors(form, error)
        return None


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put each sentence beside its field, or above the form where the form has no such field."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def keep_refusal(request: HttpRequest, refused: Refused, operation: str) -> None:
    record_refusal(refused, by=request.user, door=door_of(request), operation=operation)  # type: ignore[arg-type]


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The reasons on a page of their own, 409."""
    match = request.resolver_match
    keep_refusal(request, refused, match.url_name or "" if match else "")
    return render(request, "refused.html", {"blockers": refused.blockers, "patient_id": refused.patient_id}, status=409)
