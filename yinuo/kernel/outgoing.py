"""Where this installation may connect to: every connection to an address somebody typed is made here.

The name is resolved once, each of its addresses is judged, and the connection goes to an address that was judged; TLS
still verifies the name. Why these rules: docs/decisions/outgoing-connections.md.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _as_networks(*texts: str) -> _networks:
    return tuple(ipaddress.ip_network(text) for text in texts)


#: Never, whatever is set: link-local, and what clouds answer their machines on (keys of the whole account).
NEVER = _as_networks(
    "169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.0/24", "fd00:ec2::254/128",
    "fd20:ce::254/128",
)  # fmt: skip
COMPANY = _as_networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
MOST_ADDRESSES = 3


class Forbidden(OSError):
    """The name leads where this kind of connection may not go; says so without telling where it leads."""

    def __init__(self) -> None:
        super().__init__("this address may not be connected to")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one kind of connection may go: public addresses always, the rest as far as it says."""

    company: bool = False
    loopback: bool = False
    ports: Collection[int] | None = None
    opened: frozenset[str] = field(default_factory=frozenset)


def plain(text: str) -> Address:
    """The address that is really connected to: an IPv4 address wrapped in an IPv6 one comes out of it."""
    address: Address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def public(text: str) -> bool:
    """Whether an address is one anybody may reach: not loopback, private, link-local, multicast or mapped to such."""
    address = plain(text)
    if any(address in network for network in NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def may_reach(host: str, text: str, reach: Reach) -> bool:
    """Whether an address `host` leads to is within reach."""
    address = plain(text)
    if any(address in network for network in NEVER):
        return False
    if public(text) or (reach.company and any(address in network for network in COMPANY)):
        return True
    return (reach.loopback and address.is_loopback) or _opened(host, address, reach.opened)


def _opened(host: str, address: Address, opened: Iterable[str]) -> bool:
    for one in opened:
        if one == host:
            return True
        try:
            if address in ipaddress.ip_network(one, strict=False):
                return True
        except ValueError:
            continue
    return False


def addresses(host: str, port: int, reach: Reach) -> list[str]:
    """The addresses of a name, all of them within reach; one bad address spoils the name."""
    if reach.ports is not None and port not in reach.ports:
        raise Forbidden
    name = host.strip("[]").lower()
    try:
        infos = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except UnicodeError as wrong:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from wrong
    found = list(dict.fromkeys(str(info[4][0]) for info in infos))
    if not found or not all(may_reach(name, text, reach) for text in found):
        raise Forbidden
    return found[:MOST_ADDRESSES]


def connect(host: str, port: int, timeout: float, reach: Reach) -> socket.socket:
    """A connected socket; raises `OSError`."""
    last: OSError | None = None
    for address in addresses(host, port, reach):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as wrong:
            last = wrong
    raise last or Forbidden()


class _Judged(httpcore.SyncBackend):
    """Connects only to addresses that were judged, whatever the name says a moment later."""

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self.reach = reach

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        last: Exception | None = None
        for address in addresses(host, port, self.reach):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as wrong:
                last = wrong
        raise last or Forbidden()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request came to: a status and the beginning of the answer, or why there is none (the kind of error)."""

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    took_ms: int = 0


def post(
    url: str, body: bytes, headers: Mapping[str, str], reach: Reach, *, most: int, timeout: float,
    say: Callable[[Exception], str] = lambda wrong: type(wrong).__name__,
) -> Answer:  # fmt: skip
    """One POST: no proxy, no redirect, a small answer, a short time. Never raises for what the other side does."""
    return _asked("POST", url, body, headers, reach, most, timeout, say)


def get(url: str, headers: Mapping[str, str], reach: Reach, *, most: int, timeout: float) -> Answer:
    """One GET, by the same rules."""
    return _asked("GET", url, b"", headers, reach, most, timeout, lambda wrong: type(wrong).__name__)


def _asked(
    method: str, url: str, body: bytes, headers: Mapping[str, str], reach: Reach, most: int, timeout: float,
    say: Callable[[Exception], str],
) -> Answer:  # fmt: skip
    started = time.monotonic()
    status, answer, error, told = None, b"", "", {}
    waits = {"connect": 5.0, "read": timeout, "write": timeout, "pool": 5.0}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=_Judged(reach), http2=False) as pool,
            pool.stream(method, url, headers=list(headers.items()), content=body, extensions={"timeout": waits}) as got,
        ):
            status = got.status
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in got.headers}
            for chunk in got.iter_stream():
                answer += chunk
                if len(answer) >= most or time.monotonic() - started > timeout:
                    break
    except (
        httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError,
        ValueError,
    ) as wrong:  # fmt: skip
        error = say(wrong)
    return Answer(status, answer[:most], told, error, int((time.monotonic() - started) * 1000))
