"""More kinds of audit event."""

from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0003_hours'),
    ]

    operations = keeping_triggers([
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('signed-in', 'Signed in'), ('sign-in-failed', 'Sign-in failed'), ('signed-out', 'Signed out'), ('chart-read', 'Chart read'), ('photo-read', 'Photo opened'), ('record-read', 'Record read'), ('roles-changed', 'Roles changed'), ('staff-changed', 'Staff changed'), ('training-changed', 'Training changed'), ('token-issued', 'API token issued'), ('token-revoked', 'API token revoked'), ('patients-imported', 'Patients imported'), ('patients-exported', 'Patients exported'), ('patients-merged', 'Records merged'), ('photo-printed', 'Photo printed'), ('photo-saved', 'Copy of a photo saved'), ('chart-printed', 'Chart printed'), ('chart-exported', 'Chart exported'), ('sheets-changed', 'Sheets changed'), ('lots-changed', 'Lots changed'), ('merge-undone', 'Merge undone')], max_length=32),
        ),
    ])
