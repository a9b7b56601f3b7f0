"""Django settings. Everything an installation may change comes from the environment; the rest is fixed here."""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from yinuo.operations.statics import fingerprint

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("YINUO_HOME") or ROOT / "var")
FILES_DIR = HOME / "files"
PREVIEWS_DIR = HOME / "previews"
VERSION = "0.1.0"


def _secret() -> str:
    """The signing key: from the environment, or made once and kept in the data folder (mode 0600)."""
    given = os.environ.get("YINUO_SECRET_KEY")
    if given:
        return given
    kept = HOME / "secret.key"
    if not kept.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        fresh = HOME / f"secret.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(fresh, kept)  # whoever links first wins; nobody overwrites a key in use
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii").strip()


def _ports(text: str) -> frozenset[int]:
    """ "2525,1025-1030" as numbers; what is no number opens nothing."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            found.update(range(int(first), min(int(last or first), 65535) + 1))
    return frozenset(found)


def _token(text: str) -> str:
    """What can be guessed is none."""
    return text.strip() if len(text.strip()) >= 16 else ""


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(p.split("=", 1) for p in parts.query.split("&") if "=" in p)
    pooled = os.environ.get("YINUO_PREPARED") == "no"  # each transaction may be on another connection of the server
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "yinuo",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": str(parts.port or unquote(query.get("port", ""))),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "OPTIONS": {
            "connect_timeout": 5,
            "prepare_threshold": None if pooled else 5,
            **{key: unquote(value) for key, value in query.items() if key.startswith(("ssl", "target_"))},
        },
        "TEST": {"NAME": os.environ.get("YINUO_TEST_DB") or None},
    }


SECRET_KEY = _secret()
SECRET_GIVEN = bool(os.environ.get("YINUO_SECRET_KEY"))  # from outside: no file of ours holds it
DEBUG = False
ALLOWED_HOSTS = os.environ.get("YINUO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
PUBLIC_URL = os.environ.get("YINUO_PUBLIC_URL", "http://localhost:8000").rstrip("/")
LIVE_URL = os.environ.get("YINUO_LIVE_URL", "")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
COMPANY_NAME = os.environ.get("YINUO_COMPANY_NAME", "")
HOTLINE = os.environ.get("YINUO_HOTLINE", "")
TRUSTED_PROXIES = int(os.environ.get("YINUO_TRUSTED_PROXIES", "0"))
PORTAL_CODE_WAYS = tuple(os.environ.get("YINUO_PORTAL_CODE_WAYS", "sms,email").split(","))
SMS = {
    name: os.environ.get(f"YINUO_SMS_{name.upper()}", "").strip()
    for name in ("gateway", "url", "key", "secret", "sign", "template")
}
SECURE = PUBLIC_URL.startswith("https:")

# Who may ask /metrics: whoever knows this. Without one of 16 characters or more nobody may, and nothing is kept for it.
METRICS_TOKEN = _token(os.environ.get("YINUO_METRICS_TOKEN", ""))
METRICS_DIR = HOME / "metrics"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "ninja",
    "yinuo.kernel",
    "yinuo.identity",
    "yinuo.calendars",
    "yinuo.customers",
    "yinuo.wording",
    "yinuo.conversations",
    "yinuo.matters",
    "yinuo.promises",
    "yinuo.approvals",
    "yinuo.complaints",
    "yinuo.insight",
    "yinuo.knowledge",
    "yinuo.surveys",
    "yinuo.channels.email",
    "yinuo.channels.portal",
    "yinuo.channels.sms",
    "yinuo.channels.webhook",
    "yinuo.web",
    "yinuo.api",
    "yinuo.live",
    "yinuo.jobs",
]
INSTALLED_APPS = [a for a in INSTALLED_APPS if not a.startswith("yinuo") or (ROOT / a.replace(".", "/")).is_dir()]

MIDDLEWARE = [
    "yinuo.web.middleware.request_id",
    "yinuo.web.middleware.probed",
    "yinuo.web.middleware.security_headers",
    "yinuo.web.limits.refuse_huge",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "yinuo.web.middleware.actor",
    "yinuo.web.middleware.Problems",
]
ROOT_URLCONF = "yinuo.urls"
WSGI_APPLICATION = "yinuo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "yinuo/web/templates", ROOT / "yinuo/channels/portal/templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "yinuo.web.jinja.environment"},
    }
]

DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://yinuo@127.0.0.1:5432/yinuo"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.Staff"
AUTHENTICATION_BACKENDS = ["yinuo.identity.backends.Backend"]
SESSION_ENGINE = "yinuo.identity.sessions"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "yinuo.identity.passwords.LongEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "yinuo.identity.passwords.NotOneself"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "yinuo.web.problems.csrf_failure"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Half a year of https only, said over https; names beside ours are left alone.
SECURE_HSTS_SECONDS = 180 * 86400 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("YINUO_BEHIND_PROXY") else None

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("英文"))]
LOCALE_PATHS = [ROOT / "yinuo/locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# One fingerprint for the whole tree is part of every address: files never change under theirs, and are kept for ever.
STATIC_VERSION = fingerprint()
STATIC_URL = f"/static/{STATIC_VERSION}/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / STATIC_VERSION).is_dir()
WHITENOISE_STATIC_PREFIX = STATIC_URL if WHITENOISE_USE_FINDERS else "/static/"
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/[0-9a-f]{12}/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
ATTACHMENT_MAX_BYTES = 25 * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_IMPORT_PATHS = ["yinuo.jobs.tasks"]

# So many seconds a pressed "send" can be taken back; 0 sends at once.
SEND_HOLD_SECONDS = max(0, min(60, int(os.environ.get("YINUO_SEND_HOLD", "10"))))

# Hosts and networks inside the company that webhooks may be sent to; anything else must be a public address.
WEBHOOK_ALLOW = [h.strip() for h in os.environ.get("YINUO_WEBHOOK_ALLOW", "").split(",") if h.strip()]

# Hosts that may be the identity provider on any port, without TLS, or on this machine (tests, trials).
SIGN_ON_ALLOW = [h.strip() for h in os.environ.get("YINUO_SIGN_ON_ALLOW", "").split(",") if h.strip()]

# Mail servers: ports besides the usual ones ("2525,1025-1030"), and whether one may stand on this machine.
MAIL_PORTS = _ports(os.environ.get("YINUO_MAIL_PORTS", ""))
MAIL_LOCAL = os.environ.get("YINUO_MAIL_LOCAL", "") not in ("", "0", "no")

# One line a message; with "json" one object a line, and a line for every request.
LOG_JSON = os.environ.get("YINUO_LOG", "") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "yinuo.kernel.discreet.DiscreetJson" if LOG_JSON else "yinuo.kernel.discreet.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s %(ref)s%(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("YINUO_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # whoever knocks under a foreign name is refused; a stack for each of them would fill the disk
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "procrastinate": {"level": "WARNING"},
    },
}
