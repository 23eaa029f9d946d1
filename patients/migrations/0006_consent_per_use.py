"""Consent to photos per use; the sheet that was given before a consent."""

from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0005_search'),
    ]

    operations = keeping_triggers([
        migrations.AddField(
            model_name='consent',
            name='sheet_given_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='consent',
            name='sheet_version',
            field=models.CharField(blank=True, help_text='the sheet of risks that was given before it, with its version', max_length=60),
        ),
        migrations.AddField(
            model_name='historicalconsent',
            name='sheet_given_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='historicalconsent',
            name='sheet_version',
            field=models.CharField(blank=True, help_text='the sheet of risks that was given before it, with its version', max_length=60),
        ),
        migrations.AlterField(
            model_name='consent',
            name='kind',
            field=models.CharField(choices=[('treatment', 'Treatment'), ('photo-care', 'Photos for care'), ('photo-teaching', 'Photos for teaching'), ('photo-publicity', 'Photos for publicity')], max_length=20),
        ),
        migrations.AlterField(
            model_name='historicalconsent',
            name='kind',
            field=models.CharField(choices=[('treatment', 'Treatment'), ('photo-care', 'Photos for care'), ('photo-teaching', 'Photos for teaching'), ('photo-publicity', 'Photos for publicity')], max_length=20),
        ),
    ])
