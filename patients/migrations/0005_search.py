"""Search by any part of a name, number or phone, from an index on either database."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

import clinic.database


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0004_import'),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name='patient',
            index=clinic.database.TrigramIndex(fields=['search_text'], name='patient_by_trigrams', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=clinic.database.SQLiteIndex(fields=['merged_into', 'family_name', 'given_name', 'number', 'search_text'], name='patient_search'),
        ),
    ]
