"""Forms about wording rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.web.forms.base import PageForm, choice, line, many, text
from yinuo.wording.models import WordingRule
from yinuo.wording.words import CHANNELS, KINDS


class RuleForm(PageForm):
    phrases = text(
        gettext_lazy("不妥的说法"),
        rows=4,
        length=8000,
        help=gettext_lazy(
            "一行一种。(你|您们) 是任选其一，(的|) 可有可无，… 隔开同一句里的两段，# 是数字，^ $ 是行首行尾"
        ),
    )
    instead = text(
        gettext_lazy("可以说"),
        rows=3,
        length=8000,
        required=False,
        help=gettext_lazy("一行一种，写答复的人点一下就换上"),
    )
    why = line(gettext_lazy("为什么不妥"), length=300, help=gettext_lazy("一句话，写答复的人会看到"))
    category = choice(gettext_lazy("类别"), WordingRule.Category.choices)
    level = choice(
        gettext_lazy("级别"),
        WordingRule.Level.choices,
        radio=True,
        help=gettext_lazy("“须主管同意”的说法，没有主管放行就发不出去"),
    )
    kinds = many(gettext_lazy("只在这些性质的互动里"), list(KINDS.items()), help=gettext_lazy("都不选就是都管"))
    channels = many(gettext_lazy("只在这些渠道"), list(CHANNELS.items()), help=gettext_lazy("都不选就是都管"))
    active = forms.BooleanField(label=gettext_lazy("启用"), required=False)


class TryForm(PageForm):
    """A text tried against the rules in force; nothing is written."""

    text = text(gettext_lazy("试一段话"), rows=3, length=5000, required=False)
    about = choice(gettext_lazy("当作"), [("", gettext_lazy("任何性质")), *KINDS.items()], required=False)


class ImportForm(PageForm):
    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        help_text=gettext_lazy(
            "CSV（UTF-8 或 GB18030）或 XLSX，至多 2 MB、2000 行；先导出一份照着改最方便；一格里有几种说法，各占一行"
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def values(self) -> dict[str, Any]:
        return {}
