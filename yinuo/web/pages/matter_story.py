"""A matter's timeline as the pages show it: interactions, decisions, tasks in one stream."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yinuo.kernel.actor import current_actor
from yinuo.matters.queries import timeline
from yinuo.web.cursor import pack, unpack
from yinuo.web.reads.timeline import delivery_badge, held_row

#: Entries on a page of a story, and the most that are shown at once while it stays open.
SIZE, MOST = 100, 300
ICONS = {
    "received": "message-report",
    "replied": "send",
    "note": "note",
    "stage": "arrow-right",
    "assigned": "user-check",
    "collaborator": "user-plus",
    "task_created": "checklist",
    "task_done": "check",
    "task_canceled": "x",
    "finding": "search",
    "proposal": "scale",
    "agreement_offered": "signature",
    "restated": "message-circle",
    "restatement_answered": "message-circle",
    "callback": "phone-call",
    "escalated": "arrow-up-right",
    "reception": "calendar-event",
    "corrective": "tool",
    "edited": "edit",
    "reassessed": "scale",
    "merged_in": "git-merge",
    "external_reference": "external-link",
    "promise_made": "heart-handshake",
    "promise": "heart-handshake",
    "review_requested": "eye",
    "review_decided": "eye",
    "reward": "award",
    "interaction": "message",
    "promise_broken": "alert-triangle",
    "promise_warned": "hourglass",
    "promise_paused": "player-pause",
    "promise_renewed": "refresh",
    "promise_kept": "check",
}
#: For kinds without an icon of their own, by their first word.
PLAIN = {"promise": "heart-handshake", "task": "checklist", "review": "eye", "merged": "git-merge"}
#: Lines that stand for a paper: which key of their data names it.
PAPERS = {"finding": "finding", "restated": "restatement", "callback": "callback"}
BROKEN = ("promise_broken", "promise_escalated", "broken", "escalated")
CHANNEL_ICONS = {
    "email": "mail",
    "phone": "phone",
    "visit": "walk",
    "letter": "mail-opened",
    "portal": "world",
    "note": "note",
    "api": "webhook",
}


@dataclass(frozen=True)
class Part:
    """Some of a story's entries, where they end, and whether there are older ones."""

    entries: list[Any]
    mark: str
    more: bool


def asked(request: HttpRequest) -> int:
    """So many entries the page may need; an open page that has older ones beneath names where they begin."""
    return MOST if unpack(request.GET.get("from", "")) else SIZE + 1


def part(request: HttpRequest, entries: list[Any]) -> Part:
    """The newest entries: the first page of them, or those down to where the older ones on the page begin."""
    begin = unpack(request.GET.get("from", ""))
    shown = [e for e in entries if (e.at, e.pk) >= begin] if begin and isinstance(begin[0], datetime) else []
    shown = shown or entries[:SIZE]
    return Part(shown, pack(shown[-1].at, shown[-1].pk) if shown else "", len(entries) > len(shown))


def older(request: HttpRequest, matter_id: int) -> Part:
    """The entries before the one the address names. One statement."""
    mark = unpack(request.GET.get("before", ""))
    before = mark if mark and isinstance(mark[0], datetime) else None
    found = timeline(matter_id, limit=SIZE + 1, before=before)
    shown = found[:SIZE]
    return Part(shown, pack(shown[-1].at, shown[-1].pk) if shown else "", len(found) > SIZE)


def story(entries: list[Any], details: dict[tuple[str, Any], str], held: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """Rows for `ui.timeline`, newest first; before them what waits to go out."""
    return [*map(held_row, held), *(_row(entry, details) for entry in entries)]


def _row(entry: Any, details: dict[tuple[str, Any], str]) -> dict[str, Any]:
    said = entry.interaction
    row: dict[str, Any] = {
        "id": entry.pk,
        "at": entry.at,
        "kind": entry.kind,
        "actor_name": _("系统") if entry.actor_kind == "system" else entry.actor_name,
        "title": "",
        "text": entry.text,
        "badge": "",
        "tone": "plain",
        "ico": ICONS.get(entry.kind, PLAIN.get(entry.kind.partition("_")[0], "circle-dot")),
        "direction": "",
        "attachments": None,
        "public": entry.public,
        "said": "system" if entry.actor_kind == "system" else "customer" if entry.actor_kind == "customer" else "ours",
    }
    if said is not None:
        return _with_words(row, entry, said)
    more = details.get((entry.kind, entry.data.get(PAPERS.get(entry.kind, ""))), "")
    if more:
        row["title"], row["text"] = entry.text, more
    if entry.kind in BROKEN:
        row["badge"], row["tone"] = _("注意"), "late"
    elif entry.public:
        row["badge"] = _("客户可见")
    return row


def _with_words(row: dict[str, Any], entry: Any, said: Any) -> dict[str, Any]:
    row["title"], row["text"], row["direction"] = entry.text, said.text, said.direction
    row["said"] = "customer" if said.direction == "in" else "ours"
    row["attachments"] = said.files or None
    if said.direction != "internal":
        row["actor_name"] = said.author_name or entry.actor_name
    if said.direction == "internal":
        row["badge"] = _("内部")
        return row
    row["ico"] = CHANNEL_ICONS.get(said.channel, "message")
    if said.channel == "email" and current_actor().may("conversation.read"):
        row["mail"] = said.pk if said.direction == "in" else 0
        row["unsent"] = said.pk if said.delivery == "failed" else 0
    if said.delivery:
        row["badge"], row["tone"] = delivery_badge(said)
    elif said.unauthenticated:
        row["badge"], row["tone"] = _("发件人未通过验证"), "late"
    elif said.unverified_sender:
        row["badge"], row["tone"] = _("发件人未核实"), "soon"
    else:
        row["badge"] = said.get_channel_display()
    return row
