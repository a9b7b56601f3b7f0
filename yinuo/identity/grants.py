"""Every grant there is, what it lets one do, and which built-in roles start with it. Roles are data afterwards."""

from dataclasses import dataclass

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Scope

AGENT, SUPERVISOR, LEADER = "agent", "supervisor", "leader"
WAREHOUSE, FINANCE, PRODUCTION, MARKETING = "warehouse", "finance", "production", "marketing"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"
DEPARTMENTS = (WAREHOUSE, FINANCE, PRODUCTION, MARKETING)
DESK = (AGENT, SUPERVISOR, LEADER)
EVERYONE = (*DESK, *DEPARTMENTS, ADMINISTRATOR, AUDITOR)


@dataclass(frozen=True, slots=True)
class Grant:
    code: str
    label: str | Lazy
    roles: tuple[str, ...]


GRANTS: tuple[Grant, ...] = (
    Grant("customer.read", _("查看客户"), (*DESK, *DEPARTMENTS, AUDITOR)),
    Grant("customer.edit", _("登记和修改客户"), DESK),
    Grant("customer.grade", _("确认客户级别"), (SUPERVISOR, LEADER)),
    Grant("customer.reveal", _("查看客户敏感信息明文"), DESK),
    Grant("customer.merge", _("合并客户"), (SUPERVISOR, LEADER)),
    Grant("conversation.read", _("查看收件箱"), (*DESK, AUDITOR)),
    Grant("conversation.reply", _("回复客户"), DESK),
    Grant("conversation.assign", _("分配会话"), (SUPERVISOR, LEADER)),
    Grant("matter.read", _("查看事项"), (*DESK, *DEPARTMENTS, AUDITOR)),
    Grant("matter.open", _("登记事项"), DESK),
    Grant("matter.handle", _("办理事项"), DESK),
    Grant("matter.assign", _("分配事项"), (SUPERVISOR, LEADER)),
    Grant("task.create", _("给部门派任务"), DESK),
    Grant("task.complete", _("完成任务"), (*DESK, *DEPARTMENTS)),
    Grant("promise.read", _("查看承诺"), (*DESK, *DEPARTMENTS, AUDITOR)),
    Grant("promise.make", _("登记个人承诺"), (*DESK, *DEPARTMENTS)),
    Grant("promise.handle", _("履行、暂停、申请延期或豁免承诺"), (*DESK, *DEPARTMENTS)),
    Grant("standard.edit", _("修改服务标准"), (LEADER, ADMINISTRATOR)),
    Grant("calendar.edit", _("修改工作日历"), (LEADER, ADMINISTRATOR)),
    Grant("wording.edit", _("修改话术规则"), (SUPERVISOR, LEADER, ADMINISTRATOR)),
    Grant("wording.override", _("放行须主管同意的说法"), (SUPERVISOR, LEADER)),
    Grant("approval.decide", _("审批"), (SUPERVISOR, LEADER, FINANCE)),
    Grant("approval.hand_over", _("把待审的一步转交给别人"), (SUPERVISOR, LEADER, ADMINISTRATOR)),
    Grant("complaint.register", _("登记投诉"), DESK),
    Grant("complaint.handle", _("办理投诉"), DESK),
    Grant("complaint.supervise", _("投诉督办：驳回、并案、撤诉决定、外部升级"), (SUPERVISOR, LEADER)),
    Grant("complaint.callback", _("投诉回访"), DESK),
    Grant("complaint.review", _("投诉复核"), (SUPERVISOR, LEADER)),
    Grant("complaint.responsibility", _("责任认定"), (LEADER,)),
    Grant("leader.receive", _("领导接待"), (LEADER,)),
    Grant("knowledge.read", _("查看知识和回复模板"), EVERYONE),
    Grant("knowledge.write", _("写知识文章"), (*DESK, *DEPARTMENTS)),
    Grant("knowledge.publish", _("审核、发布和停用知识文章"), (SUPERVISOR, LEADER)),
    Grant("template.write", _("写自己的回复模板"), DESK),
    Grant("template.share", _("写大家共用的回复模板"), (SUPERVISOR, LEADER)),
    Grant("report.read", _("查看报表"), (SUPERVISOR, LEADER, AUDITOR)),
    Grant("report.export", _("导出报表"), (SUPERVISOR, LEADER)),
    Grant("survey.read", _("查看满意度"), (*DESK, AUDITOR)),
    Grant("survey.ask", _("发出问卷、登记电话答卷"), DESK),
    Grant("survey.edit", _("设计问卷与调查计划"), (SUPERVISOR, LEADER, ADMINISTRATOR)),
    Grant("audit.read", _("查看审计"), (AUDITOR,)),
    Grant("staff.manage", _("管理员工、部门与角色"), (ADMINISTRATOR,)),
    Grant("mailbox.manage", _("管理邮箱与未能解析的邮件"), (ADMINISTRATOR,)),
    Grant("key.manage", _("管理接口密钥与事件推送"), (ADMINISTRATOR,)),
    Grant("self.use", _("使用个人设置"), EVERYONE),
)
GRANT_CODES = frozenset(g.code for g in GRANTS)


@dataclass(frozen=True, slots=True)
class RoleSeed:
    code: str
    name: str | Lazy
    matter_scope: Scope
    customer_scope: Scope
    approval_limit: int | None


ROLE_SEEDS: tuple[RoleSeed, ...] = (
    RoleSeed(AGENT, _("坐席"), Scope.TEAM, Scope.ALL, None),
    RoleSeed(SUPERVISOR, _("主管"), Scope.TEAM, Scope.ALL, 2000),
    RoleSeed(LEADER, _("领导"), Scope.ALL, Scope.ALL, 50000),
    RoleSeed(WAREHOUSE, _("仓储"), Scope.OWN, Scope.OWN, None),
    RoleSeed(FINANCE, _("财务"), Scope.OWN, Scope.OWN, None),
    RoleSeed(PRODUCTION, _("生产"), Scope.OWN, Scope.OWN, None),
    RoleSeed(MARKETING, _("市场"), Scope.OWN, Scope.OWN, None),
    RoleSeed(ADMINISTRATOR, _("管理员"), Scope.OWN, Scope.OWN, None),
    RoleSeed(AUDITOR, _("审计员"), Scope.ALL, Scope.ALL, None),
)


def default_grants(role: str) -> list[str]:
    return [g.code for g in GRANTS if role in g.roles]
