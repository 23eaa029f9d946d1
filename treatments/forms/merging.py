"""Which of the two records' details stand."""

from typing import Any

from django import forms

from treatments.merge_preview import KEPT, MERGED, Preview


class MergeForm(forms.Form):
    """One choice for each detail in which the two differ; what is alike on both is not asked."""

    def __init__(self, *args: Any, preview: Preview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for detail in preview.details:
            if detail.differs:
                self.fields[detail.name] = forms.ChoiceField(
                    label=detail.label,
                    choices=[(KEPT, detail.kept or "Nothing"), (MERGED, detail.merged or "Nothing")],
                    initial=detail.chosen,
                    widget=forms.RadioSelect,
                    error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
                )
