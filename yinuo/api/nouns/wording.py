"""/wording: what is not said to customers and what is said instead; who lets words pass nevertheless."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Schema

from yinuo.api.operations import Limit, Noun
from yinuo.api.paging import Paged, read_cursor, write_cursor
from yinuo.api.verbs import verb
from yinuo.wording import commands
from yinuo.wording.models import WordingPass, WordingRule
from yinuo.wording.queries import found_in

router = Noun("/wording", "wording")
READS = "conversation.reply"


class RuleOut(Schema):
    id: int
    code: str
    phrases: list[str]
    instead: list[str]
    why: str
    category: str
    level: str
    kinds: list[str]
    channels: list[str]
    active: bool
    version: int


class RulePage(Paged):
    items: list[RuleOut]


class FindingOut(Schema):
    """`start` and `end` count characters of the text."""

    start: int
    end: int
    words: str
    category: str
    level: str
    why: str
    instead: list[str]


class Findings(Schema):
    items: list[FindingOut]


class PassOut(Schema):
    id: int
    staff_id: int
    reason: str


def shown(row: WordingRule, _row_id: int = 0) -> dict[str, Any]:
    return {
        "id": row.pk, "code": row.code, "phrases": row.says, "instead": row.better, "why": row.why,
        "category": row.category, "level": row.level, "kinds": row.kinds, "channels": row.channels,
        "active": row.active, "version": row.version,
    }  # fmt: skip


@router.get_("/rules", needs=READS, returns=RulePage, summary="List wording rules, newest first")
def rules(
    request: HttpRequest, cursor: str = "", limit: Limit = 25, category: str = "",
    level: Literal["", "hint", "warn", "block"] = "",
) -> dict[str, Any]:  # fmt: skip
    given = {"category": category, "level": level}
    rows = WordingRule.objects.filter(**{k: v for k, v in given.items() if v}).order_by("-pk")
    if after := read_cursor(cursor, int):
        rows = rows.filter(pk__lt=after[0])
    found = list(rows[: limit + 1])
    more = write_cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [shown(row) for row in found[:limit]], "next": more}


@router.get_("/check", needs=READS, returns=Findings, summary="What the rules say of a text")
def check(request: HttpRequest, text: str, kind: str = "", channel: str = "") -> dict[str, Any]:
    return {
        "items": [
            {
                "start": one.start, "end": one.end, "words": one.words, "category": one.rule.category,
                "level": one.rule.level, "why": one.rule.why, "instead": list(one.rule.instead),
            }
            for one in found_in(text[:20_000], kind=kind, channel=channel)
        ]
    }  # fmt: skip


def _agreed(row: WordingPass, _row_id: int = 0) -> dict[str, Any]:
    return {"id": row.pk, "staff_id": row.staff_id, "reason": row.reason}


_RULE: dict[str, Any] = {"show": shown, "returns": RuleOut}
verb(router, "/rules", commands.add_rule, status=201, summary="Add a rule of the company's own", **_RULE)
verb(router, "/rules/{int:row_id}/change", commands.change_rule, own="rule_id", summary="Change a rule", **_RULE)
verb(
    router, "/rules/{int:row_id}/switch", commands.switch_rule, own="rule_id", summary="Switch a rule on or off",
    **_RULE,
)  # fmt: skip
verb(
    router, "/passes", commands.let_pass, status=201, show=_agreed, returns=PassOut,
    summary="Agree that these very words may be sent although a rule keeps them back",
)  # fmt: skip
