"""What lists of records need of their templates."""

from django import forms, template

register = template.Library()


@register.filter
def field_of(form: forms.BaseForm, name: str) -> forms.BoundField:
    """A form's field by a name that the template is given."""
    return form[name]
