"""Rows of a session's record: where it was injected, and how much of which lot went in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory

from treatments.body_map import settled
from treatments.models.session import Technique
from treatments.models.side_effect import BodySite, Side

LONGEST_LIST = 50


class MillilitreField(forms.DecimalField):
    """Millilitres, or millimetres: hundredths, above nought; “0,5” is read as 0.5."""

    def __init__(self, **given: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 5})
        known: dict[str, Any] = {"required": False, "min_value": Decimal("0.01"), "max_digits": 6, "decimal_places": 2}
        super().__init__(**({"widget": widget} | known | given))
        self.error_messages |= {"invalid": "Write it as a number, such as 0.5.", "min_value": "At least 0.01."}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class SiteRow(forms.Form):
    """One injected point or area. `view`, `x` and `y` are written by the body map."""

    site = forms.ChoiceField(label="Site", required=False, choices=[("", "–"), *BodySite.choices])
    side = forms.ChoiceField(label="Side", required=False, choices=[("", "–"), *Side.choices])
    volume_ml = MillilitreField(label="ml")
    technique = forms.ChoiceField(label="Technique", required=False, choices=[("", "–"), *Technique.choices])
    depth_mm = MillilitreField(label="Depth, mm", max_digits=4)
    needle = forms.CharField(label="Needle", required=False, max_length=30)
    view = forms.SlugField(required=False, max_length=20, widget=forms.HiddenInput)
    x = forms.IntegerField(required=False, min_value=0, max_value=1000, widget=forms.HiddenInput)
    y = forms.IntegerField(required=False, min_value=0, max_value=1000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        row = super().clean() or self.cleaned_data
        if not row.get("site") and "site" not in self.errors and any(value not in ("", None) for value in row.values()):
            words = "this side belongs" if row.get("side") else "this row belongs"
            self.add_error("site", f"Choose the site that {words} to.")
        # What is read out wins: without scripts a mark stays behind when another site or side is chosen.
        site, side, view = (row.get(name) or "" for name in ("site", "side", "view"))
        row["view"], row["x"], row["y"] = settled(site, side, view, row.get("x"), row.get("y"))
        return row


class Rows(BaseFormSet):  # type: ignore[type-arg]
    """Rows of a list: those there are, and room for more; saving makes more room. Works without JavaScript."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extra = max(4 - len(self.initial or []), 2)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        # Never passed over as unchanged: a page from before another save sends rows that stand in the record by now.
        return super()._construct_form(i, **kwargs | {"empty_permitted": False})  # type: ignore[misc]

    def filled(self) -> list[dict[str, Any]]:
        """Site and side, and of the rest what was written; numbers with decimals as text."""
        return [_kept(form.cleaned_data) for form in self.forms if form.cleaned_data.get("site")]


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    written = {name: value for name, value in row.items() if value not in ("", None)}
    plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in written.items()}
    return {"side": ""} | plain


class LotRow(forms.Form):
    """How much of a lot was injected."""

    lot = forms.ChoiceField(label="Lot", required=False)
    volume_ml = MillilitreField(label="ml")

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        row = super().clean() or self.cleaned_data
        if row.get("volume_ml") and not row.get("lot") and "lot" not in self.errors:
            self.add_error("lot", "Choose the lot that this came from.")
        return row


class LotRowSet(Rows):
    def filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("lot")]


LotRows: type[Rows] = formset_factory(  # type: ignore[assignment]
    LotRow, formset=LotRowSet, max_num=LONGEST_LIST, validate_max=True
)
SiteRows: type[Rows] = formset_factory(  # type: ignore[assignment]
    SiteRow, formset=Rows, max_num=LONGEST_LIST, validate_max=True
)
