"""Forms about single sign-on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.identity.models import SignOn
from yinuo.web.forms.base import PageForm, choice, line


def _tick(label: Any, help: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help)


class SignOnForm(PageForm):
    active = _tick(_("启用：登录页上多一个按钮"))
    name = line(_("按钮上的名字"), length=40, placeholder=_("例如：公司账号"))
    issuer = line(_("登录服务的网址（issuer）"), length=300, placeholder="https://login.example.com", inputmode="url")
    client_id = line(_("客户端编号（client id）"), length=200, autocomplete="off")
    secret = forms.CharField(
        label=_("客户端密钥（client secret）"), required=False, max_length=300, strip=True,
        help_text=_("已存的不显示；留空就是不改。换了登录服务要重新填"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    match = choice(_("怎样认出是哪位员工"), SignOn.Match.choices, radio=True)
    creates = _tick(_("认不出的人，自动建一个没有任何角色的账号"), _("管理员给他角色之前，他什么也看不到、做不了"))
    unit_id = choice(_("新账号放在哪个部门"), [], required=False)
    asks_step = _tick(_("还要本系统的两步登录"), _("登录服务自己已经要求两步的，不用勾"))
    only = _tick(_("只许单点登录，不许用密码和通行密钥"), _("登录服务坏了谁也进不来，所以要留一位应急管理员可以用密码"))
    keeper_id = choice(_("应急管理员"), [], required=False)

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values | {name: int(values[name]) if values[name] else None for name in ("unit_id", "keeper_id")}


class SubjectForm(PageForm):
    subject = line(
        _("编号（sub）"), length=255, required=False, autocomplete="off",
        help=_("登录服务里这个人的唯一编号，由它的管理员提供。清空就是断开"),
    )  # fmt: skip
