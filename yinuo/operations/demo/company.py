"""The org tree, the people and the settings of the demo company. Everything goes through commands."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yinuo.approvals.commands import seed_rules
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.portal.front import present
from yinuo.identity.commands import create_staff, create_unit, edit_unit, seed_roles, set_intake_unit
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.errors import Refused
from yinuo.promises.commands.standards import load_pack

PACKS = ("common", "lubricant")
PASSWORD = "yinuo-2026"  # noqa: S105 the demo's, printed on the screen

# code, name, kind, parent
UNITS = (
    ("company", _("鲁信实业集团"), "company", None),
    ("desk", _("客户服务中心"), "department", "company"),
    ("desk-1", _("投诉一组"), "desk", "desk"),
    ("desk-2", _("投诉二组"), "desk", "desk"),
    ("warehouse", _("仓储部"), "department", "company"),
    ("finance", _("财务部"), "department", "company"),
    ("production", _("生产部"), "department", "company"),
    ("marketing", _("市场部"), "department", "company"),
)
# login, name, unit, roles, heads the unit
PEOPLE = (
    ("agent", _("林晓燕"), "desk-1", ("agent",), False),
    ("agent2", _("周子轩"), "desk-1", ("agent",), False),
    ("agent3", _("何梦瑶"), "desk-2", ("agent",), False),
    ("agent4", _("孙建平"), "desk-2", ("agent",), False),
    ("supervisor", _("陈志明"), "desk-1", ("supervisor", "agent"), True),
    ("supervisor2", _("许雅琴"), "desk-2", ("supervisor", "agent"), True),
    ("manager", _("高国栋"), "desk", ("supervisor",), True),
    ("leader", _("郑海波"), "company", ("leader",), True),
    ("warehouse", _("马永刚"), "warehouse", ("warehouse",), True),
    ("finance", _("钱淑华"), "finance", ("finance",), True),
    ("production", _("石立新"), "production", ("production",), True),
    ("marketing", _("白若兰"), "marketing", ("marketing",), True),
    ("admin", _("叶清扬"), "company", ("administrator",), False),
    ("auditor", _("顾明哲"), "company", ("auditor",), False),
)


@dataclass(frozen=True, slots=True)
class Company:
    units: dict[str, Unit]
    staff: dict[str, Staff]


def stands() -> bool:
    return Staff.objects.filter(username=PEOPLE[0][0], email=f"{PEOPLE[0][0]}@demo.invalid").exists()


def require_empty() -> None:
    """The demo's people have a password everybody knows: they never come into a company that works."""
    if Staff.objects.exists():
        raise Refused(_("这里已经有自己的员工和数据，演示公司只能装进空的数据库；可用 YINUO_HOME 指定另一个目录。"))


def standing() -> Company:
    """The company as it stands, whoever built it."""
    return Company(
        {unit.code: unit for unit in Unit.objects.filter(code__in=[code for code, *_rest in UNITS])},
        {one.username: one for one in Staff.objects.filter(username__in=[login for login, *_rest in PEOPLE])},
    )


def build() -> Company:
    seed_roles()
    seed_rules()
    for pack in PACKS:
        load_pack(name=pack)
    units: dict[str, Unit] = {}
    for code, name, kind, parent in UNITS:
        units[code] = create_unit(name=name, code=code, kind=kind, parent_id=units[parent].pk if parent else None)
    set_intake_unit(unit_id=units["desk-1"].pk)
    present(name=UNITS[0][1], phone="400-000-0000", hours=_("周一至周五 9:00–18:00"), expected_version=0)
    staff: dict[str, Staff] = {}
    for login, name, unit, roles, _heads in PEOPLE:
        staff[login] = create_staff(
            username=login, name=name, password=PASSWORD, unit_id=units[unit].pk, role_codes=roles,
            email=f"{login}@demo.invalid",
        )  # fmt: skip
    for login, _name, code, _roles, heads in PEOPLE:
        if heads:
            led = Unit.objects.get(code=code)
            edit_unit(
                unit_id=led.pk, name=led.name, head_id=staff[login].pk, parent_id=led.parent_id, active=True,
                expected_version=led.version,
            )  # fmt: skip
    # A real address would need a server, and mail to invented customers must not leave the house.
    save_mailbox(
        name=_("鲁信客户服务"), address="kefu@luxin.demo.invalid", unit_id=units["desk-1"].pk, rehearsal=True,
        signature=_("鲁信实业集团 客户服务中心"),
    )  # fmt: skip
    return Company(units, staff)


def login_lines() -> list[str]:
    """The demo logins that exist, one line each; none if this is not the demo company."""
    from yinuo.identity.models import Role

    shown = ("agent", "supervisor", "leader", "warehouse", "finance", "admin", "auditor")
    people = {s.username: s for s in Staff.objects.filter(username__in=shown, email__endswith="@demo.invalid")}
    if not people:
        return []
    roles = dict(Role.objects.values_list("code", "name"))
    of = {login: roles.get(codes[0], codes[0]) for login, _n, _u, codes, _h in PEOPLE}
    lines = [f"{login:<11}{of[login]} · {people[login].name}" for login in shown if login in people]
    return [_("演示账号（密码都是 %(password)s）：") % {"password": PASSWORD}, *lines]
