"""The product's settings, with what a test run needs in the environment first."""

import os
import tempfile
from pathlib import Path

_var = Path(tempfile.mkdtemp(prefix="allclear-tests-"))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("BASE_URL", "http://localhost")
os.environ.setdefault("VAR_DIR", str(_var))

from clinic.settings import *  # noqa: E402,F403

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
# Hashing is the library's and slow on purpose; the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # looked for when asked for, rather than all of them by each test's client
# Most tests sign somebody in without a second step, because they speak of something else; those that speak of it switch it on
# again (tests/pages/test_second_step.py), and tests/clinic/test_security_settings.py holds the product's own default.
if "TESTS_ASK_FOR_SECOND_STEP" not in os.environ:
    MFA_REQUIRED_FOR = []
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, not memory: the tests that need more than one connection copy it.
    DATABASES["default"]["TEST"] = {"NAME": str(_var / "test.sqlite3")}  # noqa: F405
else:
    DATABASES["default"]["OPTIONS"].pop("pool", None)  # noqa: F405
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
