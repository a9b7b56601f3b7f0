"""Which database a test run uses, decided once for all its processes.

YINUO_TEST_DATABASE_URL or DATABASE_URL when given; otherwise an embedded server made for this run and thrown away.
"""

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import emptying, template
from tests.worlds import held

_resources = contextlib.ExitStack()
#: How long one example takes says how busy the machine is, not whether the rule holds.
hypothesis.settings.register_profile("yinuo", deadline=None)
hypothesis.settings.load_profile("yinuo")
EDGES = ("yinuo/web", "yinuo/api", "yinuo/channels", "tests/operations", "tests/attack")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "django_db_reset_sequences"}


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        from yinuo.operations.catalogue import make_ready

        make_ready()  # as every start of the product does: what is in English does not depend on which test runs first
    given = os.environ.get("YINUO_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not given and not hasattr(config, "workerinput"):
        from yinuo.operations.testing import throw_away

        given = _resources.enter_context(throw_away())
    if given:  # workers inherit it from the process that started them
        os.environ["DATABASE_URL"] = os.environ["YINUO_TEST_DATABASE_URL"] = given
        _point_settings_at(given)
        if getattr(config.option, "numprocesses", None) and not config.option.reuse_db:
            template.start(given)
    emptying.install()
    _hash_passwords_quickly()
    _compare_planned_queries()
    _look_for_static_files_once()


def _look_for_static_files_once() -> None:
    """Each test client starts the middleware anew; all of them find the same files."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, dict[str, Any]()

    def add(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = add


def _compare_planned_queries() -> None:
    """Every planned statement of every test is compared with the one the ORM makes for the same actor and values."""
    from yinuo.kernel import planned

    planned.VERIFY = True


def _hash_passwords_quickly() -> None:
    """Argon2 is slow on purpose; hundreds of tests make staff whose passwords guard nothing."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def _point_settings_at(url: str) -> None:
    from django.conf import settings

    module = sys.modules.get("yinuo.settings")
    if settings.configured and module is not None:
        fresh = module._database(url)
        fresh.pop("TEST")  # Django has completed that part already
        settings.DATABASES["default"].update(fresh)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, request: pytest.FixtureRequest) -> None:
    """One of several processes copies the database that was made for all of them."""
    from django.db import connection

    if hasattr(request.config, "workerinput") and not request.config.option.reuse_db and (name := template.ready()):
        connection.settings_dict["TEST"]["TEMPLATE"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database can be dropped only when nobody is connected: the world that is held and the bell let go first."""
    held.blocker = django_db_blocker
    yield
    held.change_to(None)
    held.blocker = None
    from yinuo.kernel.bell import bell

    bell.finish()


@pytest.fixture(autouse=True)
def nobody_subscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants which events is remembered for seconds; a slow test must not count one statement more for it."""
    from yinuo.channels.webhook import queries

    monkeypatch.setattr(queries, "_subscribed", (float("inf"), frozenset()))


def _edge(path: Path) -> bool:
    where = path.as_posix()
    return any(f"/{room}/" in where for room in EDGES) and "statements" not in path.name


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The run on another server does not even read the tests it leaves out."""
    test = collection_path.name.startswith("test_")
    return True if config.option.markexpr.startswith("database") and test and _edge(collection_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Everything that touches the database carries one mark, so that it can be run again on another server.

    Pages, API operations and channels repeat the statements of the domain below them; of theirs, those that count and
    compare every statement run again. What is about the machine has its own servers. The longest go first, so that no
    process works alone at the end.
    """
    for item in items:
        touches = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        if touches and not _edge(item.path):
            item.add_marker("database")
    yield
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or item.get_closest_marker("browser")))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and "DATABASE_URL" in os.environ:
        template.finish(os.environ["DATABASE_URL"])
    _resources.close()
    if not hasattr(config, "workerinput"):
        import shutil

        shutil.rmtree(Path(os.environ["YINUO_TEST_HOME"]), ignore_errors=True)


@pytest.fixture(autouse=True)
def _our_language() -> Iterator[None]:
    """A page in English leaves its language to the thread; the next test begins in the house's."""
    yield
    from django.utils import translation

    translation.deactivate()
