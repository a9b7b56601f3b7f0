"""bin/audit: a known hole fails, none passes, and what could not be asked is said and never taken for none."""

import importlib.util
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "bin" / "audit.py"
HOLE = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["5.2.99"]}
SOUND, HOLED = ({"name": "django", "version": "5.2", "vulns": vulns} for vulns in ([], [HOLE]))
UNKNOWN = {"name": "pillow", "skip_reason": "Dependency not found on PyPI"}
LOCK = "django==5.2.1 --hash=sha256:" + "0" * 64 + "\npillow==13.0.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_of_bin", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ([[SOUND]], 0, "1 个软件包都没有已知漏洞"),
        ([[HOLED]], 1, "django 5.2：PYSEC-2026-1（修好的版本：5.2.99）"),
        ([[SOUND, UNKNOWN], [SOUND, SOUND]], 0, "漏洞库 pypi 没有查成：1 个软件包查不到：pillow"),
        ([[UNKNOWN], [UNKNOWN]], 4, "没有核对已知漏洞"),
        ([[HOLED, UNKNOWN]], 1, "有已知漏洞"),
        ([[], []], 4, "没有核对已知漏洞"),
    ],
)
def test_what_was_asked_and_what_was_not(audit, monkeypatch, capsys, answers, code, said) -> None:
    left = iter(answers)
    monkeypatch.setattr(audit, "ask", lambda lock, *service: audit.read({"dependencies": next(left)}))
    assert audit.main() == code
    assert said in capsys.readouterr().out
    assert next(left, None) is None


def test_who_must_know_fails_when_nobody_could_be_asked(audit, monkeypatch) -> None:
    monkeypatch.setattr(audit, "ask", lambda lock, *service: audit.Told(failed="no network"))
    assert audit.main() == 4
    monkeypatch.setenv("YINUO_AUDIT", "required")
    assert audit.main() == 1


def test_an_accepted_one_has_a_reason_and_is_let_pass(audit, monkeypatch) -> None:
    assert all(len(why) > 20 for why in audit.ACCEPTED.values())
    monkeypatch.setitem(audit.ACCEPTED, "CVE-2026-1", "we never call that function of theirs")
    assert audit.read({"dependencies": [HOLED]}).holes == {}


class Database(BaseHTTPRequestHandler):
    """As much of OSV as pip-audit asks for: one hole in Django, none elsewhere."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.2.2"}]}
        package = {"name": "django", "ecosystem": "PyPI"}
        hole = {"id": "PYSEC-2025-1", "details": "x", "affected": [{"package": package, "ranges": [fixed]}]}
        body = json.dumps({"vulns": [hole]} if asked["package"]["name"] == "django" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said) -> None:
        pass


def test_the_real_tool_is_understood(audit, tmp_path, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        told = audit.ask(lock, "osv", f"--osv-url=http://127.0.0.1:{server.server_port}/v1/query")
    finally:
        server.shutdown()
        server.server_close()
    assert (told.known, told.unknown, told.failed) == (2, [], "")
    assert list(told.holes) == ["django 5.2.1"]
    closed = audit.ask(lock, "osv", f"--osv-url=http://127.0.0.1:{server.server_port}/v1/query")
    assert closed.failed and not closed.complete
