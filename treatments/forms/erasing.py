"""Why a patient's contact data go, and which record it is, typed once more."""

from django import forms


class EraseForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="It stays with the record: the patient’s request, and when it was made.",
        error_messages={"required": "Say why."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = forms.CharField(
        label="The record number, typed once more",
        max_length=20,
        error_messages={"required": "Type the record number."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
