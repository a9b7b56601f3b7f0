"""Rows written many at once are the rows that Django would have written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models, transaction

from yinuo.identity.models import Staff
from yinuo.kernel.command import permit_writes
from yinuo.kernel.many import insert_many, update_many
from yinuo.kernel.models import AuditEntry
from yinuo.kernel.single_write import new_row
from yinuo.matters.models import Collaborator, TimelineEntry
from yinuo.promises.commands import make_personal_promise
from yinuo.promises.models import Compensation, Promise, PromiseEvent
from yinuo.promises.tests.conftest import START

HOUR = timedelta(hours=1)
AT = datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC)
ODD = "“引号” \\ ' \" {} [] \t换行\n🙂 %s"


def made(desk: SimpleNamespace) -> list[Promise]:
    return [
        make_personal_promise(
            title=f"回电{n}", due_at=START + HOUR, matter_id=desk.matter.pk, by=desk.handler, at=START
        )
        for n in range(3)
    ]


def samples(desk: SimpleNamespace, promises: list[Promise]) -> dict[type[models.Model], list[dict[str, Any]]]:
    who, (one, two, _three) = Staff.objects.order_by("pk")[0], promises
    return {
        PromiseEvent: [
            {"promise": one, "kind": "odd", "rung": 7, "planned_at": AT, "at": AT, "told": who, "text": ODD},
            {"promise": two, "kind": "odd", "planned_at": AT, "at": AT, "late": True, "told": None, "told_as": "x"},
        ],
        TimelineEntry: [
            {"matter": desk.matter, "at": AT, "kind": "k", "actor_kind": "system", "text": ODD, "data": {"a": [1, ODD]}},
            {"matter": desk.matter, "at": AT, "kind": "k", "actor_kind": "staff", "staff": who, "public": True},
        ],
        Compensation: [
            {"promise": one, "kind": "money", "late_days": 3, "amount": Decimal("12345.60"), "text": ODD, "made_at": AT},
            {"promise": two, "kind": "apology", "late_days": 0, "amount": None, "text": "", "made_at": AT},
        ],
        Collaborator: [{"matter": desk.matter, "staff": who, "since": AT}],
        AuditEntry: [{"at": AT, "command": "c", "subject_type": "s", "actor_kind": "system", "actor_name": ODD, "data": {"n": 1.5}}],
    }  # fmt: skip


@pytest.mark.parametrize("model", [PromiseEvent, TimelineEntry, Compensation, Collaborator, AuditEntry])
def test_inserted_rows_are_those_of_bulk_create(desk: SimpleNamespace, model: type[Any]) -> None:
    given = samples(desk, made(desk))[model]
    stored = []
    for many in (False, True):
        with permit_writes("test"), transaction.atomic():
            before = set(model.unscoped.values_list("pk", flat=True))
            rows = [new_row(model, **values) if many else model(**values) for values in given]
            insert_many(rows) if many else model.unscoped.bulk_create(rows)
            fresh = list(model.unscoped.exclude(pk__in=before).order_by("pk").values())
            assert [row["id"] for row in fresh] == [row.pk for row in rows], "each got its own key, in order"
            assert not any(row._state.adding for row in rows)
            stored.append([{k: v for k, v in row.items() if k != "id"} for row in fresh])
            transaction.set_rollback(True)
    assert stored[0] == stored[1] and len(stored[0]) == len(given)


def test_updated_rows_are_those_of_bulk_update_and_the_others_stay(desk: SimpleNamespace) -> None:
    fields, stored = ["state", "wakes_at", "warned", "broken_owner"], []
    rows = made(desk)
    for many in (False, True):
        with permit_writes("test"), transaction.atomic():
            one, two = Promise.unscoped.filter(pk__in=[p.pk for p in rows[:2]]).order_by("pk")
            one.state, one.wakes_at, one.broken_owner = Promise.States.BROKEN, AT, one.owner
            two.wakes_at, two.warned, two.title = None, True, "not stored"
            update_many([one, two], fields) if many else Promise.unscoped.bulk_update([one, two], fields)
            stored.append(list(Promise.unscoped.order_by("pk").values()))
            transaction.set_rollback(True)
    assert stored[0] == stored[1]
    assert {row["state"] for row in stored[0]} == {"open", "broken"}


def test_rows_that_leave_different_columns_to_the_database_are_refused(desk: SimpleNamespace) -> None:
    one, two, _three = made(desk)
    kept = {"planned_at": AT, "at": AT, "kind": "odd"}
    rows = [new_row(PromiseEvent, promise=one, **kept), new_row(PromiseEvent, promise=two, pk=10**9, **kept)]
    with permit_writes("test"), pytest.raises(ValueError, match="different columns"):
        insert_many(rows)
    insert_many([])
    update_many([], ["state"])
