"""Forms about promises."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from yinuo.web.forms.base import PageForm, amount, choice, date, line, text, when


class NewPromiseForm(PageForm):
    """What one said to a customer, and by when."""

    title = line(gettext_lazy("答应了什么"), length=200, placeholder=gettext_lazy("例如：周二下午给您回电"))
    due_at = when(gettext_lazy("最晚什么时候"), help=gettext_lazy("到时间前会提醒您，过了会报给您的上级"))


class ByStandardForm(PageForm):
    """A promise as a standard describes it."""

    standard = choice(gettext_lazy("按哪项服务标准"), [])
    what = line(
        gettext_lazy("具体是什么"), required=False, length=100, placeholder=gettext_lazy("例如：5W-30 机油 20 桶")
    )
    agreed_on = date(
        gettext_lazy("约定或计划的日期"), required=False, help=gettext_lazy("按约定日期起算的、有最短间隔的必填")
    )
    amount = amount(
        gettext_lazy("涉及金额（元）"), required=False, help=gettext_lazy("按金额比例赔付的标准必填，其他可不填")
    )


class KeepForm(PageForm):
    text = line(gettext_lazy("如何履行的"), length=300, placeholder=gettext_lazy("例如：3月3日下午已电话告知客户"))


class FollowUpForm(KeepForm):
    """Done, and when the next one is."""

    next_on = date(gettext_lazy("下次哪一天"), required=False, help=gettext_lazy("计划了就会到日提醒；可以不填"))


class RenewForm(PageForm):
    text = line(
        gettext_lazy("这次答复了什么"), length=300, help=gettext_lazy("尚无结果的答复同样算数；下一次的时限从现在起算")
    )


class PauseForm(PageForm):
    reason = line(gettext_lazy("在等客户的什么"), length=200, placeholder=gettext_lazy("例如：等客户补充购货单据"))


class ReasonForm(PageForm):
    reason = text(gettext_lazy("理由"), rows=3, length=500)


class ExtendForm(ReasonForm):
    """To the next step of the standard, or less."""

    amount = forms.DecimalField(label=gettext_lazy("总时限延长到"), max_digits=8, decimal_places=2)


class LaterForm(ReasonForm):
    """A personal promise gets a new time."""

    due_at = when(gettext_lazy("新的时间"))


class TellForm(PageForm):
    how = line(
        gettext_lazy("如何告知客户的"), length=300, placeholder=gettext_lazy("例如：3月16日 15:00 电话告知，客户同意")
    )


class MakeGoodForm(PageForm):
    text = line(gettext_lazy("如何向客户补偿的"), length=300, placeholder=gettext_lazy("例如：已电话致歉"))
    others = forms.BooleanField(label=gettext_lazy("这次致歉也是为同一件投诉的其他逾期"), required=False, initial=True)


def extend_form(promise: Any) -> type[PageForm]:
    return LaterForm if promise.span_seconds is None else ExtendForm
