"""A port is one installation's from the moment it looked, also while that still prepares its data."""

import socket

import pytest

from yinuo.operations.up import check_port, hold_port
from yinuo.operations.words import Trouble


def test_a_port_held_is_taken_for_others_and_free_for_its_own_workers() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    check_port("127.0.0.1", port)
    with hold_port("127.0.0.1", port):
        with pytest.raises(Trouble, match="已被占用"):
            check_port("127.0.0.1", port)
        with socket.socket() as worker:
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            worker.bind(("127.0.0.1", port))
            worker.listen(1)
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                worker.accept()[0].close()
    check_port("127.0.0.1", port)
