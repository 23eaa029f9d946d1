"""What is typed about sheets: a version's wording, which one is given and how, and the consent it comes before."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from patients.models import Consent
from treatments.models import Sheet, SheetGiven, Treatment
from treatments.models.treatment import Family
from treatments.sheet_text import language_name
from treatments.sheets import LONGEST_BODY, LONGEST_TITLE, require_sense

HOW = {
    SheetGiven.How.PRINTED: "On paper",
    SheetGiven.How.PDF: "As a PDF",
    SheetGiven.How.SENT: "By email",
    SheetGiven.How.DECLINED: "Offered, not taken",
}


class SheetForm(forms.Form):
    """`before`: the version that the next one follows; its kind, treatment and language stay."""

    kind = forms.ChoiceField(choices=Sheet.Kind.choices, label="Which sheet")
    treatment = forms.ModelChoiceField(
        queryset=Treatment.objects.none(),
        required=False,
        label="Treatment",
        empty_label="Every mesotherapy that has no sheet of its own",
    )
    language = forms.CharField(
        max_length=35,
        help_text="A language tag: en, de, pt-BR.",
        error_messages={"required": "Say in which language it is written."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    title = forms.CharField(
        max_length=LONGEST_TITLE,
        error_messages={"required": "The title is missing."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    body = forms.CharField(
        max_length=LONGEST_BODY,
        label="Text",
        strip=False,
        error_messages={"required": "The text is missing."},
        widget=forms.Textarea(attrs={"rows": 24}),
    )
    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, before: Sheet | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.before = before
        self.fields["treatment"].queryset = Treatment.objects.filter(family=Family.MESOTHERAPY).order_by("name")  # type: ignore[attr-defined]
        if before is not None:
            for name in ("kind", "treatment", "language"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.before is not None:
            same = ("kind", "treatment", "language")
            cleaned |= {name: getattr(self.before, name) for name in same}
        if not self.errors:
            try:
                require_sense(*(cleaned[name] for name in ("kind", "language", "title", "body")))
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


class GiveForm(forms.Form):
    """Which of the `offered` sheets, and how. `offered` need their treatments fetched."""

    sheet = forms.ChoiceField(
        label="Which sheet",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose a sheet.",
            "invalid_choice": "A newer version was published meanwhile, or this sheet is none of these. Choose again.",
        },
    )
    how = forms.ChoiceField(
        label="How it is given",
        widget=forms.RadioSelect,
        error_messages={"required": "Say how it is given.", "invalid_choice": "It is given in one of these ways."},
    )

    def __init__(self, *args: Any, offered: Sequence[Sheet], may_decline: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        self.offered = {str(one.pk): one for one in offered}
        self.fields["sheet"].choices = [(key, _words(one)) for key, one in self.offered.items()]  # type: ignore[attr-defined]
        self.fields["how"].choices = [  # type: ignore[attr-defined]
            (how.value, words) for how, words in HOW.items() if may_decline or how != SheetGiven.How.DECLINED
        ]
        if len(self.offered) == 1:
            self.initial.setdefault("sheet", next(iter(self.offered)))

    def clean_sheet(self) -> Sheet:
        return self.offered[self.cleaned_data["sheet"]]


def _words(sheet: Sheet) -> str:
    about = f", {sheet.treatment.name}" if sheet.treatment else ""
    return f"{sheet.title}{about}: {language_name(sheet.language)}, version {sheet.version}"


class TreatmentConsentForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Consent
        fields = ["version"]
        labels = {"version": "Version of the wording"}
        help_texts = {"version": "As it stands on the paper or screen the patient agreed to."}
        error_messages = {"version": {"max_length": "At most %(limit_value)d letters and digits."}}
        widgets = {"version": forms.TextInput(attrs={"autocomplete": "off"})}
