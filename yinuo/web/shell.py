"""What stands around every page: the rail, the settings menu and the words the scripts need."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.web.routes import SIGNED_IN, Needs, allowed


@dataclass(frozen=True)
class Entry:
    """One line of a menu. It is shown when its page exists and the actor may open it."""

    label: Any
    icon: str
    name: str
    needs: Needs = SIGNED_IN
    about: Any = ""
    phone: bool = False


RAIL = (
    Entry(gettext_lazy("工作台"), "layout-dashboard", "day", phone=True),
    Entry(gettext_lazy("收件箱"), "inbox", "inbox", "conversation.read", phone=True),
    Entry(gettext_lazy("客户"), "users", "customers", "customer.read", phone=True),
    Entry(gettext_lazy("投诉"), "message-report", "complaints", ("complaint.handle", "report.read")),
    Entry(gettext_lazy("事项"), "briefcase", "matters", "matter.read"),
    Entry(gettext_lazy("承诺"), "heart-handshake", "promises", "promise.read"),
    Entry(gettext_lazy("审批"), "rubber-stamp", "approvals", ("approval.decide", "matter.read")),
    Entry(gettext_lazy("任务"), "checklist", "tasks", SIGNED_IN, phone=True),
    Entry(gettext_lazy("知识"), "book", "knowledge", "knowledge.read"),
    Entry(gettext_lazy("满意度"), "mood-smile", "surveys", "survey.read"),
    Entry(gettext_lazy("洞察"), "chart-bar", "board_team", "report.read"),
    Entry(
        gettext_lazy("设置"),
        "settings",
        "settings",
        ("staff.manage", "standard.edit", "calendar.edit", "mailbox.manage", "key.manage", "wording.edit"),
    ),
    Entry(gettext_lazy("审计"), "shield-check", "audit", "audit.read"),
)

NEW = (
    Entry(gettext_lazy("登记投诉"), "message-report", "complaint_register", "complaint.register"),
    Entry(gettext_lazy("登记来电、来访、来信"), "phone-call", "interaction_new", "conversation.reply"),
    Entry(gettext_lazy("新建客户"), "user-plus", "customer_new", "customer.edit"),
    Entry(gettext_lazy("个人承诺"), "heart-handshake", "promise_new", "promise.make"),
    Entry(gettext_lazy("写知识文章"), "book", "article_new", "knowledge.write"),
)

SETTINGS = (
    Entry(gettext_lazy("开张清单"), "checklist", "start", "staff.manage", gettext_lazy("新公司从哪里设起，还差什么")),
    Entry(
        gettext_lazy("门户名称"),
        "building-store",
        "portal_front",
        "staff.manage",
        gettext_lazy("客户看到的公司名和电话"),
    ),
    Entry(
        gettext_lazy("服务标准"),
        "clock-check",
        "standards",
        "standard.edit",
        gettext_lazy("什么事要在多久之内办到，超时怎么升级和补偿"),
    ),
    Entry(
        gettext_lazy("行业包"),
        "packages",
        "packs",
        "standard.edit",
        gettext_lazy("邮政、房产、银行、润滑油的成套默认标准"),
    ),
    Entry(
        gettext_lazy("工作日历"),
        "calendar",
        "calendars",
        "calendar.edit",
        gettext_lazy("节假日、调休和各网点的上班时间"),
    ),
    Entry(
        gettext_lazy("客户规则"),
        "scale",
        "customer_rules",
        "standard.edit",
        gettext_lazy("按什么建议客户级别；查看明文多少次要提醒"),
    ),
    Entry(
        gettext_lazy("话术规则"),
        "message-circle",
        "wording",
        "wording.edit",
        gettext_lazy("对客户不说哪些话、改成怎样说，哪些要主管同意"),
    ),
    Entry(gettext_lazy("部门"), "sitemap", "units", "staff.manage", gettext_lazy("公司、网点、部门和班组")),
    Entry(gettext_lazy("员工"), "id-badge", "staff", "staff.manage", gettext_lazy("账号、所在部门、上级和角色")),
    Entry(gettext_lazy("角色"), "key", "roles", "staff.manage", gettext_lazy("谁能做什么、看到多大范围、能批多少钱")),
    Entry(
        gettext_lazy("登录规则"),
        "shield-check",
        "entry_rules",
        "staff.manage",
        gettext_lazy("登录多久会自动退出，谁必须有两步登录，单点登录"),
    ),
    Entry(
        gettext_lazy("审批流程"),
        "rubber-stamp",
        "approval_rules",
        ("staff.manage", "standard.edit"),
        gettext_lazy("多大的金额由谁批"),
    ),
    Entry(
        gettext_lazy("邮箱"), "mail", "mailboxes", "mailbox.manage", gettext_lazy("收信和发信的邮箱账号、读不懂的邮件")
    ),
    Entry(gettext_lazy("接口密钥"), "lock", "keys", "key.manage", gettext_lazy("其他系统调用接口所用的密钥")),
    Entry(gettext_lazy("事件推送"), "webhook", "webhooks", "key.manage", gettext_lazy("把发生的事推送给其他系统")),
    Entry(
        gettext_lazy("界面样式"),
        "adjustments",
        "style",
        SIGNED_IN,
        gettext_lazy("页面用到的颜色、图标和部件，每种状态各一例"),
    ),
)

OWN = (
    Entry(gettext_lazy("通知"), "bell", "notifications"),
    Entry(gettext_lazy("我的待发"), "send", "outbox"),
    Entry(gettext_lazy("通知设置"), "adjustments", "notice_settings", "self.use"),
    Entry(gettext_lazy("不在岗与代审批"), "calendar", "absence"),
    Entry(gettext_lazy("登录与安全"), "shield-check", "security"),
    Entry(gettext_lazy("修改密码"), "key", "password"),
    Entry(gettext_lazy("帮助与快捷键"), "help-circle", "help"),
)


@cache
def address(name: str) -> str:
    """Where a named page lives, or nothing while there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def menu(entries: tuple[Entry, ...], actor: Any) -> list[dict[str, Any]]:
    """The entries this actor may use."""
    return [
        {
            "label": entry.label,
            "icon": entry.icon,
            "url": address(entry.name),
            "name": entry.name,
            "about": entry.about,
            "phone": entry.phone,
        }
        for entry in entries
        if actor is not None and address(entry.name) and allowed(actor, entry.needs)
    ]


