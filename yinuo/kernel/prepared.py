"""Statements of the hot paths, prepared once per connection: the server neither parses nor plans them again.

They pass the same fences and counters as every other statement. A pooler that gives each transaction another server
connection cannot keep them: YINUO_PREPARED=no turns them off.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection

Parameters = Sequence[Any] | Mapping[str, Any]


class _Preparing(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


@contextmanager
def prepared(sql: str, params: Parameters) -> Any:
    """A cursor on which the statement has run."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection._prepare_cursor(_Preparing(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, params)
        yield cursor


def first_read(sql: str, params: Parameters) -> Any:
    """The one row a request reads before all else, which also tells whether the connection is still alive: a lost one
    is opened anew and the read done again, so nothing needs to be asked before it.
    """
    if connection.in_atomic_block:
        with prepared(sql, params) as cursor:
            return cursor.fetchone()
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        with prepared(sql, params) as cursor:
            return cursor.fetchone()
    except (OperationalError, InterfaceError):
        connection.close()
    with prepared(sql, params) as cursor:
        return cursor.fetchone()
