"""The clinical record: lots, body map, deviations, addenda, sheets, referral steps, drafts; photos developed by the queue."""

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
        ('patients', '0006_consent_per_use'),
        ('treatments', '0003_reception'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = with_guards([
        migrations.CreateModel(
            name='AsepsisItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('words', models.CharField(max_length=100)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['position', 'code'],
            },
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='error_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='entered in error at'),
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='error_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='error_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='itching',
            field=models.BooleanField(blank=True, null=True, verbose_name='itching felt'),
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='next_step',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='historicalsession',
            name='swelling',
            field=models.BooleanField(blank=True, null=True, verbose_name='swelling seen'),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='cream',
            field=models.CharField(blank=True, max_length=100, verbose_name='after which cream'),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='map_view',
            field=models.CharField(blank=True, help_text="the body map's view on which it was marked", max_length=10),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='map_x',
            field=models.PositiveSmallIntegerField(blank=True, help_text="thousandths of the view's width", null=True),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='map_y',
            field=models.PositiveSmallIntegerField(blank=True, help_text="thousandths of the view's height", null=True),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='onset_is_about',
            field=models.BooleanField(default=False, verbose_name='about that day'),
        ),
        migrations.AddField(
            model_name='historicalsideeffect',
            name='red_flags',
            field=models.JSONField(blank=True, default=list, help_text='codes of RED_FLAGS that were answered with yes'),
        ),
        migrations.AddField(
            model_name='historicaltreatment',
            name='most_ml',
            field=models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit over all sites; more is asked about, not refused", max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='most in one session, ml'),
        ),
        migrations.AddField(
            model_name='historicaltreatment',
            name='most_ml_per_site',
            field=models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit; more is asked about, not refused", max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='most at one site, ml'),
        ),
        migrations.AddField(
            model_name='photo',
            name='incoming',
            field=models.CharField(blank=True, help_text='in the private storage, until it is developed', max_length=120),
        ),
        migrations.AddField(
            model_name='photo',
            name='next_try_at',
            field=models.DateTimeField(blank=True, help_text='while it is being made ready: when somebody may begin', null=True),
        ),
        migrations.AddField(
            model_name='photo',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0, help_text='how often somebody began to make it ready'),
        ),
        migrations.AddField(
            model_name='photo',
            name='problem',
            field=models.CharField(blank=True, help_text='why it could not be read', max_length=300),
        ),
        migrations.AddField(
            model_name='photo',
            name='state',
            field=models.CharField(choices=[('developing', 'Being made ready'), ('ready', 'Ready'), ('unreadable', 'Could not be read')], default='ready', max_length=10),
        ),
        migrations.AddField(
            model_name='review',
            name='action_taken',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='review',
            name='causality',
            field=models.CharField(blank=True, choices=[('certain', 'Certain'), ('probable', 'Probable / likely'), ('possible', 'Possible'), ('unlikely', 'Unlikely'), ('conditional', 'Conditional / unclassified'), ('unassessable', 'Unassessable / unclassifiable')], max_length=15, verbose_name='caused by the treatment'),
        ),
        migrations.AddField(
            model_name='review',
            name='size_method',
            field=models.CharField(blank=True, choices=[('ruler', 'Ruler on the skin'), ('picture', 'From a photo with a scale in view'), ('estimate', 'Estimated by eye')], max_length=10, verbose_name='measured by'),
        ),
        migrations.AddField(
            model_name='session',
            name='error_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='entered in error at'),
        ),
        migrations.AddField(
            model_name='session',
            name='error_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='session',
            name='error_reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='session',
            name='itching',
            field=models.BooleanField(blank=True, null=True, verbose_name='itching felt'),
        ),
        migrations.AddField(
            model_name='session',
            name='next_step',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='session',
            name='swelling',
            field=models.BooleanField(blank=True, null=True, verbose_name='swelling seen'),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='cream',
            field=models.CharField(blank=True, max_length=100, verbose_name='after which cream'),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='map_view',
            field=models.CharField(blank=True, help_text="the body map's view on which it was marked", max_length=10),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='map_x',
            field=models.PositiveSmallIntegerField(blank=True, help_text="thousandths of the view's width", null=True),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='map_y',
            field=models.PositiveSmallIntegerField(blank=True, help_text="thousandths of the view's height", null=True),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='onset_is_about',
            field=models.BooleanField(default=False, verbose_name='about that day'),
        ),
        migrations.AddField(
            model_name='sideeffect',
            name='red_flags',
            field=models.JSONField(blank=True, default=list, help_text='codes of RED_FLAGS that were answered with yes'),
        ),
        migrations.AddField(
            model_name='treatment',
            name='most_ml',
            field=models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit over all sites; more is asked about, not refused", max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='most in one session, ml'),
        ),
        migrations.AddField(
            model_name='treatment',
            name='most_ml_per_site',
            field=models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit; more is asked about, not refused", max_digits=5, null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='most at one site, ml'),
        ),
        migrations.AlterField(
            model_name='historicalsession',
            name='sites',
            field=models.JSONField(blank=True, default=list, help_text="[{site, side, view, x, y, technique, depth_mm, needle, volume_ml}]: codes of BodySite, Side, the body map's view and Technique; x, y in thousandths of the view, absent for an area; volumes as text"),
        ),
        migrations.AlterField(
            model_name='session',
            name='sites',
            field=models.JSONField(blank=True, default=list, help_text="[{site, side, view, x, y, technique, depth_mm, needle, volume_ml}]: codes of BodySite, Side, the body map's view and Technique; x, y in thousandths of the view, absent for an area; volumes as text"),
        ),
        migrations.CreateModel(
            name='Addendum',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=4000)),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='treatments.session')),
            ],
            options={
                'verbose_name_plural': 'addenda',
                'ordering': ['written_at'],
            },
        ),
        migrations.CreateModel(
            name='Deviation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('blockers', models.JSONField(help_text='[{code, words}] that stood against it when it was recorded')),
                ('reason', models.TextField(max_length=2000)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='deviation', to='treatments.appointment')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-recorded_at'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProduct',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ('name', models.CharField(db_index=True, max_length=100)),
                ('use', models.CharField(choices=[('injected', 'Injected'), ('anaesthetic', 'Local anaesthetic')], default='injected', max_length=12)),
                ('gtin', models.CharField(blank=True, help_text='the number in its barcode, 14 digits; empty where it has none', max_length=14, validators=[django.core.validators.RegexValidator('^\\d{14}$', 'A GTIN here has 14 digits; put zeros before a shorter one.')], verbose_name='GTIN')),
                ('allergens', models.CharField(blank=True, help_text='words by which an allergy to it may stand on a chart, divided by commas: lidocaine, lignocaine', max_length=300)),
                ('most_ml', models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit; more is asked about, not refused", max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0.01, message='A volume is at least 0.01 ml.')], verbose_name='most in one session, ml')),
                ('use_within_days', models.PositiveSmallIntegerField(blank=True, help_text='empty where the maker says nothing', null=True, verbose_name='days it keeps once opened')),
                ('is_active', models.BooleanField(default=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical product',
                'verbose_name_plural': 'historical products',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=60, verbose_name='lot number')),
                ('expires_on', models.DateField(help_text='the last day on which it may be used; empty only in records from before lots', null=True, verbose_name='expires')),
                ('dose', models.CharField(choices=[('single', 'Single dose'), ('multi', 'Multi-dose')], default='single', max_length=6)),
                ('opened_at', models.DateTimeField(blank=True, help_text='of the multi-dose vial now in use', null=True)),
                ('quarantined_at', models.DateTimeField(blank=True, null=True)),
                ('quarantine_reason', models.CharField(blank=True, max_length=300)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('quarantined_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('received_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['product__name', 'expires_on', 'number'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalLotUse',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ('used_on', models.DateField(help_text="the session's day in the site's time zone; the expiry is held against it")),
                ('volume_ml', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0.01, message='A volume is at least 0.01 ml.')], verbose_name='volume, ml')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='treatments.session')),
                ('lot', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='treatments.lot')),
            ],
            options={
                'verbose_name': 'historical lot use',
                'verbose_name_plural': 'historical lot uses',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('use', models.CharField(choices=[('injected', 'Injected'), ('anaesthetic', 'Local anaesthetic')], default='injected', max_length=12)),
                ('gtin', models.CharField(blank=True, help_text='the number in its barcode, 14 digits; empty where it has none', max_length=14, validators=[django.core.validators.RegexValidator('^\\d{14}$', 'A GTIN here has 14 digits; put zeros before a shorter one.')], verbose_name='GTIN')),
                ('allergens', models.CharField(blank=True, help_text='words by which an allergy to it may stand on a chart, divided by commas: lidocaine, lignocaine', max_length=300)),
                ('most_ml', models.DecimalField(blank=True, decimal_places=2, help_text="the clinic's limit; more is asked about, not refused", max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0.01, message='A volume is at least 0.01 ml.')], verbose_name='most in one session, ml')),
                ('use_within_days', models.PositiveSmallIntegerField(blank=True, help_text='empty where the maker says nothing', null=True, verbose_name='days it keeps once opened')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gtin', ''), _negated=True), fields=('gtin',), name='gtin_names_one_product'), models.CheckConstraint(condition=models.Q(('use__in', ['injected', 'anaesthetic'])), name='product_use_is_known')],
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='treatments.product'),
        ),
        migrations.CreateModel(
            name='HistoricalLot',
            fields=[
                ('id', models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                ('number', models.CharField(max_length=60, verbose_name='lot number')),
                ('expires_on', models.DateField(help_text='the last day on which it may be used; empty only in records from before lots', null=True, verbose_name='expires')),
                ('dose', models.CharField(choices=[('single', 'Single dose'), ('multi', 'Multi-dose')], default='single', max_length=6)),
                ('opened_at', models.DateTimeField(blank=True, help_text='of the multi-dose vial now in use', null=True)),
                ('quarantined_at', models.DateTimeField(blank=True, null=True)),
                ('quarantine_reason', models.CharField(blank=True, max_length=300)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('quarantined_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('received_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='treatments.product')),
            ],
            options={
                'verbose_name': 'historical lot',
                'verbose_name_plural': 'historical lots',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ReferralStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('told-patient', 'Patient told to seek medical care the same day, and what for'), ('doctor-told', 'Doctor or urgent care told; name and time noted'), ('edge-marked', 'Edge of the redness marked on the skin, with the time'), ('photo-taken', 'Photo taken with a scale in view'), ('lot-noted', 'Product lots and room of the session looked up'), ('call-planned', 'Call back to the patient planned for the next day'), ('closed', 'Checklist closed before all was done')], max_length=15)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('done_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('side_effect', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referral_steps', to='treatments.sideeffect')),
            ],
            options={
                'ordering': ['done_at'],
            },
        ),
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('pre-treatment', 'Risks, before treatment'), ('aftercare', 'Aftercare')], max_length=15)),
                ('language', models.CharField(default='en', help_text="as in HTML's lang: en, de, pt-BR", max_length=35)),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=150)),
                ('body', models.TextField(help_text="paragraphs; a line that begins with “- ” is a point of a list, one that begins with “# ” a heading; {phone} is the clinic's number", max_length=12000)),
                ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('treatment', models.ForeignKey(blank=True, help_text='empty: for every mesotherapy that has no sheet of its own', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='treatments.treatment')),
            ],
            options={
                'ordering': ['kind', 'treatment__name', 'language', '-version'],
            },
        ),
        migrations.CreateModel(
            name='SheetGiven',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('how', models.CharField(choices=[('printed', 'On paper'), ('pdf', 'As a PDF'), ('sent', 'By email'), ('declined', 'Offered, not taken')], max_length=10)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('phone', models.CharField(blank=True, help_text="the clinic's number that stood on it", max_length=30)),
                ('creams', models.TextField(blank=True, help_text='the sentence on recommended creams that stood on it')),
                ('message', models.ForeignKey(blank=True, help_text='it was sent with', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheets_given', to='treatments.message')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets_given', to='patients.patient')),
                ('session', models.ForeignKey(blank=True, help_text='given after it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheets_given', to='treatments.session')),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='given', to='treatments.sheet')),
            ],
            options={
                'verbose_name_plural': 'sheets given',
                'ordering': ['-given_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(help_text="the form's address name, such as “session”", max_length=40)),
                ('subject_id', models.UUIDField(help_text='what the form is about: a session, a patient, a side effect')),
                ('data', models.JSONField(default=dict, help_text='field name → list of what was typed')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('by', 'form', 'subject_id'), name='one_draft_a_form')],
            },
        ),
        migrations.CreateModel(
            name='LotUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('used_on', models.DateField(help_text="the session's day in the site's time zone; the expiry is held against it")),
                ('volume_ml', models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True, validators=[django.core.validators.MinValueValidator(0.01, message='A volume is at least 0.01 ml.')], verbose_name='volume, ml')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='treatments.lot')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lot_uses', to='treatments.session')),
            ],
            options={
                'ordering': ['recorded_at', 'id'],
                'constraints': [models.UniqueConstraint(fields=('session', 'lot'), name='lot_once_a_session')],
            },
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.UniqueConstraint(fields=('product', 'number'), name='lot_number_once_a_product'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quarantine_reason', ''), ('quarantined_at', None)), models.Q(('quarantined_at__isnull', False), models.Q(('quarantine_reason', ''), _negated=True)), _connector='OR'), name='quarantine_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='referralstep',
            constraint=models.UniqueConstraint(fields=('side_effect', 'step'), name='referral_step_once'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.UniqueConstraint(fields=('kind', 'treatment', 'language', 'version'), name='sheet_version_once_a_treatment'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.UniqueConstraint(condition=models.Q(('treatment', None)), fields=('kind', 'language', 'version'), name='general_sheet_version_once'),
        ),
        migrations.AddIndex(
            model_name='sheetgiven',
            index=models.Index(fields=['patient', '-given_at'], name='sheet_given_newest_first'),
        ),
        migrations.AddIndex(
            model_name='sideeffect',
            index=models.Index(condition=models.Q(('error_at', None), ('kind', 'infection')), fields=['patient'], name='infection_by_patient'),
        ),
    ], guards)
