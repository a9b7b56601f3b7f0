"""What a new company still has to set up: each step done or not by what is really there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, Subquery
from django.utils.translation import gettext as _

from yinuo.approvals.models import ApprovalRule
from yinuo.calendars.queries import missing_years
from yinuo.channels.email.models import Mailbox
from yinuo.channels.portal.models import Front
from yinuo.complaints.queries.listing import any_complaint
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.promises.models import Standard


@dataclass(frozen=True)
class Step:
    """One line of the list. `name`: the page on which it is done; empty where it is done on the list itself."""

    code: str
    title: str
    text: str
    done: bool
    name: str = ""
    act: str = ""
    needs: str = "staff.manage"


def steps(actor: Actor, at: datetime) -> list[Step]:
    """In the order in which one thing needs another. Three statements."""
    there, years = _there(actor), missing_years(at.astimezone(CST).date())
    name, phone = there["called"] or settings.COMPANY_NAME, there["number"] or settings.HOTLINE
    return [
        Step(
            "units",
            _("部门和受理组"),
            _about_units(there["units"]),
            there["units"],
            "units",
            _("看部门"),
        ),
        Step(
            "people",
            _("同事的账号"),
            _("至少一位坐席能受理，再加主管、领导和各部门的人。"),
            there["people"],
            "staff_new",
            _("新建员工"),
        ),
        Step("calendar", _("工作日历"), _about_years(years), not years, "calendars", _("看日历"), "calendar.edit"),
        Step(
            "standards",
            _("服务标准"),
            _("什么事要在多久之内办到；按行业载入成套标准，再改成自己的。"),
            there["standards"],
            "packs",
            _("选行业包"),
            "standard.edit",
        ),
        Step(
            "rules",
            _("审批流程"),
            _("多大的金额由谁批；至少有一位能审批的同事。"),
            there["rules"] and there["deciders"],
            "approval_rules",
            _("看审批流程"),
        ),
        Step(
            "mailbox",
            _("邮箱"),
            _("收信、发信的账号，保存后点“测试连接”；没有邮箱也能先用门户和电话。"),
            there["mailbox"],
            "mailboxes",
            _("设邮箱"),
            "mailbox.manage",
        ),
        Step(
            "portal",
            _("门户上的名称和电话"),
            _about_portal(name, phone),
            bool(name and phone),
            "portal_front",
            _("填名称和电话"),
        ),
        Step("first", _("第一件投诉"), _("用手机扫下面的码，像客户那样交一件，看它怎么进来。"), there["first"]),
    ]


def _about_units(done: bool) -> str:
    if done:
        return _("来件有部门接收了，再按实际建部门、网点。")
    return _("建部门、网点，再打开接收来件的那个，勾上“接收来件”。没有勾的，来件都归最上级。")


def _about_years(years: list[int]) -> str:
    if years:
        text = _("缺 %(years)s 年的放假和调休，到期时间暂按普通周算。")
        return text % {"years": "、".join(map(str, years))}
    return _("放假和调休已经有了，核对一下各部门的上班时间。")


def _about_portal(name: str, phone: str) -> str:
    if name and phone:
        text = _("客户看到“%(name)s”，电话 %(phone)s。")
        return text % {"name": name, "phone": phone}
    return _("客户看到的还没有公司名或电话。")


def _there(actor: Actor) -> dict[str, Any]:
    """What is there, in one statement."""
    people = Staff.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    boxes = Mailbox.objects.filter(active=True).exclude(imap_host="", smtp_host="", rehearsal=False)
    found = (
        Staff.objects.filter(pk=actor.staff_key)
        .values(
            units=Exists(Unit.objects.filter(active=True, takes_intake=True)),
            people=Exists(people.filter(roles__grants__contains=["complaint.handle"])),
            deciders=Exists(people.filter(roles__grants__contains=["approval.decide"])),
            standards=Exists(Standard.objects.filter(in_force=True)),
            rules=Exists(ApprovalRule.objects.all()),
            mailbox=Exists(boxes.filter(trouble="")),
            first=Exists(any_complaint()),
            called=Subquery(Front.objects.values("name")[:1]),
            number=Subquery(Front.objects.values("phone")[:1]),
        )
        .get()
    )
    return dict(found)
