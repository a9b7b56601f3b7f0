"""A case that belongs to others, and one person of every role who works elsewhere: what may they see of it?"""

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from tests.fences.theirs import plant
from yinuo.complaints.tests.conftest import Walk
from yinuo.identity.commands import create_api_key, create_staff, create_unit
from yinuo.identity.grants import GRANT_CODES, ROLE_SEEDS
from yinuo.identity.models import Role
from yinuo.identity.queries import actor_for, grants_of
from yinuo.kernel.actor import Scope, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.scope import Scoped
from yinuo.matters.commands import create_task
from yinuo.promises.commands import load_pack

INSIDE, ABOUT = "案内保密七三一", "客户保密七三一"
#: What only those may read who see the case, or the customer.
OF_THE_CASE, OF_THE_CUSTOMER = (INSIDE, "发动机异响"), (ABOUT, "陈建国", "chen@example.cn")
INTEGRATION = ("complaint.register", "customer.edit", "matter.read", "matter.open", "conversation.reply")
#: Who calls: every role there is from the start, a site that hands complaints in, whoever may do all but sees only
#: their own, and somebody with no role.
CALLERS = (*(seed.code for seed in ROLE_SEEDS), "integration", "everything", "nobody")


@dataclass(frozen=True, slots=True)
class Caller:
    name: str
    secret: str
    must_not_see: tuple[str, ...]


def build_stage() -> tuple[dict[str, Caller], dict[str, list[int]]]:
    """Everybody who calls, and the ids of all rows by the name of their model."""
    firm = plant(INSIDE, ABOUT)
    with acting_as(firm.system):
        load_pack(name="common"), load_pack(name="lubricant")
        elsewhere = create_unit(name="别处", code="elsewhere", kind="branch", parent_id=None).pk
        every = sorted(GRANT_CODES - {"staff.manage"})  # who manages staff sees what waits for an approver who left
        with permit_writes("test"):
            Role(code="everything", name="全权", grants=every, matter_scope="own", customer_scope="own").save()
        callers = {name: _caller(name, elsewhere) for name in CALLERS}
    _own_work(firm, elsewhere)
    return callers, ids()


def _caller(name: str, unit: int) -> Caller:
    roles = ["agent"] if name in ("integration", "nobody") else [name]
    person = create_staff(
        username=f"x-{name}", name=f"外人{name}", password="desk-7788-x", unit_id=unit, role_codes=roles
    )
    actor, held = actor_for(person), grants_of(person)
    given = INTEGRATION if name == "integration" else held
    secret = create_api_key(name=name, staff_id=person.pk, grants=given)["secret"]
    if name == "nobody":  # whose roles were taken away and whose key is still about
        with permit_writes("test"):
            person.roles.clear()
        actor, given = actor_for(person), frozenset()
    sees_cases = actor.matter_scope == Scope.ALL and "matter.read" in given
    sees_customers = actor.customer_scope == Scope.ALL and {"customer.read", "customer.edit"} & set(given)
    hidden = (() if sees_cases else OF_THE_CASE) + (() if sees_customers else OF_THE_CUSTOMER)
    return Caller(name, secret, hidden)


def _own_work(firm: Any, unit: int) -> None:
    """So that these people have something of their own, and not every answer is a refusal."""
    from yinuo.identity.models import Staff

    agent = actor_for(Staff.objects.get(username="x-agent"))
    own = Walk(firm, by=agent, content="送货晚了三天", name="外面的客户", phone="13700001111")
    own.acknowledge(), own.assess(), own.investigate()
    with acting_as(agent):
        create_task(matter_id=own.id, title="查送货单", unit_id=unit)


def ids() -> dict[str, list[int]]:
    """The newest rows of every model of ours by its name: {"complaint": [4, 3], …}."""
    found = {}
    for model in apps.get_models():
        if model.__module__.startswith("yinuo.") and model._meta.pk.name in ("id", "matter"):
            rows: Any = model.unscoped if issubclass(model, Scoped) else model._base_manager
            name = re.sub("(?<!^)(?=[A-Z])", "_", model.__name__).lower()
            found[name] = list(rows.order_by("-pk").values_list("pk", flat=True)[:6])
    return {name: rows for name, rows in found.items() if rows}


def named(word: str, known: dict[str, list[int]]) -> list[int]:
    """The rows whose model sounds like a noun of an address or a field: corrections → corrective_action."""
    start = word.removesuffix("_ids").removesuffix("_id").rstrip("s")[:6]
    rows = [pk for name, pks in known.items() if start in name for pk in pks]
    return rows or sorted({pk for pks in known.values() for pk in pks[:2]})
