"""The catalogue's products, and the clinic's own list against infection."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.pages import add_errors, attempt, needs, perform
from treatments.asepsis import add_step, retire_step
from treatments.forms.lots import AsepsisItemForm, ProductForm
from treatments.lots import add_product, change_product
from treatments.models import AsepsisItem, Product


@needs("receive-lots")
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    visible = Product.objects.visible_to(request.user).order_by("-is_active", "name")  # type: ignore[arg-type]
    return render(request, "treatments/lots_products.html", {"products": visible, "nav": "lots"})


@needs("manage-clinic")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@needs("manage-clinic")
@require_http_methods(["GET", "POST"])
def product(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    return _edit(request, get_object_or_404(Product.objects.visible_to(request.user), pk=product_id))  # type: ignore[arg-type]


def _edit(request: HttpRequest, found: Product | None) -> HttpResponse:
    # The form's own copy: what is typed stays there, and the operation reads the product again under lock.
    form = ProductForm(request.POST if request.method == "POST" else None, instance=found)
    name = found.name if found else ""
    if request.method == "POST" and form.is_valid():
        given = {"product": Product(pk=found.pk)} if found else {}
        made = attempt(request, form, change_product if found else add_product, **given, **form.cleaned_data)
        if isinstance(made, uuid.UUID):
            messages.success(request, "Saved.")
            return redirect("products")
    return render(
        request,
        "treatments/lots_product.html",
        {"form": form, "name": name, "is_new": found is None, "nav": "lots"},
        status=422 if form.is_bound else 200,
    )


@needs("manage-clinic")
@require_http_methods(["GET", "POST"])
def asepsis(request: HttpRequest) -> HttpResponse:
    form = AsepsisItemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            perform(request, add_step, words=form.cleaned_data["words"], through=request)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Added. It stands on every session's list from now.")
            return redirect("asepsis")
    return render(
        request,
        "treatments/lots_asepsis.html",
        {"form": form, "steps": AsepsisItem.objects.filter(is_active=True), "nav": "lots"},
        status=422 if form.is_bound else 200,
    )


@needs("manage-clinic")
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    item = get_object_or_404(AsepsisItem, code=code, is_active=True)
    perform(request, retire_step, item=item, through=request)
    messages.success(request, "Taken off the list. Records that have it keep it.")
    return redirect("asepsis")
