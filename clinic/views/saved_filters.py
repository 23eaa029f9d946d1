"""Saved filters: kept from any list that offers it, renamed, removed."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinic.models import SavedFilter
from clinic.pages import add_errors, perform
from clinic.saved_filters import (
    FILTERED_PAGES,
    LONGEST_NAME,
    FilteredPage,
    remove_filter,
    rename_filter,
    save_filter,
)


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name of the filter", max_length=LONGEST_NAME, error_messages={"required": "Give it a name."}
    )


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest, page: str) -> HttpResponse:
    """What stands in the form's `query` is kept under the name that was typed; then the list again, as it was."""
    of = _page(request, page)
    query = of.kept((request.POST if request.method == "POST" else request.GET).get("query", ""))
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = perform(request, save_filter, page=of, name=form.cleaned_data["name"], query=query)
        except ValidationError as error:
            add_errors(form, error)
        else:
            said = "now holds this filter instead of the one before" if saved.was_replaced else "is saved"
            messages.success(request, f"“{saved.name}” {said}.")
            return redirect(_list(of, saved.query))
    context = {"form": form, "page": of, "query": query, "back": _list(of, query)}
    return render(request, "clinic/saved_filter.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, filter_id: uuid.UUID) -> HttpResponse:
    """Another name for one's own filter."""
    saved, of = _own(request, filter_id)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": saved.name})
    if request.method == "POST" and form.is_valid():
        try:
            saved = perform(request, rename_filter, saved=saved, name=form.cleaned_data["name"])
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"It is called “{saved.name}” now.")
            return redirect(_list(of, saved.query))
    context = {"form": form, "page": of, "saved": saved, "back": _list(of, of.kept(saved.query))}
    return render(request, "clinic/saved_filter.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove(request: HttpRequest, filter_id: uuid.UUID) -> HttpResponse:
    saved, of = _own(request, filter_id)
    perform(request, remove_filter, saved=saved)
    messages.success(request, f"“{saved.name}” is removed. No record was touched.")
    return redirect(of.name)


def _page(request: HttpRequest, name: str) -> FilteredPage:
    of = FILTERED_PAGES.get(name)
    if of is None:
        raise Http404
    if not request.user.may(of.permission):  # type: ignore[union-attr]
        raise PermissionDenied
    return of


def _own(request: HttpRequest, filter_id: uuid.UUID) -> tuple[SavedFilter, FilteredPage]:
    saved = get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=filter_id)  # type: ignore[arg-type]
    return saved, _page(request, saved.page)


def _list(of: FilteredPage, query: str) -> Any:
    return f"{reverse(of.name)}?{query}" if query else reverse(of.name)
