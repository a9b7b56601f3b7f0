"""顾客投诉登记表: the few fields a call needs first, the rest folded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.rules import choices
from yinuo.web.forms.base import PageForm, amount, choice, date, line, text, when

CHANNELS = [(c.value, c.label) for c in (choices.Channel.PHONE, choices.Channel.VISIT, choices.Channel.LETTER)]
PRODUCT = ("product", "batch", "produced_on", "used_on", "equipment", "conditions", "used_before")
JUDGE = ("kind", "subkind", "severity", "temperament")
MORE = ("email", "customer_kind", "title", "occurred_on", "received_at", "demand_amount")
SUBKINDS = [("", _("（不细分）"))] + [
    (choices.Kind(kind).label, [(s.value, s.label) for s in subs]) for kind, subs in choices.SUBKINDS.items() if subs
]


class RegisterForm(PageForm):
    """What a customer tells us on the phone, in person or by letter."""

    takes_files = True
    channel = choice(_("渠道"), CHANNELS, radio=True)
    phone = line(_("电话"), required=False, length=32, inputmode="tel", autocomplete="off", data_guess="1")
    name = line(_("投诉人"), required=False, length=80, autocomplete="off", help=_("认出老客户时自动填写"))
    content = text(_("投诉内容"), length=20000, rows=5, placeholder=_("按客户原话记录：什么时间、什么产品、发生了什么"))
    demand = text(_("客户要求"), required=False, length=5000, rows=2, placeholder=_("客户希望怎样解决"))
    customer_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    interaction_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    accepted_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    wants_leader = forms.BooleanField(label=_("客户要求领导接待"), required=False)

    email = forms.CharField(
        label=_("邮箱"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
    )
    customer_kind = choice(
        _("客户类型"), [("person", _("个人")), ("organisation", _("单位"))], required=False, radio=True
    )
    title = line(_("标题"), required=False, length=120, help=_("不填时取投诉内容的开头"))
    occurred_on = date(_("发生日期"), required=False)
    received_at = when(_("收到时间"), required=False, help=_("不填就是现在；补登昨天的电话时填写"))
    demand_amount = amount(_("索赔金额（元）"), required=False)

    product = line(_("产品或服务"), required=False, length=120)
    batch = line(_("批号"), required=False, length=60)
    produced_on = date(_("生产日期"), required=False)
    used_on = date(_("开始使用日期"), required=False)
    equipment = line(_("使用设备"), required=False, length=200)
    conditions = text(_("使用条件"), required=False, length=5000, rows=2)
    used_before = line(_("以前使用的产品"), required=False, length=200)

    kind = choice(_("投诉类别"), choices.Kind.choices, required=False, empty=_("评审时再定"))
    subkind = choice(_("细类"), SUBKINDS, required=False)
    severity = choice(_("严重程度"), choices.Severity.choices, required=False, radio=True)
    temperament = choice(_("客户类型提示"), choices.Temperament.choices, required=False, empty=_("还看不出"))

    def groups(self) -> list[dict[str, Any]]:
        """The folded parts; one with something typed or wrong in it stands open."""
        found = [
            ("more", _("更多登记内容"), MORE),
            ("product", _("产品情况"), PRODUCT),
            ("judge", _("初步印象"), JUDGE),
        ]
        return [
            {"key": key, "title": title, "fields": [self[n] for n in names], "open": self._touched(names)}
            for key, title, names in found
        ]

    def _touched(self, names: tuple[str, ...]) -> bool:
        defaults = {"customer_kind": "person", "severity": "ordinary"}
        return any(self[n].errors or (self[n].value() or "") not in ("", defaults.get(n, "")) for n in names)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not (data.get("customer_id") or data.get("accepted_id")) and not any(
            data.get(n) for n in ("phone", "name", "email")
        ):
            self.add_error("phone", _("请留下客户的电话或姓名，否则没法回复"))
        return data

    def values(self) -> dict[str, Any]:
        """Only what was filled in; an agent who speaks with the customer vouches for the number."""
        data = {k: v for k, v in super().values().items() if v not in (None, "")}
        if data["channel"] in ("phone", "visit"):
            data["verified_how"] = "agent"
        return data


class CorrectForm(PageForm):
    """Correct what was registered."""

    content = text(_("投诉内容"), length=20000, rows=5)
    demand = text(_("客户要求"), required=False, length=5000, rows=2)
    demand_amount = amount(_("索赔金额（元）"), required=False)
    complainant = line(_("投诉人"), required=False, length=80)
    occurred_on = date(_("发生日期"), required=False)
    product = line(_("产品或服务"), required=False, length=120)
    batch = line(_("批号"), required=False, length=60)
    produced_on = date(_("生产日期"), required=False)
    used_on = date(_("开始使用日期"), required=False)
    equipment = line(_("使用设备"), required=False, length=200)
    conditions = text(_("使用条件"), required=False, length=5000, rows=2)
    used_before = line(_("以前使用的产品"), required=False, length=200)
