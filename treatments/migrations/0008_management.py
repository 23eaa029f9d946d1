"""Management: figures made from the records, alerts, recalls, sign-offs, files of certificates."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from clinic.database import with_guards
from treatments.guards import guards


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0005_management'),
        ('patients', '0007_contact_erased'),
        ('treatments', '0007_first_sheets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = with_guards([
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('infections-together', 'Suspected infections with something in common'), ('bruising-up', 'Bruising more often than expected'), ('infection-up', 'Suspected infections more often than expected')], max_length=20)),
                ('key', models.CharField(help_text='what it is about; the same is raised once', max_length=200, unique=True)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('facts', models.JSONField(default=dict, help_text='ids and numbers that it rests on; no words about a person')),
                ('reason', models.CharField(help_text='why it was raised, as a sentence that names no patient', max_length=500)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('remark', models.CharField(blank=True, help_text='what was looked at, and what came of it', max_length=1000)),
            ],
            options={
                'ordering': ['-raised_at'],
            },
        ),
        migrations.CreateModel(
            name='ClearingFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body_site', models.CharField(blank=True, help_text='a code of BodySite; empty for all', max_length=20)),
                ('severity', models.PositiveSmallIntegerField(default=0, help_text='a code of Severity; 0 for all')),
                ('bruises', models.PositiveIntegerField(help_text='those that the estimate rests on')),
                ('gone', models.PositiveIntegerField(help_text='of them, found gone; the others are still open')),
                ('half_by_day', models.PositiveSmallIntegerField(help_text='the first day by which half were gone', null=True)),
                ('left_out', models.PositiveIntegerField(default=0, help_text='bruises that nobody of the clinic saw before they were found gone, or has seen yet')),
                ('curve', models.JSONField(default=list, help_text='[[after day, until day, part of them gone by then] …]; until null: not known any more')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['body_site', 'severity'],
            },
        ),
        migrations.CreateModel(
            name='WatchFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='a kind of side effect', max_length=20)),
                ('baseline_sessions', models.PositiveIntegerField(help_text="the clinic's first sessions, that its own rate is taken from")),
                ('baseline_with', models.PositiveIntegerField(help_text='of them, sessions with it')),
                ('adds', models.PositiveSmallIntegerField(help_text='what a session with it adds; empty without a baseline', null=True)),
                ('takes', models.PositiveSmallIntegerField(help_text='what a session without it takes away', null=True)),
                ('limit', models.PositiveIntegerField(help_text='the sum at which it is called', null=True)),
                ('called_by_chance', models.PositiveIntegerField(help_text='once in so many sessions, were nothing changed', null=True)),
                ('called_if_doubled', models.PositiveIntegerField(help_text='after so many sessions, were the odds doubled', null=True)),
                ('sessions', models.PositiveIntegerField(default=0, help_text='summed so far at this site')),
                ('not_known', models.PositiveIntegerField(default=0, help_text='sessions whose outcome is waited for')),
                ('line', models.JSONField(default=list, help_text='the newest of them: [[day, 1 with it or 0, the sum after it] …]')),
                ('crossings', models.JSONField(default=list, help_text='[{number, session, started_at, sum, of, with} …], oldest first')),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.site')),
            ],
            options={
                'ordering': ['site__name', 'kind'],
                'constraints': [models.UniqueConstraint(fields=('site', 'kind'), name='watched_once_a_site_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='CountedMonth',
            fields=[
                ('month', models.DateField(primary_key=True, serialize=False)),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['month'],
            },
        ),
        migrations.CreateModel(
            name='MonthFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text="its first day, on the site's clock")),
                ('divided', models.CharField(choices=[('all', 'The whole clinic'), ('site', 'Site'), ('treatment', 'Treatment'), ('practitioner', 'Practitioner'), ('product', 'Product'), ('lot', 'Lot'), ('body-site', 'Body site')], max_length=12)),
                ('value', models.CharField(blank=True, help_text="an id or a body site's code; empty for the clinic", max_length=40)),
                ('sessions', models.PositiveIntegerField(default=0)),
                ('followed_up', models.PositiveIntegerField(default=0, help_text='of them, sessions after which somebody looked or asked')),
                ('bruising', models.PositiveIntegerField(default=0)),
                ('swelling', models.PositiveIntegerField(default=0)),
                ('itching', models.PositiveIntegerField(default=0)),
                ('burning', models.PositiveIntegerField(default=0)),
                ('numbness', models.PositiveIntegerField(default=0)),
                ('pain', models.PositiveIntegerField(default=0)),
                ('irritation', models.PositiveIntegerField(default=0)),
                ('infection', models.PositiveIntegerField(default=0)),
                ('other', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['month', 'divided', 'value'],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason', models.CharField(max_length=300)),
                ('letter', models.TextField(help_text='with placeholders, such as {patient} and {phone}', max_length=4000)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=1000)),
            ],
            options={
                'ordering': ['-begun_at'],
            },
        ),
        migrations.CreateModel(
            name='RecallCall',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('how', models.CharField(choices=[('phone', 'By phone'), ('letter', 'By letter'), ('in-person', 'In person'), ('not-reached', 'Could not be reached')], max_length=12)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('remark', models.CharField(blank=True, max_length=1000)),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.AddField(
            model_name='historicaltrainingrecord',
            name='file',
            field=models.CharField(blank=True, editable=False, help_text="the certificate's name in the private file store", max_length=200),
        ),
        migrations.AddField(
            model_name='historicaltrainingrecord',
            name='file_sha256',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='historicaltrainingrecord',
            name='file_type',
            field=models.CharField(blank=True, editable=False, help_text='its media type, as it was found', max_length=50),
        ),
        migrations.AddField(
            model_name='trainingrecord',
            name='file',
            field=models.CharField(blank=True, editable=False, help_text="the certificate's name in the private file store", max_length=200),
        ),
        migrations.AddField(
            model_name='trainingrecord',
            name='file_sha256',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='trainingrecord',
            name='file_type',
            field=models.CharField(blank=True, editable=False, help_text='its media type, as it was found', max_length=50),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['-started_at', '-id'], name='session_newest_first'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['started_at'], name='session_unfinished'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(condition=models.Q(('error_at__isnull', False)), fields=['error_at'], name='session_in_error'),
        ),
        migrations.AddIndex(
            model_name='sideeffect',
            index=models.Index(condition=models.Q(('error_at__isnull', False)), fields=['error_at'], name='side_effect_in_error'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['-recorded_at'], name='review_newest_recorded'),
        ),
        migrations.AddIndex(
            model_name='followup',
            index=models.Index(fields=['patient', '-asked_at'], name='follow_up_newest_first'),
        ),
        migrations.AddIndex(
            model_name='sideeffect',
            index=models.Index(fields=['-recorded_at', '-id'], name='side_effect_newest_first'),
        ),
        migrations.AddField(
            model_name='alert',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='alert',
            name='site',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.site'),
        ),
        migrations.AddConstraint(
            model_name='clearingfigure',
            constraint=models.UniqueConstraint(fields=('body_site', 'severity'), name='clearing_once_a_site_and_severity'),
        ),
        migrations.AddConstraint(
            model_name='monthfigure',
            constraint=models.UniqueConstraint(fields=('divided', 'value', 'month'), name='figure_once_a_month'),
        ),
        migrations.AddField(
            model_name='recall',
            name='begun_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recall',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recall',
            name='lot',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='treatments.lot'),
        ),
        migrations.AddField(
            model_name='recallcall',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recallcall',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recall_calls', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='recallcall',
            name='recall',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='told', to='treatments.recall'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signoff',
            name='session',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='treatments.session'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='side_effect',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='treatments.sideeffect'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('acknowledged_at', None)), fields=['-raised_at'], name='alert_waiting'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at', None), ('acknowledged_by', None)), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False), models.Q(('remark', ''), _negated=True)), _connector='OR'), name='alert_acknowledged_with_a_remark'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('lot',), name='one_recall_of_a_lot_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('outcome', '')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='recall_ended_with_an_outcome'),
        ),
        migrations.AddIndex(
            model_name='lotuse',
            index=models.Index(fields=['lot', '-used_on', '-recorded_at', '-id'], name='lot_use_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='recallcall',
            constraint=models.UniqueConstraint(fields=('recall', 'patient'), name='told_of_a_recall_once'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('session', None), ('side_effect__isnull', False)), models.Q(('session__isnull', False), ('side_effect', None)), _connector='OR'), name='sign_off_of_one_record'),
        ),
    ], guards)
