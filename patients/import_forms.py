"""What is typed to import patients: the file, how it is read, which column is which field, and what to leave out."""

from typing import Any

from django import forms

from patients.importing import columns, reading
from patients.models import PatientImport

LEAVE_OUT = ""


class FileForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text=f"CSV, or a FHIR R4 Patient or Bundle (JSON). At most {reading.LARGEST // 1024 // 1024} MB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    system = forms.CharField(
        label="Which system does it come from?",
        max_length=60,
        help_text="For example Cliniko. Its numbers are kept under this name, so use the same one next time.",
        error_messages={"required": "Say which system the patients come from."},
    )


class ReadingForm(forms.Form):
    """Nothing is chosen but what the file itself proves; the rest a person says."""

    encoding = forms.ChoiceField(
        choices=PatientImport.Encoding.choices, error_messages={"required": "Choose how its characters are written."}
    )
    delimiter = forms.ChoiceField(
        choices=PatientImport.Delimiter.choices, error_messages={"required": "Choose what stands between two fields."}
    )
    dates = forms.ChoiceField(
        choices=PatientImport.Dates.choices, error_messages={"required": "Choose how dates are written."}
    )


class ColumnsForm(forms.Form):
    """One choice for each column of the file."""

    def __init__(self, header: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposed = {place: field for field, place in columns.proposed(header).items()}
        for place, name in enumerate(header):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name or f"Column {place + 1}, without a name",
                choices=[(LEAVE_OUT, "Leave out"), *columns.FIELDS.items()],
                initial=proposed.get(place, LEAVE_OUT),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen: dict[str, int] = {}
        for place, field in enumerate(cleaned.get(name, LEAVE_OUT) for name in self.fields):
            if field in chosen:
                self.add_error(None, f"Two columns are chosen as {columns.FIELDS[field].lower()}; choose one.")
            elif field:
                chosen[field] = place
        if not self.errors:
            for sentence in columns.faults(chosen, len(self.fields)):
                self.add_error(None, sentence)
        return {"columns": chosen}


class ApplyForm(forms.Form):
    without_bad = forms.BooleanField(required=False)
    lookalikes = forms.ChoiceField(
        choices=[("leave-out", "Leave them out"), ("take-in", "Take them in")], required=False
    )
