"""Forms of the ends of a complaint and of what follows: close, reject, review, merge, root cause, blame."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.rules import choices
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, amount, answer, choice, date, line, many, text

#: Words that nobody need have said yet: where the channel carries none, whoever handles the case is asked to say them.
VIA = [
    ("", _("原渠道（邮件、网上直接发出；电话、来访、信件会请负责人告知后登记）")),
    ("told", _("已经口头告知")),
    ("email", _("发邮件")),
]


class CloseForm(PageForm):
    outcome = text(_("处理结果"), length=5000, rows=3)
    thanks = answer(
        _("给客户的话"), "complaint", required=False, length=5000, rows=2, help=_("会告诉客户；不写就不用告知")
    )
    via = choice(_("怎样送达"), VIA, required=False, radio=True)
    lesson = text(_("经验"), required=False, length=5000, rows=2, placeholder=_("下次遇到同样的事怎样做得更好"))
    in_library = forms.BooleanField(label=_("放入案例库，供以后参考"), required=False)


class RejectForm(PageForm):
    """Courteous refusal: explained, and only with the customer's understanding or a supervisor's decision."""

    explanation = answer(_("给客户的解释"), "complaint", length=5000, rows=5, help=_("有礼有据；会告诉客户"))
    ground = choice(_("怎样了结"), [("understood", _("客户已表示理解")), ("supervisor", _("由主管决定"))], radio=True)
    understood_how = text(_("客户是怎样表示理解的"), required=False, length=2000, rows=2)
    decision = text(
        _("主管的决定"), required=False, length=2000, rows=2, help=_("您没有督办权限时不用填，提交后会请主管审批")
    )
    via = choice(_("怎样送达"), VIA, required=False, radio=True)

    def values(self) -> dict[str, Any]:
        data = super().values()
        data["understood"] = data.pop("ground") == "understood"
        return data


class WithdrawForm(PageForm):
    reason = text(_("客户撤诉的原因"), length=2000, rows=3, placeholder=_("记录客户的原话"))


class ReopenForm(PageForm):
    reason = text(_("重新打开的原因"), length=2000, rows=3)


class ReviewForm(PageForm):
    reason = text(_("申请复核的理由"), length=5000, rows=3)
    asked_by = line(_("谁提出的"), required=False, length=80, help=_("客户提出的写客户姓名；不填就是您"))


class DecideReviewForm(PageForm):
    overturned = pick.yes_no(_("复核结果"), _("改判，重新处理"), _("维持原处理"))
    decision = answer(_("复核意见"), "complaint", length=5000, rows=4)
    tell_customer = forms.BooleanField(label=_("把复核意见告诉客户"), required=False, initial=True)
    via = choice(_("怎样送达"), VIA, required=False, radio=True)


class MergeForm(PageForm):
    """The other open complaints of this customer."""

    complaint_ids = many(_("把哪些投诉并到这一件"), [])
    reason = text(_("并案的原因"), length=500, rows=2)
    via = choice(_("怎样告诉客户（只告诉一次）"), VIA, required=False, radio=True)

    def __init__(self, *args: Any, others: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["complaint_ids"] = many(self.fields["complaint_ids"].label, others, required=True)
        self.fields["complaint_ids"].error_messages["required"] = str(_("请选择要并入的投诉"))
        self.fields = {name: self.fields[name] for name in (*self.PLUMBING[:2], "complaint_ids", "reason", "via")}

    def values(self) -> dict[str, Any]:
        data = super().values()
        return {**data, "complaint_ids": [int(pk) for pk in data["complaint_ids"]]}


class CorrectionForm(PageForm):
    root_cause = text(_("根因"), length=5000, rows=3)
    action = text(_("纠正措施"), length=5000, rows=3)
    unit_id = pick.unit(_("负责部门"))
    owner_id = pick.staff(_("负责人"), help=_("不选就是您"))
    due_on = date(_("完成期限"))
    check_on = date(_("复查日期"), help=_("到那天看有没有再发生"))


class NoteOnlyForm(PageForm):
    note = text(_("完成情况"), length=5000, rows=3)


class RecurrenceForm(PageForm):
    recurrence = choice(_("复查结果"), choices.Recurrence.choices, radio=True)
    note = text(_("复查情况"), length=5000, rows=3)


class RepairForm(PageForm):
    goal = text(_("目标"), length=2000, rows=2)
    steps = text(_("步骤"), length=5000, rows=3)
    owner_id = pick.staff(_("负责人"), help=_("不选就是您"))
    due_on = date(_("什么时候前完成"), required=False)


class ResultForm(PageForm):
    result = text(_("结果"), length=5000, rows=3)


class ImprovementForm(PageForm):
    title = line(_("标题"), length=120)
    demand = text(_("客户诉求"), length=5000, rows=3)
    suggestion = text(_("改进建议"), length=5000, rows=3)
    addressed_to_id = pick.unit(_("报给哪个部门"))


class AnswerImprovementForm(PageForm):
    accepted = pick.yes_no(_("是否采纳"), _("采纳"), _("不采纳"))
    # Django takes fields off the class, so the base's own `answer` is not touched.
    answer = text(_("答复"), length=5000, rows=3)  # type: ignore[assignment]


class PublishForm(PageForm):
    title = line(_("标题"), length=120)
    text = text(_("内容"), length=20000, rows=6, help=_("不能出现客户的姓名和联系方式"))
    unit_id = pick.unit(_("通报范围"), help=_("不选就是全公司"))


class RewardForm(PageForm):
    reason = text(_("为什么感谢"), length=2000, rows=2)
    thanks = answer(_("感谢的话"), "care", length=2000, rows=3, help=_("会告诉客户"))
    gift = line(_("礼品"), required=False, length=120)
    worth = amount(_("价值（元）"), required=False)
    via = choice(_("怎样送达"), VIA, required=False, radio=True)


class LibraryForm(PageForm):
    in_library = forms.BooleanField(label=_("放入案例库"), required=False, initial=True)
    lesson = text(_("经验"), required=False, length=5000, rows=4)


class ResponsibilityForm(PageForm):
    staff_id = pick.staff(_("责任人"), required=True)
    fault = text(_("过错事实"), length=5000, rows=3)


class DecideResponsibilityForm(PageForm):
    step = choice(_("决定"), [*choices.DisciplineStep.choices, ("none", _("不予追究"))], radio=True)
    decision = text(_("理由"), length=5000, rows=3)

    def values(self) -> dict[str, Any]:
        data = super().values()
        return {**data, "step": "" if data["step"] == "none" else data["step"]}
