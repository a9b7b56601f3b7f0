"""Every row of the product, to hold what two ways write against each other; and who sends intakes."""

import json
from datetime import UTC, datetime

from django.apps import apps
from django.db import connection

from yinuo.identity.commands import create_api_key, create_staff, create_unit, seed_roles
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.queries import actor_for_key
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.promises.commands.standards import load_pack

NOW = datetime(2026, 9, 30, 10, 20, tzinfo=UTC)
PLAIN = {
    "channel": "api",
    "content": "发动机加注后漏油，it's \\odd\\ 怀疑质量问题",
    "name": "陈晓燕",
    "phone": "13812345678",
}
FULL = PLAIN | {
    "email": "chen@example.cn", "product": "柴机油", "batch": "B1", "produced_on": "2026-05-01", "used_on": "2026-06-01", "demand": "退货",
    "demand_amount": "1280.5", "severity": "serious", "kind": "product", "title": "漏油", "temperament": "angry", "received_at": datetime(2026, 9, 30, 9, 0, tzinfo=UTC),
}  # fmt: skip


def actor() -> Actor:
    """The key of an agent, with three packs of standards in force."""
    with acting_as(Actor.system("test")):
        seed_roles()
        head = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        desk = create_unit(name="投诉组", code="desk", kind="desk", parent_id=head.pk)
        staff = create_staff(username="li", name="李四", password="abcd-2234-x", unit_id=desk.pk, role_codes=["agent"])
        secret = create_api_key(name="ERP", staff_id=staff.pk, grants=GRANT_CODES)["secret"]
        for pack in ("common", "lubricant", "bank"):
            load_pack(name=pack)
    return actor_for_key(secret, at=clock.now())[0]


# What the database stamps by itself, at each statement or transaction.
STAMPED = {"kernel_auditentry": ["at"], "kernel_notice": ["xact"], "customers_channelidentity": ["created_at"]}


def tables() -> list[str]:
    return sorted(m._meta.db_table for m in apps.get_models() if m.__module__.startswith("yinuo."))


def dump() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for table in [*tables(), "procrastinate_jobs"]:
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM {table} t ORDER BY 1", [STAMPED.get(table, [])])
            found[table] = [
                json.dumps(r if isinstance(r, dict) else json.loads(r), sort_keys=True, ensure_ascii=False)
                for (r,) in cursor.fetchall()
            ]
    return found


def restart_sequences(start: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART WITH {start}")
