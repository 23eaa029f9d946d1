"""What an address says of the diary to be shown: the site, the day, and whose week."""

import datetime as dt

from django import forms

from clinic.filter_forms import DayField
from clinic.models import Room, Site, Staff

WEEK = "week"


class DiaryForm(forms.Form):
    """Everything may be left out. A day that is none is asked for again; whoever or whatever is unknown is not found."""

    date = DayField(required=False)
    view = forms.ChoiceField(choices=[("day", "Day"), (WEEK, "Week")], required=False)
    site = forms.ModelChoiceField(Site.objects.filter(is_active=True), required=False)
    practitioner = forms.ModelChoiceField(Staff.objects.filter(is_practitioner=True), required=False)
    room = forms.ModelChoiceField(Room.objects.select_related("site"), required=False)

    @property
    def names_nobody(self) -> bool:
        """Does it name a site, a person or a room that there is not?"""
        return bool(set(self.errors) & {"site", "practitioner", "room", "view"})

    def chosen_day(self, today: dt.date) -> dt.date:
        return self.cleaned_data.get("date") or today


def week_of_day(day: dt.date) -> list[dt.date]:
    """Monday to Sunday around `day`."""
    monday = day - dt.timedelta(days=day.weekday())
    return [monday + dt.timedelta(days=number) for number in range(7)]
