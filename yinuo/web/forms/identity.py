"""Forms about departments, staff, roles and keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.identity.grants import GRANTS
from yinuo.identity.models import Role, Unit
from yinuo.identity.passwords import RULE
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, amount, choice, date, line, many, when

ALL_GRANTS = [(grant.code, grant.label) for grant in GRANTS]


def numbered(values: dict[str, Any]) -> dict[str, Any]:
    """Ids as numbers, blanks as None."""
    return {key: (int(value) if value else None) if key.endswith("_id") else value for key, value in values.items()}


class IdForm(PageForm):
    def values(self) -> dict[str, Any]:
        return numbered(super().values())


class NewUnitForm(IdForm):
    name = line(gettext_lazy("部门名称"), length=80)
    code = forms.SlugField(
        label=gettext_lazy("代码"),
        max_length=40,
        widget=forms.TextInput(),
        help_text=gettext_lazy("小写字母、数字和短横，例如 jc-desk；建好后不能改"),
    )
    kind = choice(gettext_lazy("类型"), Unit.Kind.choices, radio=True)
    parent_id = choice(gettext_lazy("上级部门"), [], required=False)


class UnitForm(IdForm):
    name = line(gettext_lazy("部门名称"), length=80)
    parent_id = choice(gettext_lazy("上级部门"), [], required=False)
    head_id = choice(gettext_lazy("负责人"), [], required=False)
    takes_intake = forms.BooleanField(
        label=gettext_lazy("接收来件"),
        required=False,
        help_text=gettext_lazy("门户、邮箱和接口来的，没有指定部门的都先到这里；只有一个部门，勾上就从原来的换过来"),
    )
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False)


class StaffForm(IdForm):
    name = line(gettext_lazy("姓名"), length=60)
    unit_id = choice(gettext_lazy("部门"), [])
    role_codes = many(gettext_lazy("角色"), [], required=True)
    manager_id = choice(gettext_lazy("直接上级"), [], required=False, help=gettext_lazy("承诺超期时先升级给他"))
    phone = line(gettext_lazy("电话"), required=False, length=20)
    email = forms.EmailField(label=gettext_lazy("电子邮件"), required=False, max_length=200, widget=forms.TextInput())
    active = forms.BooleanField(label=gettext_lazy("账号在用"), required=False)


class NewStaffForm(StaffForm):
    username = line(gettext_lazy("登录名"), length=60, autocomplete="off")
    integration = forms.BooleanField(
        label=gettext_lazy("接口账号"),
        required=False,
        help_text=gettext_lazy("给其他系统用：不能登录，不用填密码，只通过接口密钥按所选角色办事"),
    )
    password = forms.CharField(
        label=gettext_lazy("初始密码"),
        max_length=200,
        strip=False,
        required=False,
        help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    active = None  # type: ignore[assignment]
    field_order = (
        "username", "name", "integration", "password", "unit_id", "role_codes", "manager_id", "phone", "email",
    )  # fmt: skip


class AbsenceForm(PageForm):
    starts_on = date(gettext_lazy("从哪天起"))
    ends_on = date(gettext_lazy("到哪天止"), help=gettext_lazy("当天也算不在岗"))
    substitute_id = pick.number(
        gettext_lazy("由谁代审批"),
        pick.staff_options,
        help=gettext_lazy("这段时间等您审批的申请由他代办，记录写明是代您审批；他自己提出的申请不能代批"),
    )
    note = line(gettext_lazy("说明"), required=False, length=120, placeholder=gettext_lazy("例如：年假、出差"))


class ResetForm(PageForm):
    new = forms.CharField(
        label=gettext_lazy("新密码"),
        max_length=200,
        strip=False,
        help_text=RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def refuse(self, wrong: Any) -> None:
        wrong.fields = {"new" if name == "password" else name: text for name, text in wrong.fields.items()}
        super().refuse(wrong)


class RoleForm(PageForm):
    grants = many(gettext_lazy("权限"), ALL_GRANTS)
    matter_scope = choice(gettext_lazy("能看到的事项"), [(str(v), label) for v, label in Role.SCOPES], radio=True)
    customer_scope = choice(gettext_lazy("能看到的客户"), [(str(v), label) for v, label in Role.SCOPES], radio=True)
    approval_limit = amount(
        gettext_lazy("审批限额（元）"), required=False, help=gettext_lazy("不填表示没有审批金额权限")
    )


class KeyForm(IdForm):
    name = line(gettext_lazy("名称"), length=60, help=gettext_lazy("写明给哪个系统用"))
    staff_id = choice(
        gettext_lazy("代表谁"),
        [],
        help=gettext_lazy("数据范围与所选账号相同，审计里记在它名下。给其他系统用，请先在“员工”里建一个接口账号"),
    )
    expires_at = when(gettext_lazy("到期时间"), required=False, help=gettext_lazy("不填表示一直有效，直到吊销"))
    grants = many(
        gettext_lazy("权限"), ALL_GRANTS, required=True, help=gettext_lazy("只给用得着的；所选账号没有的权限会略去")
    )
