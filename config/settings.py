"""All settings, read from the environment. docs/configuration.md lists every variable."""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from config.environment import development_keys, require_production
from config.logs import configure_logs
from microsoft import clouds

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("ISTHMUS_DATA", default=str(BASE_DIR / "data"))).resolve()
PRODUCTION = env("ISTHMUS_ENV", default="development") == "production"
VERSION = "0.1.0"

if PRODUCTION:
    require_production(dict(os.environ))
    keys = {name: os.environ[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEY")}
else:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    keys = development_keys(DATA_DIR) | {
        name: os.environ[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEY") if os.environ.get(name)
    }

DEBUG = False
SECRET_KEY = keys["SECRET_KEY"]
FIELD_ENCRYPTION_KEY = [key.strip() for key in keys["FIELD_ENCRYPTION_KEY"].split(",")]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# The Microsoft cloud: a name that microsoft.clouds knows, or a file that describes another one.
CLOUD_FILE = env("CLOUD_FILE", default="")
CLOUD = clouds.load_custom(CLOUD_FILE) if CLOUD_FILE else clouds.BY_NAME[env("CLOUD", default="public")]
HTTPS_PROXY = env("ISTHMUS_HTTPS_PROXY", default="")
ENTRA_CLIENT_ID = env("ENTRA_CLIENT_ID", default="")
ENTRA_CLIENT_SECRET = env("ENTRA_CLIENT_SECRET", default="")
ENTRA_CLIENT_CERTIFICATE = env("ENTRA_CLIENT_CERTIFICATE", default="")  # a PEM file: key and certificate
ENTRA_TENANT = env("ENTRA_TENANT", default="organizations")
ENTRA_ALLOWED_TENANTS = env.list("ENTRA_ALLOWED_TENANTS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "social_django",
    "axes",
    "csp",
    "rules",
    "core",
    "accounts",
    "jobs",
    "connections",
    "integrations",
    "sync",
    "entities",
]

MIDDLEWARE = [
    "core.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside of everything that may fail: an error page is guarded like any other.
    "core.middleware.kept_by_nobody",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.time_zone",
    "accounts.middleware.standing",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "core.context.portal",
                "accounts.context.person",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'isthmus.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without WAL and IMMEDIATE several processes meet "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default=f"unix://{DATA_DIR / 'valkey.sock'}")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
# Celery only carries wake-ups, so most of it stays off: what must not be lost stands in jobs.JobRun.
CELERY_TASK_DEFAULT_QUEUE = "isthmus"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULER = "jobs.beat.TickScheduler"
CELERY_BEAT_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 500_000  # KiB; a child that grew beyond it is replaced after its job
CELERY_TASK_TIME_LIMIT = 6 * 3600  # a handler that ignores its own limit loses its lease long before
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any outage of the broker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
}
# A person who presses a button does not wait for a broker that is down; the tick sends again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.Entra",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True

# Every name carries the backend's: social-auth also reads bare SECRET, SCOPE or VERIFY_SSL.
SOCIAL_AUTH_URL_NAMESPACE = "social"
SOCIAL_AUTH_ENTRA_KEY = ENTRA_CLIENT_ID
SOCIAL_AUTH_ENTRA_SECRET = ENTRA_CLIENT_SECRET
SOCIAL_AUTH_ENTRA_TENANT_ID = ENTRA_TENANT
SOCIAL_AUTH_ENTRA_USE_PKCE = True
SOCIAL_AUTH_ENTRA_JWT_LEEWAY = 60
SOCIAL_AUTH_ENTRA_REQUESTS_TIMEOUT = 10.0
SOCIAL_AUTH_ENTRA_VERIFY_SSL = CLOUD.ca_file or True
SOCIAL_AUTH_REDIRECT_IS_HTTPS = PRODUCTION
SOCIAL_AUTH_RAISE_EXCEPTIONS = True
SOCIAL_AUTH_ADMIN_USER_SEARCH_FIELDS = ["username", "name"]
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "accounts.pipeline.allowed_tenant",
    "accounts.pipeline.one_person_per_identity",
    "social_core.pipeline.social_auth.social_user",
    "accounts.pipeline.username",
    "social_core.pipeline.user.create_user",
    "social_core.pipeline.social_auth.associate_user",
    "social_core.pipeline.social_auth.load_extra_data",
    "accounts.pipeline.remember_name",
    "accounts.pipeline.keep_tokens",
    "accounts.pipeline.join_team",
)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# Choosing the attributes of a wide entity sends two fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Names of our own: everything on localhost shares one cookie jar.
SESSION_COOKIE_NAME = "isthmus_session"
CSRF_COOKIE_NAME = "isthmus_csrf"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env("TLS") == "proxy":
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        # Chromium applies form-action to the redirect that follows the sign-in form as well.
        "form-action": [SELF, CLOUD.authorize],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="isthmus@localhost")

# Where webhooks may go besides the public internet, and whose certificates they trust besides the usual ones.
OUTGOING_HOSTS = env.list("OUTGOING_HOSTS", default=[])
OUTGOING_CA_FILE = env("OUTGOING_CA_FILE", default="")

LOGGING_CONFIG = None
configure_logs(env("LOG_LEVEL", default="INFO"))
