"""The desk's records: courses, waiting list, calls, messages, merges; and which treatments may overlap."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models

from clinic.database import with_guards
from treatments.guards import guards


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0003_fill_duplicate_keys'),
        ('clinic', '0003_hours'),
        ('treatments', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = with_guards([
        migrations.CreateModel(
            name='MessageTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmation', 'Confirmation'), ('hold', 'On hold'), ('reminder-48h', 'Reminder, 48 hours before'), ('reminder-3h', 'Reminder, 3 hours before'), ('cancellation', 'Cancellation')], max_length=20, unique=True)),
                ('subject', models.CharField(max_length=150)),
                ('body', models.TextField(max_length=4000)),
            ],
            options={
                'ordering': ['kind'],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='course_number',
            field=models.PositiveSmallIntegerField(blank=True, help_text='the how manieth of its course', null=True),
        ),
        migrations.AddField(
            model_name='appointment',
            name='overlap_allowed',
            field=models.BooleanField(default=False, editable=False, help_text="its treatment's when it was booked; for the walls, which see one row"),
        ),
        migrations.AddField(
            model_name='appointment',
            name='status_before',
            field=models.CharField(blank=True, choices=[('booked', 'Booked'), ('on-hold', 'On hold'), ('arrived', 'Arrived'), ('in-progress', 'In session'), ('fulfilled', 'Seen'), ('cancelled', 'Cancelled'), ('noshow', 'No-show')], editable=False, help_text='what an undo of the last step returns to', max_length=20),
        ),
        migrations.AddField(
            model_name='historicalappointment',
            name='course_number',
            field=models.PositiveSmallIntegerField(blank=True, help_text='the how manieth of its course', null=True),
        ),
        migrations.AddField(
            model_name='historicalappointment',
            name='overlap_allowed',
            field=models.BooleanField(default=False, editable=False, help_text="its treatment's when it was booked; for the walls, which see one row"),
        ),
        migrations.AddField(
            model_name='historicalappointment',
            name='status_before',
            field=models.CharField(blank=True, choices=[('booked', 'Booked'), ('on-hold', 'On hold'), ('arrived', 'Arrived'), ('in-progress', 'In session'), ('fulfilled', 'Seen'), ('cancelled', 'Cancelled'), ('noshow', 'No-show')], editable=False, help_text='what an undo of the last step returns to', max_length=20),
        ),
        migrations.AddField(
            model_name='historicaltreatment',
            name='overlap_allowed',
            field=models.BooleanField(default=False, help_text='Practitioner and room may have another appointment at the same time; the patient never. It counts for appointments booked from now on.', verbose_name='may overlap'),
        ),
        migrations.AddField(
            model_name='treatment',
            name='overlap_allowed',
            field=models.BooleanField(default=False, help_text='Practitioner and room may have another appointment at the same time; the patient never. It counts for appointments booked from now on.', verbose_name='may overlap'),
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('planned', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(20)])),
                ('every_days', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)])),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to='patients.patient')),
                ('treatment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.treatment')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='appointment',
            name='course',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='treatments.course'),
        ),
        migrations.AddField(
            model_name='historicalappointment',
            name='course',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='treatments.course'),
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='patients.patient')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='treatments.session')),
            ],
            options={
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalMessageTemplate',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirmation', 'Confirmation'), ('hold', 'On hold'), ('reminder-48h', 'Reminder, 48 hours before'), ('reminder-3h', 'Reminder, 3 hours before'), ('cancellation', 'Cancellation')], db_index=True, max_length=20)),
                ('subject', models.CharField(max_length=150)),
                ('body', models.TextField(max_length=4000)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical message template',
                'verbose_name_plural': 'historical message templates',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('worklist', models.CharField(max_length=20)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('outcome', models.CharField(choices=[('reached', 'Reached'), ('no-answer', 'No answer'), ('left-message', 'Left a message'), ('declined', 'Declined')], max_length=12)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('next_try_on', models.DateField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='patients.patient')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['patient', 'worklist', '-at'], name='call_newest_first')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['reached', 'no-answer', 'left-message', 'declined'])), name='call_outcome_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('sealed', models.BooleanField(default=False, editable=False)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_kept', to='patients.patient')),
                ('merged', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_merged', to='patients.patient')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kept', models.F('merged')), _negated=True), name='merge_of_two'), models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('merged',), name='merged_once')],
            },
        ),
        migrations.CreateModel(
            name='MergedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table_name', models.CharField(max_length=60)),
                ('row_id', models.UUIDField()),
                ('moved', models.BooleanField(help_text='from the merged record to the kept one')),
                ('was', models.CharField(blank=True, help_text="an appointment's status, a side effect's looks", max_length=20)),
                ('merge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='treatments.merge')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('merge', 'table_name', 'row_id'), name='merged_row_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('confirmation', 'Confirmation'), ('hold', 'On hold'), ('reminder-48h', 'Reminder, 48 hours before'), ('reminder-3h', 'Reminder, 3 hours before'), ('cancellation', 'Cancellation')], max_length=20)),
                ('about_starts_at', models.DateTimeField()),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.CharField(blank=True, max_length=150)),
                ('body', models.TextField(blank=True, max_length=6000)),
                ('status', models.CharField(choices=[('queued', 'Waiting to be sent'), ('sent', 'Sent'), ('kept', 'Kept, not sent'), ('failed', 'Failed'), ('dropped', 'Not sent: no longer true')], default='queued', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, help_text='why the last try failed, in words', max_length=300)),
                ('handled_at', models.DateTimeField(blank=True, null=True)),
                ('handled_reason', models.CharField(blank=True, max_length=300)),
                ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='treatments.appointment')),
                ('handled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='patients.patient')),
            ],
            options={
                'ordering': ['-created_at', 'id'],
                'indexes': [models.Index(fields=['-created_at', 'id'], name='message_newest_first'), models.Index(fields=['status', '-created_at', 'id'], name='message_by_status'), models.Index(fields=['patient', '-created_at'], name='message_by_patient'), models.Index(condition=models.Q(('status', 'queued')), fields=['status', 'next_try_at'], name='message_not_sent'), models.Index(condition=models.Q(('handled_at', None), ('status', 'failed')), fields=['created_at'], name='message_to_call_back')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ['reminder-48h', 'reminder-3h'])), fields=('appointment', 'kind', 'about_starts_at'), name='reminded_once')],
            },
        ),
        migrations.CreateModel(
            name='WaitingListEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('part_of_day', models.CharField(choices=[('any', 'Any time'), ('mornings', 'Mornings'), ('afternoons', 'Afternoons')], default='any', max_length=12)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('close_reason', models.CharField(blank=True, max_length=300)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_list_entries', to='patients.patient')),
                ('practitioner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('treatment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.treatment')),
            ],
            options={
                'ordering': ['joined_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('patient', 'treatment'), name='waits_once_for_a_treatment')],
            },
        ),
    ], guards)
