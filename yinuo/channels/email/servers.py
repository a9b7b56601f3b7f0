"""Connections to the mail servers somebody entered: within reach, or not at all; and what went wrong, in a sentence.

The sentence is one of a few, whatever the other side said: the page must not tell what answers at an address.
"""

from __future__ import annotations

import imaplib
import logging
import smtplib
import socket
import ssl
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import MailboxLoginError

from yinuo.kernel.errors import Refused
from yinuo.kernel.outgoing import Forbidden, Reach, connect

log = logging.getLogger("yinuo.mail")
#: SMTP, IMAP, SMTP over TLS, submission, IMAP over TLS. More with YINUO_MAIL_PORTS.
PORTS = frozenset({25, 143, 465, 587, 993})


def ports() -> frozenset[int]:
    return PORTS.union(settings.MAIL_PORTS)


def reach() -> Reach:
    """Public and company addresses on mail ports; this machine only where YINUO_MAIL_LOCAL says so."""
    return Reach(company=True, loopback=settings.MAIL_LOCAL, ports=ports())


def _socket(host: str, port: int, timeout: float | None) -> socket.socket:
    return connect(host, port, timeout or 60.0, reach())


class _Imap(imaplib.IMAP4):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        return _socket(self.host, self.port, timeout)


class _ImapTls(imaplib.IMAP4_SSL):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = _socket(self.host, self.port, timeout)
        return ssl.SSLContext.wrap_socket(self.ssl_context, plain, server_hostname=self.host)


class ImapPlain(MailBoxUnencrypted):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Imap(self._host, self._port, self._timeout)


class ImapTls(MailBox):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _ImapTls(self._host, self._port, ssl_context=self._ssl_context, timeout=self._timeout)


class ImapStartTls(MailBoxStartTls):
    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Imap(self._host, self._port, self._timeout)
        client.starttls(self._ssl_context)
        return client


class Smtp(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float | None) -> Any:
        return _socket(host, port, timeout)


class SmtpTls(smtplib.SMTP_SSL, Smtp):
    """The order of the bases matters: SMTP_SSL wraps the socket that Smtp makes."""


def in_words(error: Exception) -> str:
    """What an administrator can mend. What the other side said goes to the log of the machine alone."""
    log.info("mail server: %s: %.300s", type(error).__name__, error)
    if isinstance(error, Forbidden):
        return _("不能连接这个地址：只允许邮件端口，且不能是本机或链路本地地址")
    if isinstance(error, Refused):
        return error.message
    if isinstance(error, (MailboxLoginError, smtplib.SMTPAuthenticationError)):
        return _("服务器拒绝了登录，请核对账号和密码（有些邮箱要填客户端授权码）")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("服务器的证书没有通过验证")
    return _("连不上邮件服务器，请核对地址、端口和加密方式")
