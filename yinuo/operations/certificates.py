"""The doctor's look at certificates: those of the mail servers and the one visitors are shown, before they end."""

import imaplib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import _

SOON = timedelta(days=14)
PATIENCE_SECONDS = 10.0
HERE = ("localhost", "127.0.0.1", "::1")
Greet = Callable[[ssl.SSLContext], bytes]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server showed: when its certificate ends, and whether this machine trusts it; `ends` is None when it
    could not be asked.
    """

    ends: datetime | None
    trusted: bool = True


def judge(name: str, shown: Shown, now: datetime, *, must_be_trusted: bool, advice: str) -> Finding:
    """`advice`: who has to renew it, and how."""
    subject = _("证书")
    if shown.ends is None:
        words = _("{name}：连不上，看不到证书").format(name=name)
        return Finding(subject, WARNING, words, _("请核对地址、端口、防火墙和反向代理。"))
    day = shown.ends.astimezone().strftime("%Y-%m-%d")
    if shown.ends <= now:
        return Finding(subject, BAD, _("{name}：证书已在 {day} 过期").format(name=name, day=day), advice)
    if not shown.trusted:
        level = BAD if must_be_trusted else WARNING
        words = _("{name}：本机不信任它的证书（自签名、域名不符或缺少中间证书）").format(name=name)
        return Finding(subject, level, words, advice)
    if shown.ends - now < SOON:
        return Finding(subject, WARNING, _("{name}：证书将在 {day} 过期").format(name=name, day=day), advice)
    return Finding(subject, GOOD, _("{name}：证书有效到 {day}").format(name=name, day=day))


def ask(greet: Greet) -> Shown:
    """Once as a visitor who checks, and when that fails once more to read the date."""
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    trusted = True
    try:
        try:
            seen = greet(ssl.create_default_context())
        except ssl.SSLCertVerificationError:
            trusted, seen = False, greet(careless)
    except _failures():
        return Shown(None)
    return Shown(_end_of(seen), trusted)


def _failures() -> tuple[type[Exception], ...]:
    """Whatever a server or the network does wrong."""
    from imap_tools.errors import ImapToolsError

    return (OSError, EOFError, ValueError, smtplib.SMTPException, imaplib.IMAP4.error, ImapToolsError)


def _end_of(der: bytes) -> datetime | None:
    from cryptography import x509

    return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None


def of_mail_server(protocol: str, host: str, port: int, security: str) -> Greet:
    """`protocol` is imap or smtp, `security` tls or starttls; connected as the mailbox itself is."""
    from yinuo.channels.email import servers

    def greet(context: ssl.SSLContext) -> bytes:
        talk: Any
        if protocol == "imap":
            kind = servers.ImapTls if security == "tls" else servers.ImapStartTls
            talk = kind(host, port, timeout=PATIENCE_SECONDS, ssl_context=context).client
            leave = talk.shutdown
        elif security == "tls":
            talk = servers.SmtpTls(host, port, timeout=PATIENCE_SECONDS, context=context)
            leave = talk.close
        else:
            talk = servers.Smtp(host, port, timeout=PATIENCE_SECONDS)
            leave = talk.close
            try:
                talk.starttls(context=context)
            except BaseException:
                leave()
                raise
        try:
            return talk.sock.getpeercert(binary_form=True) or b""
        finally:
            leave()

    return greet


def of_page(host: str, port: int) -> Greet:
    """Of the address visitors are given: it is the operator's own, so it may be anywhere."""
    from yinuo.kernel.outgoing import Reach, connect

    def greet(context: ssl.SSLContext) -> bytes:
        reach = Reach(company=True, loopback=True, ports={port})
        with (
            connect(host, port, PATIENCE_SECONDS, reach) as plain,
            context.wrap_socket(plain, server_hostname=host) as talk,
        ):
            return talk.getpeercert(binary_form=True) or b""

    return greet


def look() -> list[Finding]:
    """Every mail server in use, each once, and the public address."""
    from django.conf import settings

    return [*public(settings.PUBLIC_URL), *mail()]


def public(url: str) -> list[Finding]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        advice = _("在反向代理或负载均衡上续期或更换证书，并让它自动续期。")
        shown = ask(of_page(host, parts.port or 443))
        return [judge(url, shown, datetime.now(UTC), must_be_trusted=False, advice=advice)]
    if host in HERE:
        return [Finding(_("证书"), GOOD, _("只在本机使用，不需要证书"))]
    words = _("{url} 没有加密，密码在网络上可以被看到").format(url=url)
    advice = _("在前面放一个有证书的反向代理，再把 YINUO_PUBLIC_URL 设成 https 地址。")
    return [Finding(_("证书"), WARNING, words, advice)]


def mail() -> list[Finding]:
    from yinuo.channels.email.models import Mailbox

    advice = _("请邮件服务商更新证书；自己的邮件服务器请续期。在此之前邮件可能收不到、发不出。")
    found: dict[tuple[str, int], Finding] = {}
    for box in Mailbox.objects.filter(active=True).order_by("address"):
        for protocol in ("imap", "smtp"):
            host, port, security = (getattr(box, f"{protocol}_{part}") for part in ("host", "port", "security"))
            if host and security != Mailbox.Security.NONE and (host, port) not in found:
                shown = ask(of_mail_server(protocol, host, port, security))
                must = box.verify_certificate
                if not must and shown.ends:  # whoever set the mailbox up has decided to trust it
                    shown = Shown(shown.ends)
                now = datetime.now(UTC)
                found[host, port] = judge(f"{host}:{port}", shown, now, must_be_trusted=must, advice=advice)
    return list(found.values())
