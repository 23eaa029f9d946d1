"""Figures: side effects with their denominators, and practitioners around the clinic's rate."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.pages import needs
from treatments.figures.clearing_pages import ClearingFilter, clearing, clearing_plot
from treatments.figures.filter import BY_MONTH, Asked, FigureFilter, quick_links
from treatments.figures.pages import (
    drawn,
    funnel,
    months_plot,
    practitioners,
    refused_by_the_rule,
    tied_to_no_session,
)
from treatments.figures.rates import counted_at, of_the_clinic, rows
from treatments.figures.statistics import FEWEST
from treatments.figures.watch_pages import watched


@needs("read-figures")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Per kind of side effect, divided by month, treatment, product, lot, body site or site."""
    form = FigureFilter(request.GET)
    asked = form.asked()
    clinic = of_the_clinic(asked)
    page = _page(request, form, asked) | {
        "clinic": clinic,
        "rows": drawn(rows(asked), clinic),
        "plot": months_plot(asked) if asked.by == BY_MONTH else None,
        "refused": refused_by_the_rule(asked),
        "export": "figures",
    }
    return render(request, "treatments/figures.html", page, status=200 if form.is_valid() else 422)


@needs("read-figures")
@require_safe
def of_practitioners(request: HttpRequest) -> HttpResponse:
    """A funnel and a table by name; nobody is ranked."""
    form = FigureFilter(request.GET)
    asked = form.asked()
    clinic = of_the_clinic(asked)
    placed = practitioners(asked, clinic)
    page = _page(request, form, asked) | {
        "clinic": clinic,
        "placed": placed,
        "plot": funnel(asked, clinic, placed),
        "export": "figures-practitioners",
    }
    return render(request, "treatments/figures_practitioners.html", page, status=200 if form.is_valid() else 422)


def _page(request: HttpRequest, form: FigureFilter, asked: Asked) -> dict[str, Any]:
    return {
        "nav": "figures",
        "form": form,
        "asked": asked,
        "quick": quick_links(request.GET),
        "counted_at": counted_at(),
        "untied": tied_to_no_session(asked),
        "fewest": FEWEST,
    }


@needs("read-figures")
@require_safe
def time_to_clear(request: HttpRequest) -> HttpResponse:
    """How long bruises recorded here took to be found gone."""
    form = ClearingFilter(request.GET)
    found = clearing(*form.asked())
    page = {
        "nav": "figures",
        "form": form,
        "found": found,
        "plot": clearing_plot(found),
        "fewest": FEWEST,
        "export": "time-to-clear",
    }
    return render(request, "treatments/figures_clearing.html", page, status=200 if form.is_valid() else 422)


@needs("read-figures")
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """Whether bruising or infection comes more often at a site than it did."""
    page = {"nav": "figures", "watched": watched(), "export": "figures-watch"}
    return render(request, "treatments/figures_watch.html", page)
