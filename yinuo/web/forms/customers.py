"""Forms about customers."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.customers.models import ChannelIdentity, Contact, Customer, CustomerNote
from yinuo.customers.rules import SOURCES
from yinuo.web.forms.base import PageForm, amount, choice, date, line, text

PERSON_PROFILE = ("job", "interests", "temperament", "birthday", "family", "relations")
ORGANISATION_PROFILE = ("business", "channels", "situation", "since")
#: Fields whose plain value is shown only after a reason: the form never holds it, and left empty it stays.
MASKED = ("address", "uscc", "profile_birthday", "profile_family")


class CardForm(PageForm):
    """Page one of the card: background, and the personal page of a person."""

    name = line(gettext_lazy("姓名或单位名称"), length=120, autocomplete="off")
    status = choice(gettext_lazy("状态"), Customer.Status.choices)
    source = choice(gettext_lazy("来源"), list(SOURCES.items()), required=False, empty=gettext_lazy("未填"))
    industry = line(gettext_lazy("行业"), required=False, length=60)
    size = line(gettext_lazy("规模"), required=False, length=40)
    region = line(gettext_lazy("地区"), required=False, length=60)
    address = line(gettext_lazy("地址"), required=False)
    uscc = line(
        gettext_lazy("统一社会信用代码"),
        required=False,
        length=30,
        help=gettext_lazy("18 位，会核对校验码"),
        autocapitalize="characters",
    )
    profile_job = line(gettext_lazy("职务"), required=False, length=60)
    profile_interests = line(gettext_lazy("兴趣爱好"), required=False)
    profile_temperament = line(gettext_lazy("性格特点"), required=False)
    profile_birthday = date(gettext_lazy("生日"), required=False)
    profile_family = line(gettext_lazy("家庭情况"), required=False)
    profile_relations = line(gettext_lazy("人际关系"), required=False)
    profile_business = line(gettext_lazy("主营业务"), required=False)
    profile_channels = line(gettext_lazy("购买渠道"), required=False)
    profile_situation = text(gettext_lazy("经营状况"), required=False, length=2000, rows=3)
    profile_since = line(gettext_lazy("往来起始"), required=False, length=40)

    def show_both(self, current) -> None:
        super().show_both(current)
        hidden = {str(self.fields[name].label) for name in MASKED}
        for row in self.stale or []:
            if row["label"] in hidden:
                row["now"] = _("（不直接显示，可在客户卡上写明理由查看）") if row["now"] else ""
        self.stale = [row for row in self.stale or [] if row["mine"] or row["label"] not in hidden]

    def values(self):
        plain = {name: value for name, value in super().values().items() if value or name not in MASKED}
        profile = {}
        for key in [k for k in plain if k.startswith("profile_")]:
            value = plain.pop(key)
            profile[key.removeprefix("profile_")] = value.isoformat() if hasattr(value, "isoformat") else value or ""
        return {**plain, "profile": profile}


class NewCustomerForm(CardForm):
    """A new customer, with the addresses they reach us by."""

    kind = choice(gettext_lazy("类型"), Customer.Kind.choices, radio=True)
    phone = line(gettext_lazy("电话"), required=False, length=40, inputmode="tel", autocomplete="off")
    email = line(gettext_lazy("电子邮件"), required=False, length=254, inputmode="email", autocomplete="off")
    checked = forms.BooleanField(label=gettext_lazy("已当面或回拨核实这是本人的号码"), required=False)

    def values(self):
        plain = super().values()
        phone, email, checked = plain.pop("phone"), plain.pop("email"), plain.pop("checked")
        identities = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value]
        profile = {key: value for key, value in plain.pop("profile").items() if value}
        return {**plain, "profile": profile, "identities": identities, "verified_how": "agent" if checked else ""}


class NoteForm(PageForm):
    with_whom = choice(gettext_lazy("与谁"), CustomerNote.With.choices, radio=True)
    happened_on = date(gettext_lazy("发生日期"))
    text = text(gettext_lazy("重要事项"), rows=4, length=5000)


class IdentityForm(PageForm):
    kind = choice(gettext_lazy("渠道"), [c for c in ChannelIdentity.Kind.choices if c[0] != "visitor"])
    value = line(gettext_lazy("号码或地址"), length=254)
    checked = forms.BooleanField(label=gettext_lazy("已核实是本人"), required=False)

    def values(self):
        plain = super().values()
        return {"kind": plain["kind"], "value": plain["value"], "verified_how": "agent" if plain["checked"] else ""}

    def refuse(self, wrong) -> None:
        wrong.fields = {
            "value" if name in ("phone", "email", "wechat") else name: sentence
            for name, sentence in wrong.fields.items()
        }
        super().refuse(wrong)


class ContactForm(PageForm):
    person = line(gettext_lazy("联系人姓名"), length=120)
    phone = line(gettext_lazy("电话"), required=False, length=40, inputmode="tel")
    role = choice(gettext_lazy("角色"), Contact.Role.choices)
    title = line(gettext_lazy("职务"), required=False, length=60)


class GradeForm(PageForm):
    grade = choice(gettext_lazy("建议级别"), Customer.Grade.choices, radio=True)
    reason = line(gettext_lazy("理由"), length=300, help=gettext_lazy("写明往来次数、金额、年限等依据，确认人会看到"))


class PurchaseForm(PageForm):
    bought_on = date(gettext_lazy("购买日期"))
    what = line(gettext_lazy("买了什么"), length=120)
    amount = amount(gettext_lazy("金额（元）"))


class RevealForm(PageForm):
    reason = line(
        gettext_lazy("查看原因"), length=200, autofocus=True, help=gettext_lazy("谁在什么时候为什么查看，会记入审计")
    )

    def clean_reason(self) -> str:
        reason = str(self.cleaned_data["reason"])
        if len(reason.strip()) < 2:
            raise forms.ValidationError(_("请至少写两个字，说明为什么要看。"))
        return reason
