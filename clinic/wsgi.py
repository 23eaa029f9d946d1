"""The door the server calls. WSGI, not ASGI: docs/decisions/0002-the-parts.md."""

import os

from django.core.checks import WARNING, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = get_wsgi_application()

# The rule's guards live in the database and can vanish from it (a restore, a migration): do not serve without them.
# A warning counts as well: it says that migrations wait, and the guards in the database are another version's.
faults = [str(fault) for fault in run_checks(tags=[Tags.database], databases=["default"]) if fault.level >= WARNING]
if faults:
    raise ImproperlyConfigured("\n".join(["The database is not fit to serve:", *faults]))
