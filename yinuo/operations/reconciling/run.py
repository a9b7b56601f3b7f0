"""`yinuo reconcile`: goes through the books of a live installation and says what does not agree."""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from yinuo.operations.database import database
from yinuo.operations.reconciling.books import RULES
from yinuo.operations.reconciling.evidence import broken_seals, newest_seal, unsealed, wrong_files
from yinuo.operations.words import Trouble, _, home

SHOWN = 5
MOST = 1000


@dataclass(slots=True)
class Account:
    """How one rule came out: the names of rows that are wrong, at most `MOST`."""

    key: str
    told: str
    wrong: list[str] = field(default_factory=list)


def accounts(url: str, files: Path, *, grace: timedelta, whole: bool = False) -> list[Account]:
    """Every rule, on one moment of the database (REPEATABLE READ, read only): a live system may go on working."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return examine(connection, files, grace=grace, whole=whole)


def examine(connection: psycopg.Connection[Any], files: Path, *, grace: timedelta, whole: bool) -> list[Account]:
    found = [Account(r.key, r.told, _names(connection, r.wrong, {"grace": grace})) for r in RULES]
    for key, told, rows in (
        ("audit_changed", _("审计记录被改过或被删过"), broken_seals(connection)),
        ("audit_unsealed", _("审计记录没有及时封存"), iter(unsealed(connection))),
        ("file_wrong", _("附件不见了，或内容变了"), wrong_files(connection, files, whole=whole)),
    ):
        found.append(Account(key, told, [str(row) for row in islice(rows, MOST)]))
    return found


def _names(connection: psycopg.Connection[Any], query: str, values: dict[str, Any]) -> list[str]:
    return [str(row[0]) for row in connection.execute(f"{query} LIMIT {MOST}".encode(), values)]


def run(*, grace: timedelta, whole: bool, report: str) -> None:
    with database() as url:
        found = accounts(url, home() / "files", grace=grace, whole=whole)
        with psycopg.connect(url) as connection:
            seal = newest_seal(connection)
    if report:
        shown = {"newest_seal": seal, "accounts": [asdict(one) for one in found]}
        text = json.dumps(shown, ensure_ascii=False, indent=1)
        Path(report).write_text(text + "\n", encoding="utf-8")
    wrong = [one for one in found if one.wrong]
    for one in wrong:
        many = f"{MOST}+" if len(one.wrong) == MOST else str(len(one.wrong))
        print(
            _("[不符] {told}：{many} 条（{rows}）").format(told=one.told, many=many, rows="、".join(one.wrong[:SHOWN]))
        )
    if wrong:
        raise Trouble(
            _("核对了 {all} 项，{wrong} 项不符。请保留现场并联系维护人员。").format(all=len(found), wrong=len(wrong)), 1
        )
    print(_("核对了 {all} 项，账目全部相符。").format(all=len(found)))
    print(_("审计最新的封条：{seal}（抄在别处，日后可以对照）").format(seal=seal))
