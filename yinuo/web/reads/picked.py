"""Rows somebody picked in a list, by key: p7 a promise, t7 a task, m7 a matter; with the version they were shown in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yinuo.kernel import clock
from yinuo.matters.models import Matter, Task
from yinuo.promises.models import Promise
from yinuo.promises.queries.handing import goes_along
from yinuo.promises.rules.handing import Goes
from yinuo.promises.rules.snoozing import latest

MOST = 100
_KEY = re.compile(r"([ptm])(\d{1,17})(?::(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class Picked:
    """`version` is what the person saw; `latest`, until when it may be put aside (`beyond`: no more); `goes`, what
    goes along with it.
    """

    kind: str
    pk: int
    version: int
    title: str = ""
    number: str = ""
    owner_id: int | None = None
    owner: str = ""
    matter_id: int | None = None
    complaint: bool = False
    task_id: int | None = None
    latest: datetime | None = None
    beyond: bool = False
    goes: Goes = Goes.ALONE
    thread_id: int | None = None
    free_thread: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}{self.pk}"

    @property
    def seen(self) -> str:
        """The key with the version, for a form."""
        return f"{self.key}:{self.version}"


def parsed(keys: Iterable[str]) -> dict[str, int | None]:
    """The keys that are keys, each once, with the version if one was named. What is beyond `MOST` is left out."""
    found: dict[str, int | None] = {}
    for text in keys:
        match = _KEY.fullmatch(text)
        if match and len(found) < MOST:
            found[match[1] + str(int(match[2]))] = int(match[3]) if match[3] else None
    return found


def picked(keys: Iterable[str]) -> list[Picked]:
    """In the order they came; what is gone or was never to be seen has no title. At most three statements."""
    asked = parsed(keys)
    ids = {kind: [int(key[1:]) for key in asked if key[0] == kind] for kind in "ptm"}
    rows = {row.key: row for row in [*_promises(ids["p"]), *_tasks(ids["t"]), *_matters(ids["m"])]}
    return [_as_seen(rows.get(key) or Picked(key[0], int(key[1:]), 1), version) for key, version in asked.items()]


def _as_seen(row: Picked, version: int | None) -> Picked:
    return row if version is None else Picked(**{**_values(row), "version": version})


def _values(row: Picked) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _promises(ids: list[int]) -> list[Picked]:
    if not ids:
        return []
    rows = Promise.objects.filter(pk__in=ids).select_related("matter", "owner", "conversation").defer("matter__search")
    return [
        Picked(
            "p", p.pk, p.version, p.title, p.matter.number if p.matter else "", p.owner_id,
            p.owner.name if p.owner else "", p.matter_id, bool(p.matter and p.matter.kind == "complaint"), p.task_id,
            *_until(p), goes_along(p), p.conversation_id,
            p.conversation is not None and p.conversation.owner_id is None,
        )
        for p in rows
    ]  # fmt: skip


def _until(p: Any) -> tuple[datetime, bool]:
    end = latest(p.points, p.starts_at, p.due_at)
    return end, p.warned or p.state != "open" or end <= clock.now()


def _tasks(ids: list[int]) -> list[Picked]:
    if not ids:
        return []
    rows = Task.objects.filter(pk__in=ids).select_related("matter", "assignee").defer("matter__search")
    return [
        Picked(
            "t", t.pk, t.version, t.title, t.matter.number, t.assignee_id, t.assignee.name if t.assignee else "",
            t.matter_id, t.matter.kind == "complaint", t.pk, goes=Goes.TASK,
        )
        for t in rows
    ]  # fmt: skip


def _matters(ids: list[int]) -> list[Picked]:
    if not ids:
        return []
    rows = Matter.objects.filter(pk__in=ids).select_related("owner").defer("search")
    return [
        Picked(
            "m", m.pk, m.version, m.title, m.number, m.owner_id, m.owner.name if m.owner else "", m.pk,
            m.kind == "complaint", goes=Goes.MATTER,
        )
        for m in rows
    ]  # fmt: skip


def whose(rows: list[Picked]) -> dict[str, list[Any]]:
    """By key, what the way back of a hand-over needs to know before it: what goes along, whose the row is, whether its
    thread is nobody's, and the promises that are with somebody else. Two statements.
    """
    about = {goes: [row for row in rows if row.goes is goes] for goes in Goes}
    wanted = Q(matter_id__in=[r.matter_id for r in about[Goes.MATTER]], task=None, about="")
    wanted |= Q(task_id__in=[r.task_id for r in about[Goes.TASK]])
    wanted |= Q(conversation_id__in=[r.thread_id for r in about[Goes.THREAD]], matter=None)
    names = ("pk", "owner_id", "matter_id", "task_id", "conversation_id")
    owed = list(Promise.objects.filter(wanted, outstanding=True).values_list(*names))
    nobodys = Matter.objects.filter(pk__in=[r.matter_id for r in about[Goes.MATTER]], conversation__owner=None)
    free = set(nobodys.exclude(conversation=None).values_list("pk", flat=True))
    found = {}
    for row in rows:
        place = {Goes.MATTER: (2, row.matter_id), Goes.TASK: (3, row.task_id), Goes.THREAD: (4, row.thread_id)}
        column, pk = place.get(row.goes, (0, row.pk))
        others = [[one[0], one[1]] for one in owed if one[column] == pk and one[1] != row.owner_id]
        thread = row.matter_id in free if row.goes is Goes.MATTER else row.goes is Goes.THREAD and row.free_thread
        found[row.key] = [str(row.goes), row.owner_id, int(thread), others]
    return found


def along(rows: list[Picked]) -> dict[str, str]:
    """By key, what goes to the new owner together with the row, in words. One statement."""
    matters = [row.matter_id for row in rows if row.goes is Goes.MATTER and row.matter_id]
    owed = Q(promises__outstanding=True, promises__task=None, promises__about="")
    counted = Matter.objects.filter(pk__in=matters).annotate(
        owed=Count("promises", filter=owed, distinct=True),
        asked=Count("tasks", filter=Q(tasks__state=Task.State.OPEN), distinct=True),
    )
    found = {m["pk"]: m for m in counted.values("pk", "owed", "asked", "conversation_id")}
    said = {}
    for row in rows:
        m = found.get(row.matter_id or 0)
        if row.goes is Goes.MATTER and m:
            parts = [_("事项 %(number)s") % {"number": row.number}]
            parts += [_("%(n)s 项承诺") % {"n": m["owed"]}] if m["owed"] else []
            parts += [_("与客户的会话")] if m["conversation_id"] else []
            said[row.key] = _("一并转：%(what)s") % {"what": "、".join(parts)}
            if m["asked"]:
                said[row.key] += "；" + _("已派出的 %(n)s 个任务仍由原来的人办") % {"n": m["asked"]}
        else:
            said[row.key] = {
                Goes.TASK: _("一并转：任务和它的承诺"),
                Goes.THREAD: _("一并转：与客户的会话"),
                Goes.ALONE: _("只转这一项，事项仍由原负责人办"),
            }.get(row.goes, "")
    return said
