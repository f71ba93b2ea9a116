"""All settings, each read from the environment. The table of variables is in docs/OPERATIONS.md."""

import os
import secrets
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

VAR = Path(env.str("MLFIX_VAR", str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("MLFIX_DEMO", False)
PRODUCTION = env.bool("MLFIX_PRODUCTION", False)


def secret_key() -> str:
    """The key from the environment, else one made once for this installation and readable by its owner alone."""
    if given := env.str("SECRET_KEY", ""):
        return given
    if PRODUCTION:
        raise ImproperlyConfigured("SECRET_KEY is not set. In production, set it to a long random text.")
    path = VAR / "secret_key"
    if not path.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
        except FileExistsError:
            pass
    return path.read_text()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "mlfix_site",
    "review",
    "frontend",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mlfix_site.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "mlfix_site.urls"
ASGI_APPLICATION = "mlfix_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database() -> dict[str, Any]:
    """PostgreSQL from DATABASE_URL. Web processes pool their connections; workers hold one each."""
    if not env.str("DATABASE_URL", ""):
        raise ImproperlyConfigured("DATABASE_URL is not set. Set it, or start by manage.py, which embeds PostgreSQL.")
    config: dict[str, Any] = {**env.db("DATABASE_URL"), "CONN_MAX_AGE": 0}
    # A pool outlives a restart of the server: what it hands out is tried first.
    config["CONN_HEALTH_CHECKS"] = True
    if not config["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: MLfix runs on nothing else.")
    if pool := env.int("DATABASE_POOL", 0):
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": pool, "timeout": 10}}
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "")
if not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL is not set. Set it, or start through manage.py, which embeds Valkey.")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Django's own would unpickle whatever lies in the cache.
        "OPTIONS": {"serializer": "mlfix_site.json_serializer.JsonSerializer"},
    }
}
# Whoever listens waits up to five seconds for a message: the line must bear more, or its silence counts as a failure.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 8}], "expiry": 60},
    }
}

STORAGE_URL = env.str("STORAGE_URL", f"file://{VAR / 'storage'}")
IMPORT_ROOTS = [Path(p).resolve() for p in env.list("MLFIX_IMPORT_ROOTS", default=[])]
WEIGHTS_FOLDER = env.str("MLFIX_WEIGHTS", "")
MAX_UPLOAD_BYTES = env.int("MLFIX_MAX_UPLOAD_BYTES", 20 * 2**30)
MAX_IMAGE_PIXELS = env.int("MLFIX_MAX_IMAGE_PIXELS", 100_000_000)
MAX_ROWS = env.int("MLFIX_MAX_ROWS", 10_000_000)
MAX_ARCHIVE_ENTRIES = env.int("MLFIX_MAX_ARCHIVE_ENTRIES", 2_000_000)
MAX_UNPACKED_BYTES = env.int("MLFIX_MAX_UNPACKED_BYTES", 100 * 2**30)
MAX_RATIO = env.int("MLFIX_MAX_RATIO", 200)
DECODERS = env.int("MLFIX_DECODERS", 0)
PART_ROWS = env.int("MLFIX_PART_ROWS", 1000)
DECODE_SECONDS = env.float("MLFIX_DECODE_SECONDS", 30.0)
READER_MEMORY_BYTES = env.int("MLFIX_READER_MEMORY_BYTES", 2 * 2**30)
ONNX_MEMORY_BYTES = env.int("MLFIX_ONNX_MEMORY_BYTES", 4 * 2**30)
ONNX_SECONDS = env.float("MLFIX_ONNX_SECONDS", 60.0)

AUTH_USER_MODEL = "review.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
FILE_UPLOAD_TEMP_DIR = env.str("MLFIX_UPLOAD_TMP", "") or None
if FILE_UPLOAD_TEMP_DIR:
    Path(FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = FILE_UPLOAD_TEMP_DIR  # where a request's body is kept, and a tar.gz while it is read

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one words the challenge of a 401.
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {
        "token": env.str("MLFIX_TOKEN_RATE", "20/min"),
        "confirmation": env.str("MLFIX_CONFIRMATION_RATE", "5/hour"),
        "outward": env.str("MLFIX_OUTWARD_RATE", "30/min"),
    },
    "EXCEPTION_HANDLER": "review.api.errors.problem",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MLfix",
    "DESCRIPTION": "Find and fix wrong labels in image datasets, as a crowd and with proof.\n\n"
    "`POST /api/token/` gives a token for a name and a password; send it as `Authorization: Token …`. Long work "
    "answers 202 with a `job`: ask `/api/jobs/{id}/` until it is done. Lists are pages: `{next, previous, results}`.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ItemState": "review.api.answers.ITEM_STATES",
        "SettableState": "review.api.serializers.SETTABLE_STATES",
        "LabelChangeKind": "review.models.LabelChange.Kind",
        "LabelField": "review.api.answers_labels.FIELDS",
        "ItemField": "review.api.answers_history.FIELDS",
        **{
            f"{name}State": f"review.models.{name}.State"
            for name in ("Assignment", "Campaign", "Dataset", "Delivery", "Fix", "Job", "LabelChange", "Verdict")
        },
    },
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "general"
CELERY_TASK_ROUTES = {"ranking.*": {"queue": "ranking"}}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
PRESENT_SECONDS = env.float("MLFIX_PRESENT_SECONDS", 15.0)
# A page asks every few seconds, so that within a minute it says that no worker is there.
SEEN_SECONDS = 3 * PRESENT_SECONDS
DEAD_SECONDS = env.float("MLFIX_DEAD_SECONDS", 30.0)
STALLED_HOURS = env.float("MLFIX_STALLED_HOURS", 24.0)
# Where links lead that are made without a request.
SITE_URL = (env.str("MLFIX_URL", "") or "http://127.0.0.1:8000").rstrip("/")
WEBHOOK_PRIVATE = env.bool("MLFIX_WEBHOOK_PRIVATE", False)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "review.sweep",
        "schedule": env.float("MLFIX_SWEEP_SECONDS", 5.0),
        "options": {"expires": 30},
    },
    "notice": {
        "task": "review.notice",
        "schedule": env.float("MLFIX_NOTICE_SECONDS", 60.0),
        "options": {"expires": 60},
    },
    "deliver": {
        "task": "review.deliver",
        "schedule": env.float("MLFIX_DELIVER_SECONDS", 10.0),
        "options": {"expires": 10},
    },
    **{
        f"present-{queue}": {
            "task": "review.present",
            "schedule": PRESENT_SECONDS,
            "args": [queue],
            "options": {"queue": queue, "expires": PRESENT_SECONDS},
        }
        for queue in ("general", "ranking")
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "media"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# What carries the hash of its content in its name never changes.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/chunks/.+-[\w-]{8}\.js$"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "mlfix_site" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
if env.str("EMAIL_URL", ""):
    globals().update(env.email_url("EMAIL_URL"))
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "") or globals().get(
    "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "") or "mlfix@localhost"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}
