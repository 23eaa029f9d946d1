"""Products and lots of the catalogue."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from treatments.forms.session_rows import MillilitreField
from treatments.models import Lot, Product
from treatments.scanning import LONGEST, NotFound, read

FIRST_YEAR, LAST_YEAR = 2000, 2100


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    most_ml = MillilitreField(
        label="Most in one session, ml", help_text="The clinic’s limit; more is asked about, not refused."
    )

    class Meta:
        model = Product
        fields = ["name", "use", "gtin", "allergens", "most_ml", "use_within_days", "is_active"]
        labels = {
            "use": "What for",
            "allergens": "Words of an allergy to it",
            "use_within_days": "Days it keeps once opened",
            "is_active": "In use: its lots can be received and chosen",
        }
        help_texts = {
            "gtin": "The number in its barcode, 14 digits. The scanner finds the product by it.",
            "allergens": "By which an allergy may stand on a chart, divided by commas: lidocaine, lignocaine.",
            "use_within_days": "Empty where the maker says nothing.",
        }
        widgets = {"use": forms.RadioSelect, "gtin": forms.TextInput(attrs={"inputmode": "numeric"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = Product.Use.choices  # type: ignore[attr-defined]

    def clean_gtin(self) -> str:
        """A shorter one, as it stands under a bar code, is the same number."""
        digits = "".join(str(self.cleaned_data["gtin"]).split())
        return digits.zfill(14) if digits.isdecimal() and 8 <= len(digits) < 14 else digits

    def validate_unique(self) -> None:
        """The operation says it, under lock."""


class LotForm(forms.Form):
    """A lot taken in. `code` is for a scanner; what it holds fills the rest."""

    code = forms.CharField(
        label="Scan the code on the box",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        help_text="GTIN, lot and expiry are read from it. Or fill in what stands below.",
    )
    product = forms.ModelChoiceField(label="Product", queryset=Product.objects.none(), required=False)
    number = forms.CharField(
        label="Lot number", required=False, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    expires_on = forms.DateField(
        label="Expires",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day on which it may be used.",
    )
    dose = forms.ChoiceField(label="Dose", choices=Lot.Dose.choices, initial=Lot.Dose.SINGLE, widget=forms.RadioSelect)

    def __init__(self, *args: Any, products: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError("Look at the year again.")
        return day

    def clean(self) -> dict[str, Any]:
        lot = super().clean() or self.cleaned_data
        if lot.get("code") and "code" not in self.errors:
            self._fill_from(lot)
        for name, words in (("product", "Choose the product."), ("number", "Write the lot’s number.")):
            if not lot.get(name) and name not in self.errors:
                self.add_error(name, words)
        return lot

    def _fill_from(self, lot: dict[str, Any]) -> None:
        try:
            scanned = read(lot["code"])
        except NotFound as error:
            self.add_error("code", str(error))
            return
        found = {"number": scanned.number, "expires_on": scanned.expires_on}
        if scanned.gtin:
            found["product"] = self.fields["product"].queryset.filter(gtin=scanned.gtin).first()  # type: ignore[attr-defined]
            if found["product"] is None:
                self.add_error("code", f"No product of the catalogue has the GTIN {scanned.gtin}.")
        for name, value in found.items():
            if not value:
                continue
            if lot.get(name) and lot[name] != value:
                self.add_error(name, "The code says otherwise. Empty the one that is wrong.")
            lot[name] = value


class ReasonForm(forms.Form):
    """Into quarantine, or out of it."""

    reason = forms.CharField(label="Why", max_length=300)


class AsepsisItemForm(forms.Form):
    words = forms.CharField(label="Another step", max_length=100)
