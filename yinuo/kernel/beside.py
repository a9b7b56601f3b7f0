"""A connection beside Django's: what another thread, an event loop or a test needs to reach the same database."""

from typing import Any

from django.db import connections

#: Options of the address that libpq needs again: TLS, and which of several servers is meant.
OF_ADDRESS = ("ssl", "target_")


def beside() -> dict[str, Any]:
    """Keywords for `psycopg.connect`: where the database is and who we are. Give up on a silent server after 5 s."""
    given = connections["default"].get_connection_params()
    where = ("dbname", "user", "password", "host", "port", "connect_timeout")
    return {key: value for key, value in given.items() if value and (key in where or key.startswith(OF_ADDRESS))}
