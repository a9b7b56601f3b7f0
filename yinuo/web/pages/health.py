"""For supervisors, load balancers and probes: whether this process lives, and whether it can do its work.

Alive (`/healthz`) asks nothing of anybody: a process is not to be killed because the database is away. Ready
(`/readyz`) names each part by a word and says nothing else: the address is public.
"""

from functools import cache

from django.conf import settings
from django.db import Error
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from yinuo.web.routes import PUBLIC, page


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """What a database of this version has been through."""
    return frozenset((app, name) for app, name in MigrationLoader(None).graph.nodes)


def parts() -> dict[str, str]:
    """Each part that must be there before a page can be answered: "ok", or what is wrong with it. One statement."""
    found = {"database": "ok", "migrations": "ok", "key": "ok"}
    try:
        applied = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
        if _migrations() - applied:
            found["migrations"] = "waiting"
    except Error as wrong:
        missing = getattr(wrong.__cause__, "sqlstate", "") == "42P01"  # no such table: nothing was ever migrated
        found |= {"migrations": "waiting"} if missing else {"database": "unreachable", "migrations": "unknown"}
    if not settings.SECRET_GIVEN and not _key_is_kept():
        found["key"] = "lost"
    return found


def _key_is_kept() -> bool:
    """Whether the next start finds the key this one works with: what was sealed with it opens with no other."""
    try:
        return (settings.HOME / "secret.key").read_text(encoding="ascii").strip() == settings.SECRET_KEY
    except (OSError, UnicodeError):
        return False


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    found = parts()
    well = set(found.values()) == {"ok"}
    return JsonResponse({"ready": well, **found}, status=200 if well else 503)


routes = [page("healthz", health, needs=PUBLIC, name="health"), page("readyz", ready, needs=PUBLIC, name="ready")]
