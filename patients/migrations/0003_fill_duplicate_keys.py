"""What likely duplicates share, for the patients who are there already."""

from django.db import migrations

from patients.search import name_key, phone_key

AT_A_TIME = 1000


def fill(apps, editor):
    Patient = apps.get_model("patients", "Patient")
    waiting = []
    for patient in Patient.objects.only("given_name", "family_name", "phone").iterator(chunk_size=AT_A_TIME):
        patient.name_key = name_key(patient.given_name, patient.family_name)
        patient.phone_key = phone_key(patient.phone)
        waiting.append(patient)
        if len(waiting) == AT_A_TIME:
            Patient.objects.bulk_update(waiting, ["name_key", "phone_key"])
            waiting = []
    Patient.objects.bulk_update(waiting, ["name_key", "phone_key"])


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_messages_and_duplicates")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
