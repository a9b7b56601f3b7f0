"""What many tests begin with is made once: one transaction around them holds it, each test's own is rolled back inside it.

    @world
    def made_firm():
        return build()

declares a fixture `made_firm`. Its rows stay while neighbouring tests ask for it and are gone before any other test.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

Make = Callable[[], Any]


class Held:
    """The one world that stands in this process's database, if any."""

    def __init__(self) -> None:
        self.blocker: Any = None  # of pytest-django, set by conftest.py while there is a database
        self.make: Make | None = None
        self.rows: Any = None
        self._around: Any = None
        self._connection: Any = None

    def change_to(self, make: Make | None) -> None:
        if make is self.make or self.blocker is None:
            return
        with self.blocker.unblock():
            if self._around is not None:
                self._leave()
            if make is not None:
                self._connection = transaction.get_connection()
                self._around = transaction.atomic()
                self._around.__enter__()
                try:
                    self.rows, self.make = make(), make
                    # What waits for the end of the transaction to be checked is checked now, not again in every test.
                    self._connection.check_constraints()
                except BaseException:
                    self._leave()
                    raise

    def _leave(self) -> None:
        if self._connection is transaction.get_connection() and self._connection.in_atomic_block:
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)
        else:  # the thread has another connection by now, or lost this one: the rows go with it
            self._connection.close()
        self._around = self.rows = self.make = None


held = Held()


def world(make: Make) -> Any:
    """A fixture of that name: what `make` returns, copied for each test."""

    def fixture(db: None) -> Any:
        return deepcopy(held.rows) if held.make is make else make()

    fixture.__doc__, fixture.makes = make.__doc__, make  # type: ignore[attr-defined]
    return pytest.fixture(name=make.__name__)(fixture)


def _wanted_by(item: pytest.Item) -> Make | None:
    marker = item.get_closest_marker("django_db")
    committing = (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(
        getattr(item, "fixturenames", ())
    )
    known = getattr(item, "_fixtureinfo", None)
    if committing or known is None:
        return None
    made = (getattr(defs[-1].func, "makes", None) for defs in known.name2fixturedefs.values())
    return next((make for make in made if make), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    held.change_to(_wanted_by(item))
