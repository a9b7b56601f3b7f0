"""Handing a payload to a stranger's server without letting it lead us into our own network.

The name is resolved once, each address is checked, and the connection goes to the address that was checked; TLS still
verifies the name. No proxy, no redirect, a small answer, a short time.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import httpcore
from django.conf import settings

from yinuo.channels.webhook.rules import Outcome

TIMEOUT = 15.0
MOST_ANSWER = 2000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """The name leads to an address that is not on the public internet."""


def allowed_hosts() -> frozenset[str]:
    """Names and networks inside the company that an administrator has opened for webhooks (YINUO_WEBHOOK_ALLOW)."""
    return frozenset(str(h).lower() for h in getattr(settings, "WEBHOOK_ALLOW", ()))


def public(text: str) -> bool:
    """Whether an address is one anybody may reach: not loopback, private, link-local, multicast or mapped to such."""
    address: Address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast and not address.is_reserved


def _opened(host: str, text: str, allowed: Iterable[str]) -> bool:
    address = ipaddress.ip_address(text.split("%")[0])
    for one in allowed:
        if one == host:
            return True
        try:
            if address in ipaddress.ip_network(one, strict=False):
                return True
        except ValueError:
            continue
    return False


def checked_addresses(host: str, port: int) -> list[str]:
    """The addresses of a name, all of them fit to connect to; one bad address spoils the name."""
    found = list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    allowed = allowed_hosts()
    for text in found:
        if not public(text) and not _opened(host.lower(), text, allowed):
            raise Forbidden(f"{host} leads to {text}, which is not public")
    return found


class _Checked(httpcore.SyncBackend):
    """Connects only to addresses that were checked, whatever the name says a moment later."""

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        last: Exception | None = None
        for address in checked_addresses(host, port)[:3]:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as wrong:
                last = wrong
        raise last or httpcore.ConnectError(f"{host} has no address")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """One attempt. Never raises for what the other side does."""
    started = time.monotonic()
    status: int | None = None
    answer, error = b"", ""
    sent = {"content-type": "application/json; charset=utf-8", "user-agent": "Yinuo-Webhooks/1", **headers}
    waits = {"connect": 5.0, "read": TIMEOUT, "write": TIMEOUT, "pool": 5.0}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=_Checked(), http2=False) as pool,
            pool.stream(
                "POST", url, headers=list(sent.items()), content=body, extensions={"timeout": waits}
            ) as response,
        ):
            status = response.status
            for chunk in response.iter_stream():
                answer += chunk
                if len(answer) >= MOST_ANSWER or time.monotonic() - started > TIMEOUT:
                    break
    except Forbidden as wrong:
        error = str(wrong)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, UnicodeError) as wrong:
        error = f"{type(wrong).__name__}: {wrong}"
    text = answer[:MOST_ANSWER].decode("utf-8", "replace").replace("\x00", "")
    return Outcome(status, text, error[:300], int((time.monotonic() - started) * 1000))
