"""When and why a patient's contact data were erased."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0006_consent_per_use'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = keeping_triggers([
        migrations.AddField(
            model_name='historicalpatient',
            name='contact_erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='contact data erased at'),
        ),
        migrations.AddField(
            model_name='historicalpatient',
            name='contact_erased_by',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalpatient',
            name='contact_erased_reason',
            field=models.CharField(blank=True, editable=False, max_length=500),
        ),
        migrations.AddField(
            model_name='patient',
            name='contact_erased_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='contact data erased at'),
        ),
        migrations.AddField(
            model_name='patient',
            name='contact_erased_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='patient',
            name='contact_erased_reason',
            field=models.CharField(blank=True, editable=False, max_length=500),
        ),
    ])
