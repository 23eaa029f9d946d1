"""Management: seals of the audit trail, exports, saved filters, known browsers, checks; more kinds of audit event."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from clinic.database import keeping_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0004_audit_kinds'),
    ]

    operations = keeping_triggers([
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.PositiveBigIntegerField(help_text='1, 2, 3 … without a gap', primary_key=True, serialize=False, verbose_name='place')),
                ('event_id', models.BigIntegerField(unique=True)),
                ('hash', models.CharField(help_text='SHA-256, as hex', max_length=64)),
                ('sealed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('list', 'List'), ('patient', "A patient's own data")], max_length=10)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel'), ('zip', 'Archive (ZIP)')], max_length=5)),
                ('list_code', models.CharField(blank=True, help_text="which list; empty for a patient's own data", max_length=40)),
                ('query', models.CharField(blank=True, help_text="the list's filter, as in its page's address", max_length=2000)),
                ('patient_id', models.UUIDField(null=True)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('making', 'Being made'), ('ready', 'Ready'), ('failed', 'Failed'), ('gone', 'Removed')], default='waiting', max_length=10)),
                ('claimed_at', models.DateTimeField(help_text='when a worker last showed that it is at it', null=True)),
                ('done', models.PositiveIntegerField(default=0, help_text='rows or files so far')),
                ('total', models.PositiveIntegerField(null=True)),
                ('file', models.CharField(blank=True, help_text='name in the private file store', max_length=200)),
                ('size', models.PositiveBigIntegerField(default=0, help_text='bytes')),
                ('ready_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(help_text='from then on it is not given out, and soon removed', null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='IntegrityCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('rule', 'The rule and its guards'), ('photos', 'Photos and their files'), ('audit', "The audit trail's chain"), ('figures', 'Figures against the records'), ('backup', 'Backup')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('found', models.PositiveIntegerField(default=0, help_text='how many faults')),
                ('words', models.CharField(blank=True, help_text='the first of them; names nobody', max_length=1000)),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='KeptForm',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('path', models.CharField(help_text='where it is sent to', max_length=500)),
                ('page', models.CharField(blank=True, help_text='where it was typed; shows whose record it is about', max_length=500)),
                ('fields', models.JSONField(help_text='pairs of a field’s name and what was typed, in the form’s order; no files, no passwords')),
                ('kept_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-kept_at'],
            },
        ),
        migrations.CreateModel(
            name='KnownBrowser',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('token_hash', models.CharField(help_text='SHA-256 of the cookie that it keeps', max_length=64)),
                ('named', models.CharField(blank=True, help_text='such as “Firefox on Windows”, as it says itself', max_length=100)),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-last_seen_at'],
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('page', models.SlugField(help_text="the list's address name", max_length=40)),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(help_text="as in the page's address, without the page number", max_length=1000)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SignInSession',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('browser', models.CharField(blank=True, help_text='such as “Firefox on Windows”, as it says itself', max_length=100)),
                ('address', models.GenericIPAddressField(help_text='where it was signed in from', null=True)),
                ('began_at', models.DateTimeField(null=True)),
                ('last_seen_at', models.DateTimeField(help_text='to the minute', null=True)),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_in_sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
            },
        ),
        migrations.AddField(
            model_name='historicalstaff',
            name='deactivated_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='historicalstaff',
            name='invited_at',
            field=models.DateTimeField(editable=False, help_text='when the last invitation was mailed', null=True),
        ),
        migrations.AddField(
            model_name='staff',
            name='deactivated_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='staff',
            name='invited_at',
            field=models.DateTimeField(editable=False, help_text='when the last invitation was mailed', null=True),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('signed-in', 'Signed in'), ('sign-in-failed', 'Sign-in failed'), ('signed-out', 'Signed out'), ('chart-read', 'Chart read'), ('photo-read', 'Photo opened'), ('record-read', 'Record read'), ('roles-changed', 'Roles changed'), ('staff-changed', 'Staff changed'), ('training-changed', 'Training changed'), ('token-issued', 'API token issued'), ('token-revoked', 'API token revoked'), ('patients-imported', 'Patients imported'), ('patients-exported', 'Patients exported'), ('patients-merged', 'Records merged'), ('photo-printed', 'Photo printed'), ('photo-saved', 'Copy of a photo saved'), ('chart-printed', 'Chart printed'), ('chart-exported', 'Chart exported'), ('sheets-changed', 'Sheets changed'), ('lots-changed', 'Lots changed'), ('merge-undone', 'Merge undone'), ('access-refused', 'Access refused'), ('staff-invited', 'Invited'), ('staff-deactivated', 'Deactivated'), ('sessions-ended', 'Signed out everywhere'), ('second-step-changed', 'Second step of the sign-in changed'), ('new-browser', 'Signed in from a new browser'), ('list-exported', 'List exported'), ('data-exported', "Patient's own data exported"), ('data-downloaded', 'Export downloaded'), ('contact-erased', 'Contact data erased'), ('record-signed-off', 'Record reviewed'), ('alert-acknowledged', 'Alert acknowledged'), ('lot-recalled', 'Lot recalled')], max_length=32),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='patient_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor', '-at', '-id'], name='audit_by_actor'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['patient_id', '-at', '-id'], name='audit_by_patient'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['kind', '-at', '-id'], name='audit_by_kind'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['-at', '-id'], name='audit_newest_first'),
        ),
        migrations.AddField(
            model_name='export',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='integritycheck',
            index=models.Index(fields=['name', '-at'], name='integrity_newest_first'),
        ),
        migrations.AddField(
            model_name='keptform',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='knownbrowser',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_browsers', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedfilter',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['state', 'asked_at'], name='export_by_state'),
        ),
        migrations.AddConstraint(
            model_name='knownbrowser',
            constraint=models.UniqueConstraint(fields=('staff', 'token_hash'), name='browser_known_once'),
        ),
        migrations.AddConstraint(
            model_name='savedfilter',
            constraint=models.UniqueConstraint(fields=('staff', 'page', 'name'), name='filter_name_once_a_page'),
        ),
    ])
