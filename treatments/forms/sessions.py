"""Starting a session, and its record while it runs."""

from typing import Any

from django import forms
from django.db.models import Q

from treatments.forms.session_rows import LotRows, MillilitreField, Rows, SiteRows
from treatments.forms.side_effects import where_fields
from treatments.models import Product, Session, SkinCheck
from treatments.models.session import Anaesthetic, AsepsisItem
from treatments.models.treatment import Family
from treatments.record_version import version_of
from treatments.stock import Stock


class StartForm(forms.Form):
    skin_check = forms.BooleanField(required=False, label="I have looked at the skin just now: no bruising seen")

    def attested(self) -> str:
        return SkinCheck.Finding.NO_BRUISING_SEEN if self.cleaned_data["skin_check"] else ""


class BruisingFoundForm(forms.Form):
    site, side, severity = where_fields()
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


def _scale(label: str) -> forms.TypedChoiceField:
    """0 to 10, a thumb wide each; nothing chosen is not recorded."""
    choices = [(number, str(number)) for number in range(11)]
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[*choices, ("", "–")],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )


def _yes_or_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("yes", "Yes"), ("no", "No"), ("", "Not recorded")],
        coerce=lambda said: said == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )


class SessionForm(forms.Form):
    """The record. Sites and lots are rows beside it, for mesotherapy only."""

    anaesthetic = forms.ChoiceField(
        label="Local anaesthetic",
        required=False,
        choices=[*Anaesthetic.choices, ("", "Not recorded")],
        widget=forms.RadioSelect,
    )
    anaesthetic_lot = forms.ChoiceField(label="Agent and lot", required=False)
    anaesthetic_ml = MillilitreField(label="Amount, ml")
    asepsis = forms.MultipleChoiceField(label="Against infection", required=False, widget=forms.CheckboxSelectMultiple)
    creams = forms.CharField(
        label="Creams recommended",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One on each line.",
    )
    no_creams = forms.BooleanField(label="None recommended", required=False)
    burning = _scale("Burning, 0 to 10")
    pain = _scale("Pain, 0 to 10")
    swelling = _yes_or_no("Swelling seen")
    itching = _yes_or_no("Itching felt")
    note = forms.CharField(label="Note", required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}))
    next_step = forms.CharField(label="Next step", required=False, max_length=500)
    as_of = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, session: Session, stock: Stock) -> None:
        """`session` with its lot uses, `stock` what may stand in the lists of lots."""
        super().__init__(data, initial=_written_before(session))
        uses = list(session.lot_uses.all())
        self.stock = stock
        injects = session.family == Family.MESOTHERAPY
        injected = [use for use in uses if use.lot.product.use == Product.Use.INJECTED]
        self.fields["asepsis"].choices = _steps(session)  # type: ignore[attr-defined]
        self.fields["anaesthetic_lot"].choices = stock.choices(Product.Use.ANAESTHETIC)  # type: ignore[attr-defined]
        self.sites = SiteRows(data, prefix="sites", initial=session.sites) if injects else None
        self.lots = (
            LotRows(
                data,
                prefix="lots",
                initial=[{"lot": str(use.lot_id), "volume_ml": use.volume_ml} for use in injected],
                form_kwargs={"choices": stock.choices(Product.Use.INJECTED)},
            )
            if injects
            else None
        )

    def clean(self) -> dict[str, Any]:
        record = super().clean() or self.cleaned_data
        if record.get("no_creams") and record.get("creams", "").strip():
            self.add_error("no_creams", "Either creams were recommended, or none.")
        if record.get("anaesthetic") != Anaesthetic.GIVEN and "anaesthetic" not in self.errors:
            for name in ("anaesthetic_lot", "anaesthetic_ml"):
                if record.get(name):
                    self.add_error(name, "Named only where the anaesthetic was given.")
        elif record.get("anaesthetic_ml") and not record.get("anaesthetic_lot"):
            self.add_error("anaesthetic_lot", "Choose the lot that this came from.")
        return record

    @property
    def row_sets(self) -> list[Rows]:
        return [rows for rows in (self.sites, self.lots) if rows is not None]

    def begin_at(self, lot: str) -> None:
        """On to how much of it, after it was scanned."""
        for row in self.lots or ():
            if str(row["lot"].value()) == lot:
                row.fields["volume_ml"].widget.attrs["autofocus"] = True
        if lot and self["anaesthetic_lot"].value() == lot:
            self.fields["anaesthetic_ml"].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        # All of them, so that every wrong field is said at once.
        return all([super().is_valid(), *(rows.is_valid() for rows in self.row_sets)])

    def written(self) -> dict[str, Any]:
        """What the operation is given."""
        record = {name: value for name, value in self.cleaned_data.items() if name not in ("creams", "no_creams")}
        record["anaesthetic_lot"] = record["anaesthetic_lot"] or None
        # Sent empty it is a version that never stood; a page from before there was one sends nothing, and is not asked.
        record["as_of"] = record["as_of"] if "as_of" in self.data else None
        named = [line.strip() for line in self.cleaned_data["creams"].splitlines() if line.strip()]
        record["creams"] = named or ([] if self.cleaned_data["no_creams"] else None)
        if self.sites is not None and self.lots is not None:
            record |= {"sites": self.sites.filled(), "lots": self.lots.filled()}
        return record


def _steps(session: Session) -> list[tuple[str, str]]:
    """The clinic's list, and what left it since it was ticked here."""
    steps = AsepsisItem.objects.filter(Q(is_active=True) | Q(code__in=session.asepsis))
    return [(step.code, step.words) for step in steps]


def _written_before(session: Session) -> dict[str, Any]:
    given = [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.ANAESTHETIC]
    known = {
        name: getattr(session, name) for name in ("anaesthetic", "asepsis", "burning", "pain", "note", "next_step")
    }
    # A radio button shows as chosen what it sends: “” for what is not recorded.
    known |= {name: "" for name in ("burning", "pain") if known[name] is None}
    known |= {name: {None: "", True: "yes", False: "no"}[getattr(session, name)] for name in ("swelling", "itching")}
    return known | {
        "as_of": version_of(session, session.lot_uses.all()),
        "anaesthetic_lot": str(given[0].lot_id) if given else "",
        "anaesthetic_ml": given[0].volume_ml if given else None,
        "creams": "\n".join(session.creams or []),
        "no_creams": session.creams == [],
    }
