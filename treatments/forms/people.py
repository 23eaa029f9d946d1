"""What is typed about members of staff: who they are, what they hold, why they leave, what they are trained for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from clinic.leaving import LONGEST_REASON
from clinic.models import Site, Staff
from clinic.roles import ROLES
from treatments.people import LONGEST_SEARCH, TRAININGS

FIRST_YEAR, LAST_YEAR = 2000, 2100
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.webp,application/pdf,image/jpeg,image/png,image/webp"


class PeopleFilter(forms.Form):
    search = forms.CharField(
        label="Name or email",
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), *Staff.State.choices])
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "All"), *ROLES.items()])
    training = forms.ChoiceField(label="Training", required=False, choices=[("", "All"), *TRAININGS.items()])


class PersonForm(forms.Form):
    """A new person, or one who is changed. Their own roles nobody is asked about."""

    name = forms.CharField(
        label="Name, as others read it", max_length=150, error_messages={"required": "Write the name."}
    )
    email = forms.EmailField(
        label="Email, which they sign in with",
        error_messages={"required": "Write the email address.", "invalid": "That is not a whole email address."},
    )
    site = forms.ModelChoiceField(
        label="Site",
        queryset=Site.objects.none(),
        required=False,
        empty_label="No site",
        error_messages={"invalid_choice": "That site is closed, or not of this clinic."},
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=list(ROLES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role. Somebody who is to do nothing here is deactivated."},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, staff: Staff | None = None, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        sites = Q(is_active=True) | Q(pk=staff.site_id if staff else None)
        self.fields["site"].queryset = Site.objects.filter(sites).order_by("name")  # type: ignore[attr-defined]
        self.is_own = staff is not None and staff.pk == by.pk
        for field in ("name", "email"):
            self.fields[field].widget.attrs["autocomplete"] = "off"
        if self.is_own or staff is not None and not staff.roles:
            self.fields["roles"].required = False
        if self.is_own:
            # Shown, not asked: the operation refuses it too.
            self.fields["roles"].disabled = True
            self.fields["roles"].initial = staff.roles if staff else []


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        error_messages={"required": "Say why."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="It is kept for good, and read by whoever looks into this later.",
    )


class CertificateField(forms.FileField):
    """What is in it is looked into when it is kept (treatments/certificates.py)."""

    default_error_messages = {
        "empty": "The file is empty.",
        "invalid": "The file did not arrive. Choose it again.",
        "missing": "Choose the file.",
        "required": "Choose the file.",
        "max_length": "The file’s name is too long. Give it a shorter one.",
    }
    widget = forms.FileInput(attrs={"accept": ACCEPTED})


class TrainingForm(forms.Form):
    certificate = forms.CharField(
        label="Who issued the certificate, and its number",
        max_length=200,
        error_messages={"required": "Write who issued it, and its number."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    valid_from = forms.DateField(
        label="Valid from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Say from which day.", "invalid": "That is not a day of the calendar."},
    )
    valid_until = forms.DateField(
        label="Valid until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day it holds.",
        error_messages={"required": "Say until which day.", "invalid": "That is not a day of the calendar."},
    )
    file = CertificateField(
        label="The certificate", required=False, help_text="PDF, JPEG, PNG or WebP, at most 10 MB. It can follow later."
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for name in ("valid_from", "valid_until"):
            day = typed.get(name)
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, ValidationError("Look at the year again."))
        return typed


class CertificateForm(forms.Form):
    file = CertificateField(label="The certificate", help_text="PDF, JPEG, PNG or WebP, at most 10 MB.")
