"""The choice of messages, what likely duplicates share, and identifiers of other systems."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = keeping_triggers([
        migrations.CreateModel(
            name='PatientIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=200)),
                ('value', models.CharField(max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='historicalpatient',
            name='wants_messages',
            field=models.BooleanField(default=False, help_text='confirmations, reminders and changes of appointments', verbose_name='wants messages by email'),
        ),
        migrations.AddField(
            model_name='patient',
            name='name_key',
            field=models.CharField(db_index=True, default='', editable=False, max_length=210),
        ),
        migrations.AddField(
            model_name='patient',
            name='phone_key',
            field=models.CharField(db_index=True, default='', editable=False, max_length=9),
        ),
        migrations.AddField(
            model_name='patient',
            name='wants_messages',
            field=models.BooleanField(default=False, help_text='confirmations, reminders and changes of appointments', verbose_name='wants messages by email'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['date_of_birth'], name='patient_by_birth_date'),
        ),
        migrations.AddField(
            model_name='patientidentifier',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identifiers', to='patients.patient'),
        ),
        migrations.AddConstraint(
            model_name='patientidentifier',
            constraint=models.UniqueConstraint(fields=('system', 'value'), name='identifier_names_one_patient'),
        ),
    ])
