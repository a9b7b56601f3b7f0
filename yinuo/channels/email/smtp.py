"""Handing a message to a mail server. Every failure leaves as ``TransportError`` with a verdict."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

from yinuo.channels.contract import Receipt, TransportError
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.sealing import unseal
from yinuo.channels.email.servers import Smtp, SmtpTls, in_words
from yinuo.kernel.errors import Refused

TIMEOUT_SECONDS = 60
# Refusals about us, not about the recipient: waiting or a corrected password may help.
_OURS_TO_MEND = {421, 450, 451, 452, 454, 530, 534, 535, 538}


def tls_context(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not mailbox.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _connect(mailbox: Mailbox, timeout: float) -> smtplib.SMTP:
    domain = mailbox.address.rpartition("@")[2] or "localhost"
    if mailbox.smtp_security == Mailbox.Security.TLS:
        return SmtpTls(
            mailbox.smtp_host,
            mailbox.smtp_port,
            local_hostname=domain,
            timeout=timeout,
            context=tls_context(mailbox),
        )
    server = Smtp(mailbox.smtp_host, mailbox.smtp_port, local_hostname=domain, timeout=timeout)
    if mailbox.smtp_security == Mailbox.Security.STARTTLS:
        try:
            server.starttls(context=tls_context(mailbox))
        except BaseException:
            server.close()
            raise
    return server


def _words(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{code} {' '.join(text.split())}"[:300]


def log_in(mailbox: Mailbox, timeout: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    """An authenticated connection; also what the settings page's test uses."""
    server = _connect(mailbox, timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if mailbox.smtp_user:
            server.login(mailbox.smtp_user, unseal(mailbox.smtp_password))
    except BaseException:
        server.close()
        raise
    return server


def _permanent(code: int) -> bool:
    return 500 <= code < 600 and code not in _OURS_TO_MEND


def _sent(server: smtplib.SMTP, mailbox: Mailbox, to: str, message: EmailMessage) -> Receipt:
    international = any(ord(character) > 127 for character in to + mailbox.address)
    data = message.as_bytes()
    options = ["SMTPUTF8"] if international and server.has_extn("smtputf8") else []
    server.sendmail(mailbox.address, [to], data, mail_options=options)
    return Receipt(str(message["Message-ID"]).strip("<>"))


def deliver(mailbox: Mailbox, to: str, message: EmailMessage) -> Receipt:
    """Send one message to one recipient."""
    try:
        server = log_in(mailbox)
    except (smtplib.SMTPException, ssl.SSLError, OSError, UnicodeError, ValueError, Refused) as error:
        # what answers there may be no mail server at all: its words go to the log, not to a page
        permanent = isinstance(error, smtplib.SMTPResponseException) and _permanent(error.smtp_code)
        raise TransportError(in_words(error), permanent=permanent) from None
    try:
        try:
            receipt = _sent(server, mailbox, to, message)
        finally:
            _quit(server)
        return receipt
    except smtplib.SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        raise TransportError(_words(code, reply), permanent=_permanent(code)) from None
    except smtplib.SMTPResponseException as error:
        raise TransportError(_words(error.smtp_code, error.smtp_error), permanent=_permanent(error.smtp_code)) from None
    except (smtplib.SMTPException, ssl.SSLError, OSError, UnicodeError, ValueError) as error:
        raise TransportError(f"{type(error).__name__}: {error}"[:300]) from None


def _quit(server: smtplib.SMTP) -> None:
    """Say goodbye; a server that already hung up after taking the message changes nothing."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
