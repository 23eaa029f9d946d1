"""All settings, from the environment; docs/install.md lists them. Refuses to start half-configured."""

import datetime as dt
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from clinic.addresses import networks
from clinic.object_storage import s3_storage
from clinic.roles import ROLES

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
# An explicit mode: marked on every page, and seed_demo refuses a database that holds anything else.
DEMO = env.bool("DEMO", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random string; docs/install.md says how.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names this clinic is reached under, with commas between.")
BASE_URL = env.str("BASE_URL", default=f"https://{ALLOWED_HOSTS[0]}")
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "clinic.apps.ClinicConfig",
    "patients.apps.PatientsConfig",
    "treatments.apps.TreatmentsConfig",
    "clinic.admin_site.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "clinic.middleware.ForwardedByTrustedOnly",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "clinic.middleware.RequestId",
    "clinic.middleware.SessionEnds",
    "clinic.middleware.SignInRequired",
    "clinic.middleware.SecondStepRequired",
    "clinic.middleware.SiteTimeZone",
    "clinic.middleware.RefusalAsPage",
    "clinic.middleware.PrivatePages",
    "clinic.middleware.OwnCameraOnly",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.context.house",
            ],
            "builtins": ["clinic.templatetags.words"],
        },
    }
]

# --- Database: SQLite beside the program, or PostgreSQL by DATABASE_URL -------------------------------------------
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'allclear.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # WAL lets readers read while one writes; IMMEDIATE takes the single writer's lock at BEGIN, which is what makes
    # "lock, re-read, ask, act" true on SQLite (treatments/guards/).
    _database.setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    )
    Path(_database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    # A socket's host can live in OPTIONS already, so add to it, never replace it.
    _database.setdefault("OPTIONS", {}).update(
        pool={"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)},
        server_side_binding=True,
        # Planning is most of what a short statement costs the server. None for a pooler that cannot keep statements.
        prepare_threshold=env.int("DATABASE_PREPARE_AFTER", default=5) or None,
        # Compiling a statement costs seconds that none of ours runs for: the lists are many conditions over few rows.
        options=" ".join(filter(None, (_database.get("OPTIONS", {}).get("options"), "-c jit=off"))),
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Refusals and audit rows are written in transactions of their own, so no ATOMIC_REQUESTS (DESIGN: Doors).

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "clinic.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "clinic.password_words.OwnWordsValidator"},
]
# For so long the link of an invitation works (clinic/invitations.py).
INVITATION_DAYS = env.int("INVITATION_DAYS", default=3)
if not 1 <= INVITATION_DAYS <= 30:
    raise ImproperlyConfigured("INVITATION_DAYS is a number of days from 1 to 30.")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "clinic.sign_in.ClinicAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Allclear: "
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
PASSWORD_RESET_TIMEOUT = 3600  # seconds
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody signs up here, so there is nothing to offer them
ACCOUNT_FORMS = {"reset_password": "clinic.password_forms.ForgottenPasswordForm"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
# Who may not sign in by a password alone (clinic/second_step.py); never in the demo. A clinic may add receptionists.
MFA_REQUIRED_FOR = [role.strip() for role in env.list("MFA_REQUIRED_FOR", default=["manager", "practitioner"])]
if not {"manager", "practitioner"} <= set(MFA_REQUIRED_FOR) <= set(ROLES):
    raise ImproperlyConfigured(
        "MFA_REQUIRED_FOR names manager and practitioner, and may add receptionist: manager,practitioner,receptionist"
    )
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "clinic.sign_in.ClinicMFAAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # managers keep the addresses; who has reset a password must be able to enrol
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "add_webauthn": "clinic.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "clinic.passkey_forms.RenamePasskeyForm",
    "authenticate_webauthn": "clinic.passkey_forms.SecondStepPasskeyForm",
    "login_webauthn": "clinic.passkey_forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "clinic.passkey_forms.ConfirmPasskeyForm",
}
MFA_TOTP_ISSUER = "Allclear"
# A code typed in its last second is still taken when it arrives in the next: one step, as RFC 6238 (5.2) advises.
MFA_TOTP_TOLERANCE = 1

# --- What is shared between workers lives in the database: sessions, limits, locks -------------------------------------
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "clinic_cache"}}
SESSION_ENGINE = "clinic.session_store"  # Django's own, with whose a session is beside it
SESSION_HOURS = 12  # the longest that somebody stays signed in, however busy
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
# Shared desks: who has done nothing for so long is signed out (clinic/session_ends.py).
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=15)
if not 1 <= SESSION_IDLE_MINUTES <= SESSION_HOURS * 60:
    raise ImproperlyConfigured("SESSION_IDLE_MINUTES is a number of minutes from 1 to 720.")
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # what is said names people: not in a cookie

