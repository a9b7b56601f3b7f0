"""An open page that hears what happens to promises, comes back by its cursor and counts what it was told."""

import json
import re
import threading
from collections import Counter

import httpx

from tests.faults.ledger import Ledger
from tests.faults.stage import Stage

TOPIC = "promises"
FIELD = re.compile(r'name="(csrfmiddlewaretoken)" value="([^"]+)"')
#: Seconds of silence after which a page takes its stream for dead.
SILENCE = 45.0


class Page:
    """`heard`: how often each kind of news came. `resets`: how often it was told to look anew instead."""

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self.stage, self.ledger = stage, ledger
        self.heard, self.resets, self.streams = Counter[str](), 0, 0
        self.cursor = ""
        self.over, self.begun = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def begin(self) -> None:
        """Returns when the first stream is open, so that nothing of what follows can pass by."""
        self.thread.start()
        assert self.begun.wait(60), self.ledger.tries()

    def end(self) -> None:
        self.over.set()
        self.thread.join(60)

    def _listen(self) -> None:
        patience = httpx.Timeout(15, read=SILENCE)
        with httpx.Client(timeout=patience, follow_redirects=True, verify=False, trust_env=False) as browser:
            while not self.over.wait(1 if self.streams else 0):
                try:
                    self._stream(browser)
                except (httpx.HTTPError, OSError, ValueError, KeyError) as wrong:
                    self.ledger.answered("page", type(wrong).__name__)

    def _stream(self, browser: httpx.Client) -> None:
        answer = browser.get(f"{self.stage.web}/live-ticket/", params={"topics": TOPIC}, follow_redirects=False)
        if answer.status_code in (302, 401, 403):
            self._sign_in(browser)
            return
        answer.raise_for_status()
        headers = {"Last-Event-ID": self.cursor} if self.cursor else {}
        ticket = {"ticket": answer.json()["ticket"]}
        with browser.stream("GET", f"{self.stage.live}/events", params=ticket, headers=headers) as stream:
            stream.raise_for_status()
            self.streams += 1
            name, data = "", ""
            for line in stream.iter_lines():
                if line.startswith("id: "):
                    name = line[4:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and name:
                    self._take(name, json.loads(data))
                    name, data = "", ""
                    if self.over.is_set():
                        return

    def _take(self, cursor: str, said: dict[str, object]) -> None:
        """One message is taken whole with its cursor or not at all."""
        self.cursor = cursor
        self.resets += bool(said.get("reset"))
        events = said.get("events") or []
        self.heard.update(one["name"] for one in events if one["topic"] == TOPIC)  # type: ignore[attr-defined]
        self.begun.set()

    def _sign_in(self, browser: httpx.Client) -> None:
        form = browser.get(f"{self.stage.web}/login/")
        given = {"username": "boss", "password": self.stage.password, **dict(FIELD.findall(form.text))}
        browser.post(f"{self.stage.web}/login/", data=given).raise_for_status()
