"""Photos chosen or taken on a phone, several at once."""

import datetime as dt
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

MOST_AT_ONCE = 10


class CameraInput(forms.FileInput):
    """On a phone the camera or its pictures, elsewhere a choice of files. Works without JavaScript."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": "image/*", "multiple": True, "data-photos": True})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> "list[UploadedFile[Any]]":
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class PhotosField(forms.Field):
    """A list of uploads. Whether each is a photo is asked by the operation alone, which reads it."""

    widget = CameraInput

    def clean(self, value: Any) -> "list[UploadedFile[Any]]":
        photos = [photo for photo in value or [] if photo.name]
        if self.required and not photos:
            raise forms.ValidationError("Choose or take at least one photo.")
        if len(photos) > MOST_AT_ONCE:
            raise forms.ValidationError(f"Send at most {MOST_AT_ONCE} photos at once.")
        return photos


class LocalMoment(forms.DateTimeInput):
    """A date and a time on the reader's own clock, to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AddPhotosForm(forms.Form):
    photos = PhotosField(
        label="Photos",
        help_text="JPEG, PNG, WebP or HEIC, up to 25 MB and 60 megapixels each, ten at once.",
    )
    # Of a photo that the page's own camera took: said so, a phone's wrong clock does not matter.
    seconds_ago = forms.IntegerField(required=False, min_value=0, max_value=24 * 60 * 60, widget=forms.HiddenInput)
    taken_at = forms.DateTimeField(
        label="Taken at",
        required=False,
        widget=LocalMoment,
        help_text="Leave empty for one taken now, or to go by the camera's clock.",
        error_messages={"invalid": "Give a day and a time, for example 2026-11-03 14:30."},
    )

    def when_taken(self, now: dt.datetime) -> dt.datetime | None:
        """What was said about it; None for what the camera's clock is asked."""
        said, seconds = self.cleaned_data["taken_at"], self.cleaned_data["seconds_ago"]
        if said is not None or seconds is None:
            return said  # type: ignore[no-any-return]
        return now - dt.timedelta(seconds=seconds)
