"""What the outside world does all the while: forms, API calls, letters, answers, promises. Each thing has a mark of its own.

Whoever got no answer tries again with the same key, ticket or Message-ID, as browsers, programs and mail servers do.
"""

import hashlib
import re
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from tests.faults.ledger import Ledger
from tests.faults.stage import ADDRESS, Stage

NUMBER = re.compile(r"TS\d{6}-\d{6,}")
FIELD = re.compile(r'name="(csrfmiddlewaretoken|ticket)" value="([^"]+)"')
#: From making a promise until it breaks.
SHORT = timedelta(seconds=20)
#: No certificates are read for each call: this is loopback.
PLAIN: dict[str, Any] = {"timeout": 15, "verify": False, "trust_env": False}
#: Refusals that another try may find gone: what was asked too often, too early, twice at the same moment.
MAY_PASS = {401, 403, 408, 409, 425, 429}


class GaveUp(Exception):
    """Whoever wanted something went away without an answer."""


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
            try:
                one()
            except Exception:  # the load goes on, and the report says that it had a fault of its own
                self.ledger.trouble(traceback.format_exc(limit=-3))

    def _try(self, kind: str, mark: str, act: Callable[[], dict[str, Any] | None]) -> None:
        """Until it is acknowledged or refused for good. Gives up two minutes after everything should be well again."""
        self.ledger.send(kind, mark)
        last = None
        while last is None or time.monotonic() < last:
            try:
                got = act()
            except httpx.HTTPStatusError as refused:
                code = refused.response.status_code
                self.ledger.answered(kind, str(code))
                if 400 <= code < 500 and code not in MAY_PASS:
                    return
                got = None
            except GaveUp:
                return
            except (httpx.HTTPError, OSError) as wrong:
                self.ledger.answered(kind, type(wrong).__name__)
                got = None
            if got is not None:
                self.ledger.acknowledge(kind, mark, **got)
                return
            if self.over.is_set() and last is None:
                last = time.monotonic() + 120
            time.sleep(0.4)

    def _api(self, path: str, body: dict[str, Any], mark: str, good: int, **headers: str) -> dict[str, Any]:
        sent = {"Authorization": f"Bearer {self.stage.key}", "Idempotency-Key": mark, **headers}
        answer = httpx.post(f"{self.stage.web}/api/v1{path}", json=body, headers=sent, **PLAIN)
        if answer.status_code != good:
            raise httpx.HTTPStatusError("", request=answer.request, response=answer)
        got: dict[str, Any] = answer.json()
        return got

    def form(self) -> None:
        mark = _mark("F")
        values = {"content": f"漏油 {mark}", "name": "门户客户", "phone": _phone()}
        address, refused = f"{self.stage.web}/p/new/complaint/", list[str]()
        cookies = httpx.Cookies()

        def send() -> dict[str, Any] | None:
            away = {"X-Forwarded-For": f"198.{secrets.randbelow(250)}.{secrets.randbelow(250)}.7"}  # phones wander
            with httpx.Client(headers=away, cookies=cookies, follow_redirects=True, **PLAIN) as browser:
                if "ticket" not in values:  # the page is open from then on, however often it is sent
                    page = browser.get(address)
                    page.raise_for_status()
                    fresh = dict(FIELD.findall(page.text))
                    cookies.update(browser.cookies)
                    values.update(fresh, proof=_solved(fresh["ticket"]))
                answer = browser.post(address, data=values)
            answer.raise_for_status()
            found = NUMBER.search(answer.text)
            if not found:
                refused.append(answer.text)
                self.ledger.answered("form", "no number")
                if len(refused) == 20:  # the form was open too long, by a clock that jumped
                    raise GaveUp
            return {"number": found[0]} if found else None

        self._try("form", mark, send)

    def accepted(self) -> None:
        mark = _mark("A")
        body = {"content": f"少货 {mark}", "name": "接口客户", "phone": _phone()}
        wish = {"Prefer": "respond-async"}
        self._try("accepted", mark, lambda: _part(self._api("/complaints", body, mark, 202, **wish), "number"))

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
                newest = f"{self.stage.web}/api/v1/conversations?channel=email&limit=10"
                found = httpx.get(newest, headers=key, **PLAIN)
                found.raise_for_status()
                if not (items := found.json()["items"]):
                    return {"skipped": True} if self.over.is_set() else None
                threads.append(secrets.choice(items)["id"])
            return _part(self._api(f"/conversations/{threads[0]}/replies", {"text": f"已收到 {mark}"}, mark, 201), "id")

        self._try("answer", mark, send)

    def promise(self) -> None:
        """A personal one that nobody keeps: it warns and breaks, each once."""
        mark = _mark("P")
        known: dict[str, Any] = {}

        def make() -> dict[str, Any] | None:
            if "customer_id" not in known:
                made = self._api("/customers", {"kind": "person", "name": f"客户 {mark}"}, f"{mark}-c", 201)
                known["customer_id"] = made["id"]
            known.setdefault("due_at", (self.stage.now() + SHORT).isoformat())
            return _part(self._api("/promises", {"title": f"回电 {mark}", **known}, mark, 201), "id")

        self._try("promise", mark, make)


def _part(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: answer.get(name)}


def _solved(ticket: str) -> str:
    """The puzzle of the form, as the visitor's browser solves it."""
    tries = (str(n) for n in count())
    return next(n for n in tries if hashlib.sha256(f"{ticket}:{n}".encode()).digest()[:2] == b"\0\0")


def _mark(letter: str) -> str:
    return letter + secrets.token_hex(6)


def _phone() -> str:
    return f"13{secrets.randbelow(10**9):09d}"
