"""What a test has committed is deleted from the few tables it filled: TRUNCATE of a hundred empty ones takes half a second.

Whoever still writes (a thread of the live server) is waited for, as TRUNCATE would.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

from yinuo.kernel.guard import permit_writes

#: Made by migrate after the tables, the same in every database.
KEPT = ("django_content_type", "auth_permission")
#: Their triggers refuse every DELETE.
APPEND_ONLY = ("kernel_auditentry", "kernel_auditseal")


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names).difference(KEPT)))


def empty_what_is_filled() -> None:
    """Delete all rows of all our tables. Foreign keys are deferred, so the order does not matter."""
    tables = _tables()
    with permit_writes("test clean-up"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables))
        for (name,) in cursor.fetchall():
            if name in APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {name}")
            if name in APPEND_ONLY:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def install() -> None:
    def teardown(self: TransactionTestCase) -> None:
        empty_what_is_filled()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
