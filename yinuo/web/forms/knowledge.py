"""Forms about articles and reply templates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.complaints.states import MAIN_LINE, STAGE_LABELS
from yinuo.knowledge.models import Content, ReplyTemplate
from yinuo.matters.models import Matter
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, choice, date, line, many, text

STAGES = [(stage.value, STAGE_LABELS[stage]) for stage in MAIN_LINE]


class ArticleForm(PageForm):
    title = line(gettext_lazy("标题"), length=120)
    kind = choice(gettext_lazy("种类"), Content.Kind.choices, radio=True)
    body = text(gettext_lazy("内容"), length=50000, rows=16)
    category = line(
        gettext_lazy("分类"), required=False, length=40, help=gettext_lazy("例如行业或产品线：邮政、润滑油")
    )
    keywords = line(
        gettext_lazy("关键词"), required=False, length=900, help=gettext_lazy("用顿号或逗号隔开；客户会怎么说也写上")
    )
    matters = many(gettext_lazy("办哪些事项时用得上"), Matter.Kind.choices)
    visibility = choice(gettext_lazy("给谁看"), Content.Visibility.choices, radio=True)
    unit_id = pick.unit(
        gettext_lazy("只给哪个部门看"), help=gettext_lazy("不指定就是全公司；指定了，这个部门和下级部门看得到")
    )
    note = line(gettext_lazy("这一版改了什么"), required=False, length=300)


class PublishForm(PageForm):
    review_by = date(
        gettext_lazy("下次复查日期"), required=False, help=gettext_lazy("到这一天还没人复查，文章会标记为过期")
    )


class ReturnForm(PageForm):
    comment = text(gettext_lazy("要改什么"), length=500, rows=3)


class ReasonForm(PageForm):
    reason = text(gettext_lazy("原因"), length=300, rows=3)


class TemplateForm(PageForm):
    name = line(gettext_lazy("名称"), length=60)
    text = text(gettext_lazy("内容"), length=5000, rows=9)
    stage = choice(gettext_lazy("用在投诉的哪一步"), STAGES, required=False, empty=gettext_lazy("不限"))
    channel = choice(gettext_lazy("渠道"), ReplyTemplate.CHANNELS, required=False)
    shared = forms.BooleanField(label=gettext_lazy("大家共用"), required=False)

    def values(self) -> dict[str, Any]:
        """Who may not keep templates for everybody is not asked, and keeps their own."""
        return {"shared": False, **super().values()}
