"""What a manager's lists of records are filtered by. Each field is optional; an address says them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from clinic.filter_forms import DaysForm
from clinic.models import Site, Staff
from treatments.models import Lot, Product, Session, Treatment
from treatments.models.side_effect import Kind, Severity

SESSIONS, SIDE_EFFECTS = "sessions", "side-effects"
ANY = ("", "All")
NOT_YET, ADDED_SINCE, REVIEWED = "not-yet", "added-since", "reviewed"
UNSIGNED, SIGNED, IN_ERROR, DEVIATION = "unsigned", "signed", "in-error", "deviation"
OPEN, REPORTED, CLOSED = "open", "reported", "closed"


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, person: Staff) -> str:
        return person.name if person.is_active else f"{person.name} (no longer here)"


class SiteChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, site: Site) -> str:
        return site.name if site.is_active else f"{site.name} (closed)"


class CatalogueChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, one: Any) -> str:
        return str(one) if one.is_active else f"{one} (no longer used)"


class RecordsForm(DaysForm):
    """What both lists know. A side effect has its site, treatment and lots by the session it followed."""

    practitioner = PersonChoice(
        # Whoever ever treated here, so that the records of those who left are found as well.
        Staff.objects.filter(
            Q(is_practitioner=True) | Q(Exists(Session.objects.filter(practitioner=OuterRef("pk"))))
        ).order_by("name", "pk"),
        required=False,
        empty_label="Everybody",
        error_messages={"invalid_choice": "Nobody of this name has treated here."},
    )
    site = SiteChoice(
        Site.objects.order_by("name"),
        label="Clinic site",
        required=False,
        empty_label="All sites",
        error_messages={"invalid_choice": "Choose one of the sites."},
    )
    treatment = CatalogueChoice(
        Treatment.objects.order_by("name"),
        required=False,
        empty_label="All treatments",
        error_messages={"invalid_choice": "Choose one of the treatments."},
    )
    product = CatalogueChoice(
        Product.objects.order_by("name"),
        required=False,
        empty_label="All products",
        error_messages={"invalid_choice": "Choose one of the products."},
    )
    lot = forms.CharField(label="Lot number", required=False, max_length=60)
    reviewed = forms.ChoiceField(
        label="Reviewed",
        required=False,
        choices=[
            ("", "All"),
            (NOT_YET, "Not yet reviewed"),
            (ADDED_SINCE, "Added to since the review"),
            (REVIEWED, "Reviewed"),
        ],
        error_messages={"invalid_choice": "Choose one of these."},
    )

    def clean_lot(self) -> str:
        number: str = self.cleaned_data["lot"]
        if number and not Lot.objects.filter(number__iexact=number).exists():
            raise ValidationError("No lot of this number is on record.")
        return number


class SessionsForm(RecordsForm):
    state = forms.ChoiceField(
        label="Record",
        required=False,
        choices=[
            ANY,
            (UNSIGNED, "Not signed by the practitioner"),
            (SIGNED, "Signed"),
            (DEVIATION, "Deviations"),
            (IN_ERROR, "Entered in error"),
        ],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    field_order = (
        "reviewed", "state", "period", "since", "until", "practitioner", "site", "treatment", "product", "lot",
    )  # fmt: skip


class SideEffectsForm(RecordsForm):
    kind = forms.ChoiceField(
        required=False, choices=[ANY, *Kind.choices], error_messages={"invalid_choice": "Choose one of the kinds."}
    )
    severity = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[ANY, *Severity.choices],
        error_messages={"invalid_choice": "Choose one of the clinic's own four."},
    )
    state = forms.ChoiceField(
        label="Open or closed",
        required=False,
        choices=[
            ANY,
            (OPEN, "Open"),
            (REPORTED, "Reported, not yet seen"),
            (CLOSED, "Found gone"),
            (IN_ERROR, "Entered in error"),
        ],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    field_order = (
        "reviewed", "state", "kind", "severity", "period", "since", "until",
        "practitioner", "site", "treatment", "product", "lot",
    )  # fmt: skip


FORMS: dict[str, type[RecordsForm]] = {SESSIONS: SessionsForm, SIDE_EFFECTS: SideEffectsForm}
FIELDS = frozenset({"what"}).union(*(form.base_fields for form in FORMS.values()))
