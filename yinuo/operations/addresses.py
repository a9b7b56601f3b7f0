"""The addresses of this machine: which it answers to, and the one colleagues reach it by."""

import contextlib
import ipaddress
import socket

import psutil

PRIVATE = tuple(ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
#: Of documentation (RFC 5737): a datagram socket "connected" to it sends nothing, it only asks the table of routes.
ELSEWHERE = ("192.0.2.1", 9)


def own() -> list[str]:
    """Every address of every network interface, as it is written in a URL."""
    found = []
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET:
                found.append(one.address)
            elif one.family == socket.AF_INET6:
                found.append(f"[{one.address.split('%')[0]}]")
    return list(dict.fromkeys(found))


def reached_by() -> str:
    """What to open on another device of the same network: a phone does not know this machine's name.

    The private address the machine itself goes out by, else its first private one, else the one it goes out by, else
    its name.
    """
    way_out = _way_out()
    known = [way_out, *own()]
    return next((one for one in known if _private(one)), way_out or socket.gethostname())


def _way_out() -> str:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(ELSEWHERE)
        return str(asked.getsockname()[0])
    return ""


def _private(address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in net for net in PRIVATE)
    except ValueError:
        return False
