"""The clinic's own list against infection begins with the five steps that were fixed before, under the same codes."""

from django.db import migrations

STEPS = (
    ("hands-washed", "Hands washed and gloved"),
    ("skin-disinfected", "Skin disinfected"),
    ("sterile-needles", "Sterile single-use needles"),
    ("clean-surface", "Clean surface and fresh cover"),
    ("sharps-disposed", "Sharps disposed of"),
)


def fill(apps, editor):
    items = apps.get_model("treatments", "AsepsisItem").objects
    for position, (code, words) in enumerate(STEPS, start=1):
        items.get_or_create(code=code, defaults={"words": words, "position": position})


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0004_clinical_record"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