def words() -> dict[str, str]:
    """Sentences the scripts show; kept here so that one catalogue translates everything."""
    return {
        "left": _("还剩 {}"),
        "late": _("已超 {}"),
        "day": _("{} 天"),
        "hour": _("{} 小时"),
        "minute": _("{} 分"),
        "moment": _("不到 1 分"),
        "draft_saved": _("草稿已保存"),
        "draft_local": _("草稿已存在这台设备上"),
        "draft_large": _("内容太长，草稿没有保存"),
        "too_long": _("最多 {} 字，现在超出了。内容都还在，请删减或作为附件上传。"),
        "draft_found": _("已恢复上次没有提交的内容"),
        "draft_older": _("有上次没有提交的内容，但这里的资料已经更新"),
        "draft_put": _("恢复上次的内容"),
        "draft_drop": _("不要了"),
        "sms_length": _("{} 个字符"),
        "sms_parts": _("按 {} 条短信发送"),
        "sms_each": _("每条最多 {} 个"),
        "sms_gaps": _("变量按填上前的字数算"),
        "coach_hint": _("提示"),
        "coach_warn": _("不妥"),
        "coach_block": _("须主管同意"),
        "coach_found": _("措辞有 {} 处可以改进"),
        "coach_grave": _("，其中 {} 处须主管同意才能发送"),
        "coach_none": _("措辞没有问题了"),
        "coach_replace": _("把“{}”改成“{to}”"),
        "leaving": _("还有没保存的内容，确定离开吗？"),
        "sending": _("正在提交…"),
        "offline": _("网络断了，正在重新连接…"),
        "online": _("网络已恢复"),
        "failed": _("没有成功，请再试一次。您填写的内容都还在。"),
        "too_large": _("“{}”超过 25 MB，没有加入"),
        "remove": _("移除"),
        "confirm": _("确定"),
        "cancel": _("取消"),
        "updated": _("这里刚有更新，您写完后会显示"),
        "copied": _("已复制"),
        "copy": _("复制"),
        "close": _("关闭"),
        "number": _("编号"),
        "look": _("去看看"),
        "news": _("通知，{} 条新的"),
        "mute": _("浏览器挡住了提示音：在这一页上点一下，以后就会响"),
        "silent": _("音量是 0，所以听不到"),
        "tour_step": _("第 {} 步，共 {n} 步"),
        "tour_back": _("上一步"),
        "tour_next": _("下一步"),
        "tour_done": _("开始干活"),
        "tour_skip": _("跳过"),
        "notice_default": _("这台设备还没有允许桌面通知。按下面的按钮，浏览器会问您一次。"),
        "notice_granted": _("这台设备已经允许桌面通知。"),
        "notice_denied": _("桌面通知被浏览器拦住了。点地址栏左边的图标，把“通知”改为允许，再刷新这一页。"),
        "notice_never": _("这台设备的浏览器不能弹桌面通知，铃铛和提示音照常。"),
        "notice_try": _("这是一条试发的通知"),
        "notice_try_text": _("收到就说明桌面通知好用"),
        "here": _("{} 也在看这一页"),
        "here_more": _("{} 等 {n} 人也在看这一页"),
        "list_comma": _("、"),
        "told": _("{}：{text}"),
        "inserted": _("已插入，发送前请核对"),
        "undo": _("撤销"),
        "key_next": _("列表中下一行"),
        "key_previous": _("列表中上一行"),
        "key_open": _("打开选中的一行"),
        "key_step": _("做这一行的下一步"),
        "key_pick": _("勾选这一行（空格也行）；按住 Shift 点击勾选一段"),
        "key_close": _("关闭抽屉、菜单或提示"),
        "key_help": _("这一页的快捷键"),
        "key_shut": _("知道了"),
        "preview_opening": _("正在打开…"),
        "preview_failed": _("这一页显示不出来，请下载后查看。"),
        "preview_page": _("{}，第 {n} 页"),
        "preview_more": _("共 {} 页，这里只显示前 {n} 页，其余请下载后查看。"),
        "passkey_known": _("这台设备上已经有一把登记过的通行密钥"),
        "passkey_elsewhere": _("通行密钥只在系统的正式网址上能用，请换成正式网址再试"),
        "passkey_offline": _("网络不通，请再试一次"),
        "passkey_stopped": _("没有完成：可能取消了、超时了，或这台设备上没有对应的通行密钥"),
        "passkey_never": _("这个浏览器不能用通行密钥，可以改用验证码应用"),
        "palette": _("输入要做的事、客户或单号"),
        "palette_here": _("这一页上"),
        "palette_none": _("没有找到。试试拼音首字母，或换两个字。"),
        "palette_keys": _("↑ ↓ 选择 · 回车打开 · Esc 关闭"),
    }
