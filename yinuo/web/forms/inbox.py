"""Forms about conversations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.conversations.models import Channel, Interaction
from yinuo.matters.plain import BY_HAND, PLAIN
from yinuo.web.forms.base import PageForm, answer, choice, line, text, when


class ReplyForm(PageForm):
    subject = line(gettext_lazy("主题"), required=False, length=300)
    text = answer(gettext_lazy("回复"), rows=6, length=100000)
    kind = choice(gettext_lazy("性质"), Interaction.Kind.choices)
    takes_files = True


class RaiseForm(PageForm):
    kind = choice(gettext_lazy("类型"), [(kind.value, kind.label) for kind in PLAIN], radio=True)
    title = line(gettext_lazy("一句话概括"), length=200)


class ContactForm(PageForm):
    channel = choice(gettext_lazy("方式"), [(c.value, c.label) for c in Channel if c in BY_HAND], radio=True)
    direction = choice(
        gettext_lazy("方向"), [("in", gettext_lazy("客户找我们")), ("out", gettext_lazy("我们找客户"))], radio=True
    )
    name = line(gettext_lazy("客户姓名"), required=False, length=120, autocomplete="off")
    phone = line(gettext_lazy("电话"), required=False, length=40, inputmode="tel", autocomplete="off")
    email = line(gettext_lazy("电子邮件"), required=False, length=254, inputmode="email", autocomplete="off")
    kind = choice(gettext_lazy("性质"), Interaction.Kind.choices)
    happened_at = when(gettext_lazy("发生时间"), required=False, help=gettext_lazy("不填就是现在"))
    text = text(
        gettext_lazy("说了什么"), rows=7, length=100000, help=gettext_lazy("尽量记原话；答应了客户什么，也写上")
    )
    customer_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    takes_files = True

    def values(self) -> dict[str, Any]:
        """Who was picked, if anybody; an agent who speaks with the customer vouches for the number."""
        data = super().values()
        if not data.get("customer_id"):
            data.pop("customer_id", None)
        return {**data, "verified_how": "agent" if data["channel"] in (Channel.PHONE, Channel.VISIT) else ""}
