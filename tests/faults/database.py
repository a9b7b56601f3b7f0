"""A PostgreSQL of its own, which the product reaches only through a network that can be stopped."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tests.faults.network import Relay
from yinuo.operations.postgres import Cluster


class Outside:
    """`url`: as the harness reaches it; `address`: as the product does, through `relay`."""

    def __init__(self, home: Path, surroundings: Mapping[str, str]) -> None:
        self.cluster = Cluster(home / "pg", log=home.with_name("postgres.log"))
        self.surroundings = surroundings
        with _within(surroundings):
            self.url = self.cluster.start()
        self.relay = Relay(Path(str(self.cluster.sockets)) / ".s.PGSQL.5432")

    @property
    def address(self) -> str:
        known = conninfo_to_dict(self.url)
        return f"postgresql://{known['user']}:{known['password']}@127.0.0.1:{self.relay.port}/{known['dbname']}"

    def come_back(self) -> None:
        """As whoever looks after that server would see to it; nothing if it never went."""
        if not self.cluster.alive():
            with _within(self.surroundings):
                self.cluster.relaunch()

    def close(self) -> None:
        self.relay.close()
        self.cluster.stop()


@contextlib.contextmanager
def _within(surroundings: Mapping[str, str]) -> Iterator[None]:
    """The server inherits our environment, our own clock stays right."""
    before = {name: os.environ.get(name) for name in surroundings}
    os.environ.update(surroundings)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
