"""Real servers on loopback for tests: a private Dovecot and an SMTP server in this process."""

from __future__ import annotations

import contextlib
import datetime
import getpass
import mailbox as mailboxes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "correct horse"
MISSING = "Dovecot is not installed: apt-get install dovecot-imapd"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, which no machine trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret


class Dovecot:
    """One private server; mail is delivered by putting a file into the maildir, as a delivery agent does."""

    def __init__(self) -> None:
        program = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)
        assert program, MISSING
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="yn-dc-", dir="/tmp"))
        self.port, self.tls_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._write_config()

    def _write_config(self) -> None:
        root = os.geteuid() == 0
        user = "nobody" if root else getpass.getuser()
        cert, key = certificate(self.folder)
        (self.folder / "mail").mkdir()
        self.folder.chmod(0o755)
        if root:
            shutil.chown(self.folder / "mail", user)
        internal = "" if root else f"default_internal_user = {user}\ndefault_login_user = {user}\n"
        no_chroot = "" if root else "chroot =\n"
        (self.folder / "dovecot.conf").write_text(
            f"""
protocols = imap
listen = 127.0.0.1
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
mail_location = maildir:{self.folder}/mail/%u
mail_uid = {user}
first_valid_uid = 1
{internal}
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={PASSWORD.replace(" ", "_")}
}}
userdb {{
  driver = static
  args = uid={user} gid={_group(user)} home={self.folder}/mail/%u
}}
service imap-login {{
  {no_chroot}
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {no_chroot}
}}
""",
            encoding="utf-8",
        )

    @property
    def password(self) -> str:
        return PASSWORD.replace(" ", "_")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.folder / "dovecot.conf")], start_new_session=True
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as one:
                if one.recv(4).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        log = (self.folder / "log").read_text() if (self.folder / "log").exists() else ""
        raise AssertionError(f"Dovecot did not start: {log[-800:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server; with SIGKILL its children go too, as when a machine loses power."""
        if self.process is None:
            return
        if how == signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(how)
        self.process.wait(20)
        self.process = None
        shutil.rmtree(self.folder / "run", ignore_errors=True)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, user: str, raw: bytes, *, days_ago: float = 0) -> None:
        """Put one message into the user's inbox, taken in so long ago by the server's clock (negative: in the future)."""
        path = self.folder / "mail" / user
        mailboxes.Maildir(path, create=True)
        parts = [path, *(path / name for name in ("tmp", "new", "cur"))]
        file = path / "tmp" / f"{time.time_ns()}.{secrets.token_hex(8)}.test"
        file.write_bytes(raw)
        moment = time.time() - days_ago * 86400
        os.utime(file, (moment, moment))
        if os.geteuid() == 0:
            for part in (*parts, file):
                shutil.chown(part, "nobody")
        file.rename(path / "new" / file.name)  # whole or not at all: the server may look at any moment

    def renumber(self, user: str) -> None:
        """Forget every number given out, as a server does after a restore: UIDVALIDITY, made of the seconds, changes."""
        time.sleep(1.1)
        for name in (
            "dovecot-uidlist",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
            "dovecot-uidvalidity",
        ):
            (self.folder / "mail" / user / name).unlink(missing_ok=True)
        for path in (self.folder / "mail" / user).glob("dovecot-uidvalidity*"):
            path.unlink()


def _group(user: str) -> str:
    import grp
    import pwd

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


class Inbox:
    """What the SMTP server took over, and how it is told to behave."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[str], bytes]] = []
        self.refuse_rcpt: str | None = None
        self.refuse_data: str | None = None
        self.on_data: object = None

    async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]
        if self.refuse_rcpt:
            return self.refuse_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # type: ignore[no-untyped-def]
        if self.refuse_data:
            return self.refuse_data
        self.messages.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if callable(self.on_data):
            self.on_data()
        return "250 2.0.0 taken"


@contextlib.contextmanager
def smtp_server(*, password: str = "") -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server on loopback; with a password it demands one."""
    inbox, port = Inbox(), free_port()

    def check(server, session, envelope, mechanism, data):  # type: ignore[no-untyped-def]
        good = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=good, handled=False)

    options = {"authenticator": check, "auth_required": True, "auth_require_tls": False} if password else {}
    controller = Controller(inbox, hostname="127.0.0.1", port=port, data_size_limit=1 << 28, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it rightly says that a password without TLS belongs on loopback only
        controller.start()
        try:
            yield inbox, port
        finally:
            controller.stop()