# --- Security --------------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
if HTTPS:
    # The prefix lets browsers take them from this host by https alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "clinic.errors.csrf_failure"
# Proxies whose X-Forwarded-For and -Proto are believed: networks, and `unix` for whatever comes in by a Unix socket.
try:
    TRUSTED_PROXIES = networks(env.list("TRUSTED_PROXIES", default=[]))
except ValueError as error:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES lists addresses and networks, or `unix`: {error}") from error
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clinic.api_access.BearerToken", "clinic.api_access.SignedInSession"],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.api_access.IsClinicStaff"],
    "DEFAULT_PAGINATION_CLASS": "clinic.api_lists.KeysetPagination",
    "DEFAULT_PARSER_CLASSES": ["clinic.api_access.CarefulJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "clinic.openapi.ClinicSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"photos": "120/min"},
    "EXCEPTION_HANDLER": "clinic.api.problem_json",
    "DATETIME_FORMAT": "iso-8601",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": None,  # each token is given its own time to live: clinic/management/commands/api_token.py
    "MIN_REFRESH_INTERVAL": 60,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Allclear API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "No further mesotherapy is booked while bruising is present. Errors are problem+json (RFC 9457).",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["clinic.api_access.IsClinicStaff"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ConsentKindEnum": "patients.models.consent.Consent.Kind",
        "SideEffectKindEnum": "treatments.models.side_effect.Kind",
        "CallOutcomeEnum": "treatments.models.contact.Call.Outcome",
        "OutcomeEnum": "treatments.models.review.Outcome",
    },
}

# --- Time, words, files ------------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")  # until somebody has signed in: then their site's
LANGUAGE_CODE = "en-gb"
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
PHOTOS_DIR = Path(env.str("PHOTOS_DIR", default=str(VAR_DIR / "photos")))
_photos: dict[str, Any] = {
    # Private: no base_url, so the storage itself has no public address to give away.
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": PHOTOS_DIR, "base_url": None, "file_permissions_mode": 0o600},
}
# Certificates, exports: as private as the photos, and beside them.
_files: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": VAR_DIR / "files", "base_url": None, "file_permissions_mode": 0o600},
}
# Photos in a bucket instead, once one is named.
PHOTOS_BUCKET = env.str("PHOTOS_S3_BUCKET", default="")
if PHOTOS_BUCKET:
    _photos, _photos_origin = s3_storage(env, PHOTOS_BUCKET)
    _files = {**_photos, "OPTIONS": {**_photos["OPTIONS"], "location": "files"}}
    # The page's pictures come from there, by signed addresses.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(_photos_origin)
STORAGES = {
    "default": _files,
    "files": _files,
    "photos": _photos,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# A photo may be 25 MB, and its form has a few fields beside it; Django streams files, this bounds the rest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Exports and what is kept ----------------------------------------------------------------------------------------------
# A file that was made stays so long for whoever asked for it; longer lists than this are made by the worker.
EXPORT_HOURS = env.int("EXPORT_HOURS", default=24)
EXPORT_AT_ONCE = env.int("EXPORT_AT_ONCE", default=5_000)
# The clinic's own decision; from then on a record stands on the retention page. Nothing is deleted by it.
RETENTION_YEARS = env.int("RETENTION_YEARS", default=8)

# --- Figures ---------------------------------------------------------------------------------------------------------------
# Bruising and infection are watched against the clinic's own rate in its first sessions, counted from the day WATCH_SINCE
# (a date; by default from the first on). Were nothing to change, a site's sum is called by chance once in so many sessions.
WATCH_BASELINE = env.int("WATCH_BASELINE", default=200)
WATCH_CALLED_BY_CHANCE = env.int("WATCH_CALLED_BY_CHANCE", default=2_000)
if not 50 <= WATCH_BASELINE <= 1_000 or not 100 <= WATCH_CALLED_BY_CHANCE <= 20_000:
    raise ImproperlyConfigured("WATCH_BASELINE is 50 to 1000 sessions, WATCH_CALLED_BY_CHANCE 100 to 20000.")
try:
    WATCH_SINCE = dt.date.fromisoformat(_since) if (_since := env.str("WATCH_SINCE", default="")) else None
except ValueError as error:
    raise ImproperlyConfigured("WATCH_SINCE is a day, such as 2026-03-01.") from error

# --- Work done beside the pages: `manage.py worker` (clinic/tasks.py) ------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- Mail and logs -----------------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20
# Messages to patients are then written and shown, but never sent: the demo's people are made up.
MESSAGES_ARE_KEPT = DEMO or not env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"clinic@{ALLOWED_HOSTS[0].lstrip('.')}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # The head of the audit trail's chain, once a day.
    "loggers": {"clinic.audit": {"level": "INFO"}},
}
