"""Who did it, where it was a part of the product."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yinuo.web.audit.commands import plain

SYSTEMS: dict[str, Any] = {
    "login": _("登录页"), "timeline": _("时间线"), "mail": _("邮件收发"), "clock": _("承诺时钟"),
    "worker": _("后台任务"), "portal": _("自助门户"), "reactions": _("自动处理"), "promises": _("承诺"),
    "complaints": _("投诉处理"), "approvals": _("审批"), "mail.import": _("邮件导入"), "mail.receiver": _("收信"),
    "intake": _("接口来件"), "webhook": _("事件推送"), "setup": _("安装"), "doctor": _("体检"), "demo": _("演示数据"),
    "privacy": _("个人信息保护"), "holds": _("待发消息"), "operator": _("命令行"), "surveys": _("满意度"),
    "sms": _("短信"), "mail.understand": _("收信"),
}  # fmt: skip


def who_in_words(kind: str, name: str) -> str:
    """A part of the product by its Chinese name; people keep theirs."""
    return str(SYSTEMS.get(name, _("系统"))) if kind == "system" else name


def maker_in_words(name: str) -> str:
    """Who made something, where only the name was kept."""
    return str(SYSTEMS.get(name, name))


def systems_called(words: str) -> list[str]:
    """The parts of the product that `who_in_words` calls so."""
    return [name for name, label in SYSTEMS.items() if plain(words) and plain(label) == plain(words)]
