"""What the outside world does all the while: forms, API calls, letters, answers, promises. Each thing has a mark of its own.

Whoever got no answer tries again with the same key, ticket or Message-ID, as browsers, programs and mail servers do.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.faults.ledger import Ledger
from tests.faults.stage import ADDRESS, Stage

NUMBER = re.compile(r"TS\d{6}-\d{6,}")
FIELD = re.compile(r'name="(csrfmiddlewaretoken|ticket)" value="([^"]+)"')
#: From making a promise until it breaks.
SHORT = timedelta(seconds=20)


class Load:
    """`pace`: seconds between two things of one kind."""

    def __init__(self, stage: Stage, ledger: Ledger, pace: float = 0.6) -> None:
        self.stage, self.ledger, self.pace = stage, ledger, pace
        self.over = threading.Event()
        self.threads = [
            threading.Thread(target=self._again, args=(one,), daemon=True)
            for one in (self.form, self.accepted, self.whole, self.letter, self.answer, self.promise)
        ]

    def begin(self) -> None:
        for one in self.threads:
            one.start()

    def end(self) -> None:
        """No new things; what was begun is tried until it is acknowledged or two minutes have passed."""
        self.over.set()
        for one in self.threads:
            one.join(150)

    def _again(self, one: Callable[[], None]) -> None:
        while not self.over.wait(self.pace):
            one()

    def _try(self, kind: str, mark: str, act: Callable[[], dict[str, Any] | None]) -> None:
        """Until it is acknowledged. Gives up two minutes after everything should be well again."""
        self.ledger.send(kind, mark)
        last = None
        while last is None or time.monotonic() < last:
            try:
                got = act()
            except (httpx.HTTPError, OSError):
                got = None
            if got is not None:
                self.ledger.acknowledge(kind, mark, **got)
                return
            if self.over.is_set() and last is None:
                last = time.monotonic() + 120
            time.sleep(0.4)

    def _api(self, path: str, body: dict[str, Any], mark: str, good: int, **headers: str) -> dict[str, Any] | None:
        sent = {"Authorization": f"Bearer {self.stage.key}", "Idempotency-Key": mark, **headers}
        answer = httpx.post(f"http://127.0.0.1:{self.stage.port}/api/v1{path}", json=body, headers=sent, timeout=15)
        return answer.json() if answer.status_code == good else None

    def form(self) -> None:
        mark = _mark("F")
        base, away = (
            f"http://127.0.0.1:{self.stage.port}",
            {"X-Forwarded-For": f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}"},
        )
        values: dict[str, str] = {}

        def send() -> dict[str, Any] | None:
            with httpx.Client(headers=away, timeout=15, follow_redirects=True) as browser:
                page = browser.get(f"{base}/p/new/complaint/")
                fresh = dict(FIELD.findall(page.text))
                if page.status_code != 200 or not fresh:
                    return None
                values.setdefault("ticket", fresh["ticket"])  # the same form, however often it is sent
                time.sleep(3.2)  # nobody fills it faster, and without a script the form wants patience
                given = {"content": f"漏油 {mark}", "name": "门户客户", "phone": _phone(), "ticket": values["ticket"]}
                answer = browser.post(
                    f"{base}/p/new/complaint/", data={**given, "csrfmiddlewaretoken": fresh["csrfmiddlewaretoken"]}
                )
            found = NUMBER.search(answer.text)
            return {"number": found[0]} if answer.status_code == 200 and found else None

        self._try("form", mark, send)

    def accepted(self) -> None:
        mark = _mark("A")
        body = {"content": f"少货 {mark}", "name": "接口客户", "phone": _phone()}
        self._try(
            "accepted", mark, lambda: _part(self._api("/complaints", body, mark, 202, Prefer="respond-async"), "number")
        )

    def whole(self) -> None:
        mark = _mark("W")
        body = {"content": f"破损 {mark}", "name": "接口客户", "phone": _phone()}
        self._try("whole", mark, lambda: _part(self._api("/complaints", body, mark, 201), "number"))

    def letter(self) -> None:
        """Kept once the mail server has it."""
        mark = _mark("L")
        raw = (
            f"From: 客户 <{mark.lower()}@customer.test>\r\nTo: {ADDRESS}\r\nSubject: {mark}\r\nMessage-ID: <{mark}@customer.test>\r\n"
            f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S +0000}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n发货晚了 {mark}\r\n"
        )
        self.ledger.send("letter", mark)
        self.stage.dovecot.deliver(ADDRESS, raw.encode())
        self.ledger.acknowledge("letter", mark)

    def answer(self) -> None:
        """Into one of the newest threads by mail."""
        mark = _mark("R")
        threads: list[int] = []

        def send() -> dict[str, Any] | None:
            if not threads:
                key = {"Authorization": f"Bearer {self.stage.key}"}
                found = httpx.get(
                    f"http://127.0.0.1:{self.stage.port}/api/v1/conversations?channel=email&limit=10",
                    headers=key,
                    timeout=15,
                )
                if found.status_code != 200 or not found.json()["items"]:
                    return None if not self.over.is_set() else {"skipped": True}
                threads.append(secrets.choice(found.json()["items"])["id"])
            return _part(self._api(f"/conversations/{threads[0]}/replies", {"text": f"已收到 {mark}"}, mark, 201), "id")

        self._try("answer", mark, send)

    def promise(self) -> None:
        """A personal one that nobody keeps: it warns and breaks, each once."""
        mark = _mark("P")
        customers: list[int] = []

        def make() -> dict[str, Any] | None:
            if not customers:
                made = self._api("/customers", {"kind": "person", "name": f"客户 {mark}"}, f"{mark}-c", 201)
                if made is None:
                    return None
                customers.append(made["id"])
            due = (datetime.now(UTC) + SHORT).isoformat()
            made = self._api(
                "/promises", {"title": f"回电 {mark}", "due_at": due, "customer_id": customers[0]}, mark, 201
            )
            return _part(made, "id")

        self._try("promise", mark, make)


def _part(answer: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    return None if answer is None else {name: answer.get(name)}


def _mark(letter: str) -> str:
    return letter + secrets.token_hex(6)


def _phone() -> str:
    return f"13{secrets.randbelow(10**9):09d}"
