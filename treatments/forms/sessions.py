"""Starting a session, and its record while it runs."""

from typing import Any

from django import forms
from django.forms.formsets import formset_factory

from treatments.forms.session_rows import Rows, SiteRows
from treatments.forms.side_effects import where_fields
from treatments.models import Session, SkinCheck
from treatments.models.session import Anaesthetic, Asepsis
from treatments.models.treatment import Family


class StartForm(forms.Form):
    skin_check = forms.BooleanField(required=False, label="I have looked at the skin just now: no bruising seen")

    def attested(self) -> str:
        return SkinCheck.Finding.NO_BRUISING_SEEN if self.cleaned_data["skin_check"] else ""


class BruisingFoundForm(forms.Form):
    site, side, severity = where_fields()
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ProductRow(forms.Form):
    name = forms.CharField(label="Product", required=False, max_length=100)
    lot = forms.CharField(label="Lot", required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        row = super().clean() or self.cleaned_data
        if row.get("lot") and not row.get("name"):
            self.add_error("name", "Name the product that this lot belongs to.")
        return row


class ProductRowSet(Rows):
    def filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if any(form.cleaned_data.values())]


ProductRows: type[Rows] = formset_factory(ProductRow, formset=ProductRowSet, max_num=50, validate_max=True)  # type: ignore[assignment]


def _scale(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=10, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )


class SessionForm(forms.Form):
    """The record. Sites and products are rows beside it, for mesotherapy only."""

    anaesthetic = forms.ChoiceField(
        label="Local anaesthetic",
        required=False,
        choices=[*Anaesthetic.choices, ("", "Not recorded")],
        widget=forms.RadioSelect,
    )
    anaesthetic_agent = forms.CharField(label="Agent", required=False, max_length=100)
    anaesthetic_lot = forms.CharField(label="Its lot", required=False, max_length=60)
    asepsis = forms.MultipleChoiceField(
        label="Against infection", required=False, choices=Asepsis.choices, widget=forms.CheckboxSelectMultiple
    )
    creams = forms.CharField(
        label="Creams recommended",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on each line.",
    )
    no_creams = forms.BooleanField(label="None recommended", required=False)
    burning = _scale("Burning, 0 to 10")
    pain = _scale("Pain, 0 to 10")
    note = forms.CharField(label="Note", required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data, initial=_written_before(session))
        injects = session.family == Family.MESOTHERAPY
        self.sites = SiteRows(data, prefix="sites", initial=session.sites) if injects else None
        self.products = ProductRows(data, prefix="products", initial=session.products) if injects else None

    def clean(self) -> dict[str, Any]:
        record = super().clean() or self.cleaned_data
        if record.get("no_creams") and record.get("creams", "").strip():
            self.add_error("no_creams", "Either creams were recommended, or none.")
        if record.get("anaesthetic") != Anaesthetic.GIVEN:
            for name in ("anaesthetic_agent", "anaesthetic_lot"):
                if record.get(name):
                    self.add_error(name, "Named only where the anaesthetic was given.")
        return record

    @property
    def row_sets(self) -> list[Rows]:
        return [rows for rows in (self.sites, self.products) if rows is not None]

    def is_valid(self) -> bool:
        # All of them, so that every wrong field is said at once.
        return all([super().is_valid(), *(rows.is_valid() for rows in self.row_sets)])

    def written(self) -> dict[str, Any]:
        """What the operation is given."""
        record = {name: value for name, value in self.cleaned_data.items() if name not in ("creams", "no_creams")}
        named = [line.strip() for line in self.cleaned_data["creams"].splitlines() if line.strip()]
        record["creams"] = named or ([] if self.cleaned_data["no_creams"] else None)
        if self.sites is not None and self.products is not None:
            record |= {"sites": self.sites.filled(), "products": self.products.filled()}
        return record


def _written_before(session: Session) -> dict[str, Any]:
    return {
        name: getattr(session, name)
        for name in ("anaesthetic", "anaesthetic_agent", "anaesthetic_lot", "asepsis", "burning", "pain", "note")
    } | {"creams": "\n".join(session.creams or []), "no_creams": session.creams == []}
