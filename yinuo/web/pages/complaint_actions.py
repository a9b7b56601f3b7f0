"""Everything that can be done to a complaint: one URL per verb, one small form each, in a dialog or in the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yinuo.complaints.commands import (
    aftermath,
    agreeing,
    answering_for,
    calling_back,
    closing,
    escalating,
    executing,
    handling,
    merging,
    proposing,
    registration,
    restating,
    reviewing,
    talking,
)
from yinuo.complaints.queries.detail import complaint
from yinuo.matters.commands import add_collaborator, add_note, assign_matter, cancel_task, complete_task, create_task
from yinuo.promises.commands import changing, fulfilling, making, pausing
from yinuo.web.forms import complaint_end as end
from yinuo.web.forms import complaint_side as side
from yinuo.web.forms import complaint_stage as stage
from yinuo.web.forms.base import PageForm, submit
from yinuo.web.forms.complaint_register import CorrectForm
from yinuo.web.pages import complaint_starts as starts
from yinuo.web.render import go, is_fragment, render
from yinuo.web.routes import Needs, page

HANDLE, SUPERVISE = "complaint.handle", "complaint.supervise"


@dataclass(frozen=True)
class Action:
    """One verb: its form, its command, what is said afterwards. `subject` names the argument that takes the id in
    the address: the complaint's own, or that of a row of it (then the address has a second number).
    """

    verb: str
    title: Any
    form: type[PageForm]
    command: Callable[..., Any]
    done: Any
    needs: Needs = HANDLE
    subject: str = "complaint_id"
    stale: bool = True
    submit: Any = ""
    template: str = "complaints/plain.jinja"
    confirm: Any = ""
    about: Any = ""
    initial: Callable[[Any, int], dict[str, Any]] | None = None
    options: Callable[[Any], dict[str, Any]] | None = None
    draft: bool = False

    @property
    def nested(self) -> bool:
        return self.subject not in ("complaint_id", "matter_id", "into_id")


def _a(*args: Any, **options: Any) -> Action:
    return Action(*args, **options)


STAGE = (
    _a("acknowledge", _("告知客户"), stage.AcknowledgeForm, handling.acknowledge, _("已告知客户"), initial=starts.acknowledge,
       submit=_("告知客户"), draft=True),
    _a("restate", _("向客户复述"), stage.RestateForm, restating.restate, _("已记下复述"), initial=starts.restate, submit=_("复述")),
    _a("restatement-answer", _("客户对复述的答复"), stage.RestatementAnswerForm, restating.record_restatement_answer,
       _("已记下客户的答复"), subject="restatement_id", stale=False),
    _a("correct", _("更正登记"), CorrectForm, registration.edit_registration, _("登记已更正"), initial=starts.correct),
    _a("assess", _("评审"), stage.AssessForm, handling.assess, _("评审已记下"), initial=starts.assess, submit=_("完成评审"), draft=True),
    _a("start-investigation", _("开始调查"), stage.InvestigateForm, handling.start_investigation, _("已开始调查"),
       submit=_("开始调查")),
    _a("record-finding", _("登记调查结论"), stage.FindingForm, handling.record_finding, _("调查结论已登记"),
       submit=_("登记结论"), draft=True),
    _a("draft-proposal", _("拟定处理方案"), stage.ProposalForm, proposing.draft_proposal, _("方案已保存，核对后提交审批"),
       template="complaints/proposal_form.jinja", initial=starts.proposal, submit=_("保存方案"), draft=True),
    _a("submit-proposal", _("提交审批"), stage.NothingForm, proposing.submit_proposal, _("已提交审批"), submit=_("提交审批"),
       about=_("提交后由有权限的人按金额逐级审批，审批期间不能改方案。")),
    _a("recall-proposal", _("收回方案"), stage.RecallForm, proposing.recall_proposal, _("方案已收回"), submit=_("收回")),
    _a("offer-agreement", _("把协议给客户"), stage.OfferForm, agreeing.offer_agreement, _("协议已生成，请交给客户"),
       initial=starts.offer, submit=_("生成协议"), draft=True),
    _a("agreement-answer", _("登记客户的决定"), stage.AgreementAnswerForm, agreeing.record_agreement_answer, _("已登记客户的决定"),
       subject="agreement_id", stale=True, submit=_("登记")),
    _a("dispatch-items", _("重新下达任务"), stage.NothingForm, executing.dispatch_items, _("任务已下达"), submit=_("下达")),
    _a("finish-execution", _("执行完毕，转回访"), stage.NothingForm, executing.finish_execution, _("已转回访"), submit=_("转回访"),
       about=_("转回访后，由没有经办过这件投诉的同事联系客户。")),
    _a("record-callback", _("登记回访"), side.SatisfactionForm, calling_back.record_callback, _("回访已登记"),
       needs="complaint.callback", submit=_("登记回访"), initial=starts.callback, draft=True),
    _a("close", _("结案"), end.CloseForm, closing.close, _("已结案"), submit=_("结案"), initial=starts.close, draft=True,
       confirm=_("结案后，填写的“给客户的话”会发给客户。确定结案吗？")),
)

ENDS = (
    _a("reject", _("不予受理"), end.RejectForm, closing.reject, _("已处理"), submit=_("不予受理"), initial=starts.reject,
       confirm=_("解释会发给客户（需要主管决定的，先送审批）。确定吗？")),
    _a("withdraw", _("撤诉"), end.WithdrawForm, closing.withdraw, _("已撤诉"), submit=_("登记撤诉"),
       about=_("客户明确不再投诉时登记。没有确认的协议随之失效，以后可以重新打开。")),
    _a("reopen", _("重新打开"), end.ReopenForm, closing.reopen, _("已重新打开，回到调查"), submit=_("重新打开")),
    _a("request-review", _("申请复核"), end.ReviewForm, reviewing.request_review, _("复核申请已提交"), submit=_("申请复核"),
       about=_("由没有经办过的人重新看一遍。")),
    _a("decide-review", _("复核决定"), end.DecideReviewForm, reviewing.decide_review, _("复核已决定"), needs="complaint.review",
       subject="review_id", stale=False),
    _a("merge", _("并案"), end.MergeForm, merging.merge_complaints, _("已并案，客户只会收到一次通知"), needs=SUPERVISE,
       subject="into_id", options=starts.merge_options, submit=_("并到这一件"),
       confirm=_("所选的投诉会并到这一件，材料和未完成的任务一起转来，并告诉客户一次。确定吗？")),
    _a("escalate-out", _("转外部机构"), side.EscalateOutForm, escalating.escalate_out, _("已登记外部升级"), needs=SUPERVISE,
       submit=_("登记")),
    _a("external-result", _("外部机构的结果"), side.ExternalResultForm, escalating.record_external_result, _("结果已登记"),
       needs=SUPERVISE),
)

SIDE = (
    _a("reply", _("答复客户"), side.ReplyForm, talking.reply, _("已答复客户"), stale=False, submit=_("答复"), draft=True,
       template="complaints/reply_form.jinja"),
    _a("note", _("内部记录"), side.NoteForm, add_note, _("已记下"), subject="matter_id", stale=False, needs="matter.handle",
       submit=_("记下"), draft=True),
    _a("task", _("派任务"), side.TaskForm, create_task, _("任务已派出"), subject="matter_id", stale=False, needs="task.create",
       submit=_("派出")),
    _a("task-done", _("完成任务"), side.TaskDoneForm, complete_task, _("任务已完成"), subject="task_id", stale=False,
       needs="task.complete", submit=_("完成")),
    _a("task-cancel", _("取消任务"), side.ReasonForm, cancel_task, _("任务已取消"), subject="task_id", stale=False,
       needs="task.create", submit=_("取消任务")),
    _a("assign", _("换负责人"), side.AssignForm, assign_matter, _("负责人已更换"), subject="matter_id", needs="matter.handle",
       initial=starts.assign, submit=_("更换")),
    _a("collaborate", _("请人协作"), side.CollaboratorForm, add_collaborator, _("已请人协作"), subject="matter_id", stale=False,
       needs="matter.handle", submit=_("邀请")),
    _a("escalate", _("请上级参与"), side.ReasonForm, escalating.escalate, _("已请上级参与"), stale=False, submit=_("升级"),
       about=_("双方相持不下、金额超权限、承诺快要违约、重点客户，都可以请上级参与。")),
    _a("request-reception", _("客户要见领导"), side.ReceptionForm, escalating.request_reception, _("已登记，请接待办公室安排时间"),
       stale=False, submit=_("登记")),
    _a("book-reception", _("安排领导接待"), side.BookForm, escalating.book_reception, _("已预约"), subject="reception_id",
       stale=False, submit=_("预约"), template="complaints/book_form.jinja"),
    _a("record-reception", _("登记接待结果"), side.ReceptionResultForm, escalating.record_reception, _("接待结果已登记"),
       subject="reception_id", stale=False),
    _a("promise", _("个人承诺"), side.PersonalPromiseForm, making.make_personal_promise, _("承诺已记下，到时会提醒您"),
       subject="matter_id", stale=False, needs="promise.make", submit=_("记下承诺"),
       template="complaints/promise_form.jinja"),
    _a("promise-kept", _("承诺已履行"), side.KeptForm, fulfilling.keep_promise, _("承诺已履行"), subject="promise_id", stale=False,
       needs="promise.handle", submit=_("已履行")),
    _a("promise-extend", _("申请延期"), side.ExtensionForm, changing.request_extension, _("延期申请已送审批"),
       subject="promise_id", stale=False, needs="promise.handle", submit=_("申请延期"),
       about=_("说明原因，批准并告知客户后新时间才生效。")),
    _a("promise-waive", _("申请豁免"), side.ReasonForm, changing.request_waiver, _("豁免申请已送审批"), subject="promise_id",
       stale=False, needs="promise.handle", submit=_("申请豁免")),
    _a("promise-pause", _("暂停计时"), side.ReasonForm, pausing.pause_promise, _("已暂停计时"), subject="promise_id", stale=False,
       needs="promise.handle", submit=_("暂停"), about=_("等客户补充材料或答复时暂停；客户一有回音会自动继续。")),
    _a("promise-resume", _("继续计时"), stage.NothingForm, pausing.resume_promise, _("已继续计时"), subject="promise_id", stale=False,
       needs="promise.handle", submit=_("继续")),
)

AFTER = (
    _a("correction", _("根因和纠正措施"), end.CorrectionForm, aftermath.plan_correction, _("纠正措施已登记"), stale=False,
       submit=_("登记"), draft=True),
    _a("correction-done", _("措施完成"), end.NoteOnlyForm, aftermath.finish_correction, _("已登记完成"), subject="corrective_id",
       stale=False),
    _a("recurrence", _("复查"), end.RecurrenceForm, aftermath.check_recurrence, _("复查已登记"), subject="corrective_id",
       stale=False),
    _a("repair", _("关系修复计划"), end.RepairForm, aftermath.plan_repair, _("修复计划已登记"), stale=False, submit=_("登记")),
    _a("repair-done", _("修复计划完成"), end.ResultForm, aftermath.finish_repair, _("已登记结果"), subject="repair_id", stale=False),
    _a("improvement", _("改进建议上报"), end.ImprovementForm, aftermath.propose_improvement, _("改进建议已上报"), stale=False,
       submit=_("上报")),
    _a("improvement-answer", _("答复改进建议"), end.AnswerImprovementForm, aftermath.answer_improvement, _("已答复"),
       needs=SUPERVISE, subject="improvement_id", stale=False),
    _a("publish", _("内部通报"), end.PublishForm, aftermath.publish, _("已通报"), needs=SUPERVISE, stale=False, submit=_("发布通报"),
       confirm=_("通报会让所选范围内的同事看到。确定发布吗？")),
    _a("reward", _("感谢客户"), end.RewardForm, aftermath.reward, _("已感谢客户"), stale=False, submit=_("感谢客户"),
       confirm=_("感谢的话会发给客户。确定吗？")),
    _a("library", _("案例库"), end.LibraryForm, aftermath.put_in_library, _("案例库已更新"), stale=False, initial=starts.library),
    _a("responsibility", _("责任认定"), end.ResponsibilityForm, answering_for.propose_responsibility, _("已提出，等领导决定"),
       needs=SUPERVISE, stale=False, submit=_("提出"), about=_("按此人以往已认定的次数给出建议：一次警告，二次处罚，三次建议辞退；由领导决定。")),
    _a("responsibility-decide", _("决定责任"), end.DecideResponsibilityForm, answering_for.decide_responsibility, _("已决定"),
       needs="complaint.responsibility", subject="responsibility_id", stale=False, initial=starts.responsibility),
)

ACTIONS: dict[str, Action] = {a.verb: a for a in (*STAGE, *ENDS, *SIDE, *AFTER)}


def make_form(request: HttpRequest, action: Action, row: Any, child: int = 0) -> PageForm:
    """The form of an action for this complaint, filled with what is known."""
    initial = action.initial(row, child) if action.initial else None
    options = action.options(row) if action.options else {}
    version = (row.matter.version if action.subject == "matter_id" else row.version) if action.stale else None
    return action.form.of(request, initial, version=version, auto_id=f"{action.verb}_%s", **options)


def _view(action: Action) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    def act(request: HttpRequest, complaint_id: int, child: int = 0) -> HttpResponse:
        row = complaint(complaint_id)
        form = make_form(request, action, row, child)
        subject = {action.subject: child or complaint_id}
        if submit(request, form, action.command, stale=action.stale, **subject):
            return go(request, "complaint", complaint_id, toast=str(action.done))
        target = request.headers.get("HX-Target") or "dialog-body"
        return render(request, "complaints/action.jinja", {
            "section": "complaints", "row": row, "action": action, "form": form, "child": child,
            "part": f"#{target}" if is_fragment(request) else "", "place": target if is_fragment(request) else "page",
        }, part="panel")

    return act


routes = [
    page(f"complaints/<int:complaint_id>/{a.verb}/" + ("<int:child>/" if a.nested else ""), _view(a), needs=a.needs,
         name=f"complaint_{a.verb.replace('-', '_')}")
    for a in ACTIONS.values()
]
