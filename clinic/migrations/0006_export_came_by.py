"""By which door, from where and in which request an export was asked for: its row in the trail says so once it is made."""

from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0005_management'),
    ]

    operations = keeping_triggers([
        migrations.AddField(
            model_name='export',
            name='address',
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name='export',
            name='door',
            field=models.CharField(blank=True, help_text='by which it was asked for', max_length=16),
        ),
        migrations.AddField(
            model_name='export',
            name='request_id',
            field=models.CharField(blank=True, max_length=36),
        ),
    ])
