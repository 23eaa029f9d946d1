"""Imports of patients from another system: the file, its rows, and what the other system calls them."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0003_fill_duplicate_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('status', models.CharField(choices=[('received', 'Received'), ('checking', 'Being checked'), ('checked', 'Checked'), ('applied', 'Imported')], default='received', max_length=10)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('fhir', 'FHIR R4 (JSON)')], max_length=4)),
                ('file_name', models.CharField(max_length=200)),
                ('content', models.BinaryField(null=True)),
                ('system', models.CharField(max_length=60)),
                ('encoding', models.CharField(blank=True, choices=[('utf-8', 'UTF-8'), ('utf-16', 'UTF-16, with its mark'), ('utf-16-le', 'UTF-16, little-endian'), ('utf-16-be', 'UTF-16, big-endian'), ('latin-1', 'Latin-1 (ISO 8859-1)'), ('windows-1252', 'Windows Western (1252)')], max_length=12)),
                ('delimiter', models.CharField(blank=True, choices=[('comma', 'Comma'), ('semicolon', 'Semicolon'), ('tab', 'Tab')], max_length=9)),
                ('dates', models.CharField(blank=True, choices=[('day-first', 'Day first, as 14/02/1988 or 14.2.1988'), ('iso', 'Year first, as 1988-02-14')], max_length=9)),
                ('header', models.JSONField(default=list)),
                ('columns', models.JSONField(default=dict)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('other_entries', models.PositiveIntegerField(default=0)),
                ('rows_done', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('applied_at', models.DateTimeField(null=True)),
                ('first_number', models.PositiveIntegerField(null=True)),
                ('taken_in', models.PositiveIntegerField(default=0)),
                ('left_out', models.JSONField(default=dict)),
                ('applied_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PatientImportRow',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('line', models.PositiveIntegerField()),
                ('outcome', models.CharField(choices=[('new', 'New'), ('bad', 'Cannot be taken in'), ('here', 'Already here'), ('twice', 'Twice in this file'), ('looks-like', 'Looks like somebody')], max_length=10)),
                ('remarks', models.TextField(blank=True)),
                ('same_as', models.CharField(blank=True, max_length=30)),
                ('has_identifier', models.BooleanField(default=False)),
                ('cells', models.JSONField(default=list)),
                ('given_name', models.CharField(blank=True, max_length=100)),
                ('family_name', models.CharField(blank=True, max_length=100)),
                ('pronouns', models.CharField(blank=True, max_length=30)),
                ('date_of_birth', models.DateField(null=True)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('wants_messages', models.BooleanField(default=False)),
                ('low_pain_threshold', models.BooleanField(default=False)),
                ('allergies', models.CharField(blank=True, max_length=500)),
                ('alerts', models.CharField(blank=True, max_length=500)),
                ('search_text', models.CharField(blank=True, max_length=400)),
                ('name_key', models.CharField(blank=True, max_length=210)),
                ('phone_key', models.CharField(blank=True, max_length=9)),
                ('patient_import', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='patients.patientimport')),
            ],
            # Not as operations of their own: on SQLite a constraint added later rebuilds the table.
            options={
                'ordering': ['line'],
                'indexes': [
                    models.Index(fields=['patient_import', 'outcome', 'line'], name='import_row_by_outcome'),
                    models.Index(fields=['patient_import', 'name_key', 'date_of_birth'], name='import_row_by_name'),
                ],
                'constraints': [models.UniqueConstraint(fields=('patient_import', 'line'), name='one_row_a_line')],
            },
        ),
        migrations.CreateModel(
            name='PatientImportIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=200)),
                ('value', models.CharField(max_length=200)),
                ('patient_import', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patientimport')),
                ('row', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identifiers', to='patients.patientimportrow')),
            ],
            options={'indexes': [models.Index(fields=['patient_import', 'value', 'system'], name='import_identifier')]},
        ),
    ]
