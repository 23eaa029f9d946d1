"""Indexes for what is asked of every patient: the newest session that stands, and what was recorded since."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0007_contact_erased'),
        ('treatments', '0008_management'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='review',
            name='review_newest_first',
        ),
        migrations.RemoveIndex(
            model_name='session',
            name='session_newest_of_patient',
        ),
        migrations.RemoveIndex(
            model_name='sideeffect',
            name='side_effect_by_patient',
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['side_effect', '-seen_at', 'recorded_at'], name='review_newest_first'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('error_at', None)), fields=['patient', 'family', '-started_at'], name='session_newest_of_patient'),
        ),
        migrations.AddIndex(
            model_name='sideeffect',
            index=models.Index(fields=['patient', '-recorded_at', 'id'], name='side_effect_by_patient'),
        ),
    ]
