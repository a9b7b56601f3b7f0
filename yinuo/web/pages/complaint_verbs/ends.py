"""The side ways out, and back in."""

from django.utils.translation import gettext_lazy as _

from yinuo.complaints.commands import closing, merging, outside, reviewing
from yinuo.web.forms import complaint_end as end
from yinuo.web.forms import complaint_side as side
from yinuo.web.pages import complaint_starts as starts
from yinuo.web.pages.complaint_verbs.action import SUPERVISE, Action

ENDS = (
    Action(
        "reject",
        _("不予受理"),
        end.RejectForm,
        closing.reject,
        _("已处理"),
        submit=_("不予受理"),
        initial=starts.reject,
        confirm=_("解释会告诉客户（需要主管决定的，先送审批）。确定吗？"),
    ),
    Action(
        "withdraw",
        _("撤诉"),
        end.WithdrawForm,
        closing.withdraw,
        _("已撤诉"),
        submit=_("登记撤诉"),
        about=_("客户明确不再投诉时登记。没有确认的协议随之失效，以后可以重新打开。"),
    ),
    Action("reopen", _("重新打开"), end.ReopenForm, closing.reopen, _("已重新打开，回到调查"), submit=_("重新打开")),
    Action(
        "request-review",
        _("申请复核"),
        end.ReviewForm,
        reviewing.request_review,
        _("复核申请已提交"),
        submit=_("申请复核"),
        about=_("由没有经办过的人重新看一遍。"),
    ),
    Action(
        "decide-review",
        _("复核决定"),
        end.DecideReviewForm,
        reviewing.decide_review,
        _("复核已决定"),
        needs="complaint.review",
        subject="review_id",
        stale=False,
    ),
    Action(
        "merge",
        _("并案"),
        end.MergeForm,
        merging.merge_complaints,
        _("已并案，客户只告知一次"),
        needs=SUPERVISE,
        subject="into_id",
        options=starts.merge_options,
        submit=_("并到这一件"),
        confirm=_("所选的投诉会并到这一件，材料和未完成的任务一起转来，并告诉客户一次。确定吗？"),
    ),
    Action(
        "escalate-out",
        _("转外部机构"),
        side.EscalateOutForm,
        outside.escalate_out,
        _("已登记外部升级"),
        needs=SUPERVISE,
        submit=_("登记"),
    ),
    Action(
        "external-reference",
        _("外部受理编号"),
        side.ExternalReferenceForm,
        outside.set_external_reference,
        _("受理编号已登记"),
        needs=SUPERVISE,
        initial=starts.external_reference,
        submit=_("登记"),
    ),
    Action(
        "external-result",
        _("外部机构的结果"),
        side.ExternalResultForm,
        outside.record_external_result,
        _("结果已登记"),
        needs=SUPERVISE,
    ),
)
