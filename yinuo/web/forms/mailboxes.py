"""The form of a mailbox, and of setting a mail aside."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.channels.email.models import Mailbox
from yinuo.identity.queries import units
from yinuo.web.forms.base import PageForm, choice, line, text


def _unit_choices() -> list[tuple[str, str]]:
    return [(str(unit.pk), unit.name) for unit in units()]


def _switch(label: Any, help: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help)


def _password(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("留空表示不修改；加密保存，不会再显示"),
    )


class MailboxForm(PageForm):
    """Everything an administrator sets about one mailbox."""

    name = line(gettext_lazy("名称"), length=80, help=gettext_lazy("客户在发件人处看到的名字"))
    address = line(gettext_lazy("邮箱地址"), length=254, placeholder="kefu@example.com")
    unit_id = choice(gettext_lazy("来信归哪个部门"), _unit_choices, required=False, empty=gettext_lazy("默认受理部门"))
    active = _switch(gettext_lazy("启用"))
    imap_host = line(gettext_lazy("收信服务器 IMAP"), required=False, placeholder="imap.example.com")
    imap_port = forms.IntegerField(label=gettext_lazy("端口"), min_value=1, max_value=65535)
    imap_security = choice(gettext_lazy("加密"), Mailbox.Security.choices)
    imap_user = line(gettext_lazy("用户名"), required=False, length=254, autocomplete="off")
    imap_password = _password(gettext_lazy("密码或授权码"))
    imap_folder = line(gettext_lazy("文件夹"), length=200)
    take_existing = _switch(gettext_lazy("把邮箱里原有的邮件也收进来"), gettext_lazy("不勾选时只收启用之后的新邮件"))
    smtp_host = line(gettext_lazy("发信服务器 SMTP"), required=False, placeholder="smtp.example.com")
    smtp_port = forms.IntegerField(label=gettext_lazy("端口"), min_value=1, max_value=65535)
    smtp_security = choice(gettext_lazy("加密"), Mailbox.Security.choices)
    smtp_user = line(gettext_lazy("用户名"), required=False, length=254, autocomplete="off")
    smtp_password = _password(gettext_lazy("密码或授权码"))
    verify_certificate = _switch(gettext_lazy("检查服务器证书"), gettext_lazy("只有内网自签证书才取消"))
    authserv_id = line(
        gettext_lazy("验证结果由哪台服务器签署"), required=False, length=200, placeholder="mx.example.com",
        help=gettext_lazy("邮件头 Authentication-Results 开头的名称。填写后，未通过验证的来信会标为“发件人未通过验证”"),
    )  # fmt: skip
    signature = text(gettext_lazy("签名"), required=False, length=2000, rows=3)
    plus_addressing = _switch(
        gettext_lazy("回复地址带会话编号"),
        gettext_lazy("服务器支持“用户名+编号@域名”时勾选，客户的回复更不容易走散"),
    )
    receipt_enabled = _switch(gettext_lazy("收到新邮件时自动回执"), gettext_lazy("自动回复、群发和退信从不回执"))
    receipt_every_hours = forms.IntegerField(
        label=gettext_lazy("同一发件人多少小时内只回执一次"), min_value=1, max_value=720
    )
    receipt_text = text(
        gettext_lazy("回执内容"), required=False, length=4000, rows=4, help=gettext_lazy("留空用默认内容")
    )

    def values(self) -> dict[str, Any]:
        given = super().values()
        given["unit_id"] = int(given["unit_id"]) if given.get("unit_id") else None
        return given


class SetAsideForm(PageForm):
    """Why a mail needs nothing."""

    reason = line(gettext_lazy("为什么无需处理"), length=200, placeholder=gettext_lazy("例如：垃圾邮件"))


FIELDS = (
    "name",
    "address",
    "unit_id",
    "active",
    "imap_host",
    "imap_port",
    "imap_security",
    "imap_user",
    "imap_folder",
    "take_existing",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "verify_certificate",
    "authserv_id",
    "signature",
    "plus_addressing",
    "receipt_enabled",
    "receipt_every_hours",
    "receipt_text",
)


def initial(row: Mailbox) -> dict[str, Any]:
    """The form's starting values; passwords never leave the server."""
    return {name: getattr(row, name) if getattr(row, name) is not None else "" for name in FIELDS}
