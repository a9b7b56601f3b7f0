"""Whether all that was acknowledged is there, once. Plain SQL against what the outside world wrote down."""

from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import psycopg

from tests.faults import books, seals
from tests.faults.ledger import Ledger
from tests.faults.listening import TOPIC, Page
from tests.faults.stage import Stage


@dataclass
class Verdict:
    lost: dict[str, list[str]] = field(default_factory=dict)
    doubled: dict[str, list[str]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    checked: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> dict[str, dict[str, list[str]]]:
        found = {"lost": self.lost, "doubled": self.doubled, "wrong": self.wrong}
        return {how: rows for how, rows in found.items() if rows}

    @property
    def good(self) -> bool:
        return not self.faults

    def take(self, kind: str, kept: dict[str, Any], sent: set[str], there: Counter[str]) -> None:
        """`there`: how often each mark is found. What was only sent may be there once or not at all."""
        self.checked[kind] += len(kept)
        if lost := sorted(mark for mark in kept if there[mark] == 0):
            self.lost[kind] = lost
        if doubled := sorted(mark for mark in sent if there[mark] > 1):
            self.doubled[kind] = doubled


CASES = (
    "SELECT split_part(c.content, ' ', 2) AS mark, m.number FROM complaints_complaint c JOIN matters_matter m ON m.id = c.matter_id "
    "WHERE c.content ~ ' [FAW][0-9a-f]{12}'"
)


def reckon(stage: Stage, ledger: Ledger, page: Page) -> Verdict:
    verdict = Verdict()
    with stage.connect() as connection:
        cases = connection.execute(CASES).fetchall()
        numbers = {str(mark): str(number) for mark, number in cases}
        for kind in ("form", "accepted", "whole"):
            verdict.take(kind, ledger.kept[kind], ledger.sent[kind], Counter(str(mark) for mark, _number in cases))
            other = [
                mark for mark, what in ledger.kept[kind].items() if mark in numbers and numbers[mark] != what["number"]
            ]
            if other:
                verdict.lost[f"{kind} under its number"] = other
        letters = _marks(
            connection,
            "SELECT subject FROM email_rawmessage WHERE subject ~ '^L[0-9a-f]{12}$'",
        )
        verdict.take("letter", ledger.kept["letter"], ledger.sent["letter"], letters)
        filed = _marks(
            connection,
            "SELECT subject FROM conversations_interaction WHERE direction = 'in' AND subject ~ '^L[0-9a-f]{12}$'",
        )
        verdict.take("letter in its thread", ledger.kept["letter"], ledger.sent["letter"], filed)
        answers = {mark: what for mark, what in ledger.kept["answer"].items() if not what.get("skipped")}
        said = _marks(
            connection,
            "SELECT substring(text from 'R[0-9a-f]{12}') FROM conversations_interaction WHERE direction = 'out' AND text ~ 'R[0-9a-f]{12}'",
        )
        verdict.take("answer", answers, ledger.sent["answer"], said)
        gone = _marks(
            connection,
            "SELECT substring(i.text from 'R[0-9a-f]{12}') FROM email_outboundmessage o JOIN conversations_interaction i "
            "ON i.id = o.interaction_id WHERE o.state = 'sent' AND i.delivery = 'sent' AND i.text ~ 'R[0-9a-f]{12}'",
        )
        verdict.take("answer shown as sent", answers, ledger.sent["answer"], gone)
        _sent(connection, stage, answers, verdict)
        for event in ("warned", "broken"):
            told = _marks(
                connection,
                "SELECT substring(p.title from 'P[0-9a-f]{12}') FROM promises_promise p JOIN promises_promiseevent e ON e.promise_id = p.id "
                "WHERE p.title ~ 'P[0-9a-f]{12}' AND e.kind = %s",
                event,
            )
            verdict.take(f"promise {event}", ledger.kept["promise"], ledger.sent["promise"], told)
        _told(connection, page, verdict)
        verdict.wrong |= books.wrong(connection)
        if chain := seals.broken(connection):
            verdict.wrong["audit chain"] = chain
        verdict.checked.update(books.counted(connection))
    return verdict


def _sent(connection: psycopg.Connection[Any], stage: Stage, answers: dict[str, Any], verdict: Verdict) -> None:
    """At least once at the customer's server, and whatever arrived there once in the timeline."""
    letters = [message_from_bytes(raw, policy=policy.default) for _sender, _to, raw in list(stage.inbox.messages)]
    arrived = Counter(str(letter["Message-ID"]).strip("<> ") for letter in letters)
    words = " ".join(_text(letter) for letter in letters)
    if missing := sorted(mark for mark in answers if mark not in words):
        verdict.lost["answer at the customer's"] = missing
    shown = Counter(
        str(row[0]).strip("<> ")
        for row in connection.execute(
            "SELECT o.message_id FROM email_outboundmessage o JOIN conversations_interaction i ON i.id = o.interaction_id "
            "WHERE o.state = 'sent' AND i.direction = 'out'"
        )
    )
    verdict.checked["mail at the customer's"] = len(arrived)
    verdict.checked["mail at the customer's more than once"] = sum(times > 1 for times in arrived.values())
    if never := sorted(one for one in shown if one not in arrived):
        verdict.lost["shown as sent, never arrived"] = never
    if odd := sorted(one for one in arrived if shown[one] != 1):
        verdict.wrong["arrived and not shown once"] = odd


def _told(connection: psycopg.Connection[Any], page: Page, verdict: Verdict) -> None:
    """Each piece of news once on a page that stayed open, unless it was told to look anew (after a day away)."""
    news = "SELECT e->>0, count(*) FROM kernel_notice, jsonb_array_elements(events) e WHERE e->>1 = %s GROUP BY 1"
    there, heard = Counter(dict(connection.execute(news, [TOPIC]).fetchall())), Counter(page.heard)
    verdict.checked["news on an open page"] = heard.total()
    if not page.resets and there != heard:
        verdict.wrong["news on an open page"] = [f"{name}: {heard[name]} of {there[name]}" for name in there | heard]


def _marks(connection: psycopg.Connection[Any], query: str, *values: str) -> Counter[str]:
    return Counter(str(row[0]) for row in connection.execute(query, values))


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""
