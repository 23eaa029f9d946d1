"""The rule as triggers, and the walls against double booking, on both databases (treatments/guards/)."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from clinic.database import with_guards
from treatments.guards import guards


class Migration(migrations.Migration):
    dependencies = [
        ("treatments", "0001_initial"),
        ("clinic", "0002_cache_table"),
        ("patients", "0001_initial"),
    ]
    operations = [BtreeGistExtension(), *with_guards([], guards)]
