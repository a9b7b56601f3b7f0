"""The harness's own parts: a network that can be stopped, and that what each mutation removes is still there."""

import socket
import threading

import pytest

from tests.faults.mutations import PROTECTIONS
from tests.faults.network import Relay

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def echo():
    """(a relay, what its far side heard): the far side says everything twice."""
    heard = list[bytes]()
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                one, _from = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(one,), daemon=True).start()

    def answer(one):
        try:
            while said := one.recv(100):
                heard.append(said)
                one.sendall(said * 2)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    relay = Relay(server.getsockname()[1])
    yield relay, heard
    relay.close()
    server.close()


def visit(relay):
    one = socket.create_connection(("127.0.0.1", relay.port), 2)
    one.settimeout(0.3)
    return one


def ended(one):
    try:
        return one.recv(10) == b""
    except ConnectionError:
        return True


def test_nothing_is_changed_while_it_works(echo):
    with visit(echo[0]) as one:
        one.sendall(b"a")
        assert one.recv(10) == b"aa"


def test_refused(echo):
    relay, _heard = echo
    open_one = visit(relay)
    relay.stop("refuse")
    with pytest.raises(ConnectionError):
        visit(relay)
    assert ended(open_one)
    relay.heal(lost=False)
    test_nothing_is_changed_while_it_works(echo)


def test_cut_in_the_middle(echo):
    relay, heard = echo
    relay.stop("cut")
    with visit(relay) as one, pytest.raises(ConnectionError):
        for _n in range(100):
            one.sendall(b"x" * 100)
            one.recv(100)
    assert 0 < len(b"".join(heard)) < 3100


def test_swallowed_and_found_again(echo):
    relay, heard = echo
    with visit(relay) as one:
        relay.stop("swallow")
        one.sendall(b"a")
        with pytest.raises(TimeoutError):
            one.recv(10)
        assert not heard
        relay.heal(lost=False)
        assert one.recv(10) == b"aa"


def test_asked_and_not_answered(echo):
    relay, heard = echo
    with visit(relay) as one:
        relay.stop("deaf")
        one.sendall(b"a")
        with pytest.raises(TimeoutError):
            one.recv(10)
        assert heard == [b"a"]
        relay.heal(lost=True)
        assert ended(one)


@pytest.mark.parametrize("protection", PROTECTIONS[1:], ids=lambda one: one.name)
def test_what_a_mutation_removes_is_there(protection):
    assert protection.changed() or protection.sql
