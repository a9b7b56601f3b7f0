"""Forms about how people get in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.identity.passwords import RULE
from yinuo.kernel.errors import YinuoError
from yinuo.web.forms.base import PageForm, line, many


class LifetimesForm(PageForm):
    idle_minutes = forms.IntegerField(
        label=_("多久不用就退出（分钟）"), help_text=_("页面开着但没有人操作也算不用。5 到 1440"),
        widget=forms.NumberInput(attrs={"min": 5, "max": 1440}),
    )  # fmt: skip
    absolute_hours = forms.IntegerField(
        label=_("最长登录多久（小时）"), help_text=_("到时间必须重新登录，一直在用也一样。1 到 168"),
        widget=forms.NumberInput(attrs={"min": 1, "max": 168}),
    )  # fmt: skip


class CodeForm(PageForm):
    code = line(
        _("六位验证码"),
        length=20,
        autocomplete="one-time-code",
        inputmode="numeric",
        autofocus=True,
        spellcheck="false",
    )
    problem = ""


class RecoveryForm(PageForm):
    code = line(
        _("恢复码"), length=40, autocomplete="off", autofocus=True, spellcheck="false", autocapitalize="characters"
    )
    problem = ""


class AnswerForm(PageForm):
    """What the browser answered for a passkey; filled in by passkey.js."""

    reply = forms.CharField(label=_("通行密钥"), max_length=20000, widget=forms.HiddenInput)
    name = line(_("名称"), required=False, length=60)


class PresentPasswordForm(PageForm):
    password = forms.CharField(
        label=_("您现在的密码"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip


class StepRulesForm(PageForm):
    roles = many(_("哪些角色必须有"), [])
    grace_days = forms.IntegerField(
        label=_("给几天时间去设（宽限期）"), help_text=_("从这次保存、或账号建立起算；0 表示下次登录就要设。0 到 90"),
        widget=forms.NumberInput(attrs={"min": 0, "max": 90}),
    )  # fmt: skip


class ReasonForm(PageForm):
    reason = line(_("原因"), length=200, help=_("写明怎样核实了是本人，例如：当面、视频。记入审计，并告诉本人"))


class UnlockForm(ReasonForm):
    new = forms.CharField(
        label=_("新密码"), max_length=200, strip=False, help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def refuse(self, wrong: YinuoError) -> None:
        wrong.fields = {"new" if name == "password" else name: text for name, text in wrong.fields.items()}
        super().refuse(wrong)
