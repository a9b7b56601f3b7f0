"""What may be done at any stage: words, tasks, people, promises, reception."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from yinuo.complaints.commands import escalating, talking
from yinuo.matters.commands import add_collaborator, add_note, assign_matter, cancel_task, complete_task, create_task
from yinuo.promises.commands import changing, extending, fulfilling, pausing, personal
from yinuo.web.forms import complaint_side as side
from yinuo.web.forms import complaint_stage as stage
from yinuo.web.forms.matters import TaskDoneForm
from yinuo.web.pages import complaint_starts as starts
from yinuo.web.pages.complaint_verbs.action import Action

on_promise = partial(Action, subject="promise_id", stale=False, needs="promise.handle")
on_task = partial(Action, subject="task_id", stale=False)
on_matter = partial(Action, subject="matter_id", stale=False)
on_reception = partial(Action, subject="reception_id", stale=False)

SIDE = (
    Action(
        "reply",
        _("答复客户"),
        side.ReplyForm,
        talking.reply,
        _("已答复客户"),
        stale=False,
        submit=_("答复"),
        draft=True,
        template="complaints/reply_form.jinja",
    ),
    on_matter(
        "note",
        _("内部记录"),
        side.NoteForm,
        add_note,
        _("已记下"),
        needs="matter.handle",
        submit=_("记下"),
        draft=True,
    ),
    on_matter(
        "task",
        _("派任务"),
        side.TaskForm,
        create_task,
        _("任务已派出"),
        needs="task.create",
        submit=_("派出"),
    ),
    on_task(
        "task-done",
        _("完成任务"),
        TaskDoneForm,
        complete_task,
        _("任务已完成"),
        initial=starts.task_done,
        needs="task.complete",
        submit=_("完成"),
    ),
    on_task(
        "task-cancel",
        _("取消任务"),
        side.ReasonForm,
        cancel_task,
        _("任务已取消"),
        needs="task.create",
        submit=_("取消任务"),
    ),
    Action(
        "assign",
        _("换负责人"),
        side.AssignForm,
        assign_matter,
        _("负责人已更换"),
        subject="matter_id",
        needs="matter.handle",
        initial=starts.assign,
        submit=_("更换"),
    ),
    on_matter(
        "collaborate",
        _("请人协作"),
        side.CollaboratorForm,
        add_collaborator,
        _("已请人协作"),
        needs="matter.handle",
        submit=_("邀请"),
    ),
    Action(
        "escalate",
        _("请上级参与"),
        side.ReasonForm,
        escalating.escalate,
        _("已请上级参与"),
        stale=False,
        submit=_("升级"),
        about=_("双方相持不下、金额超权限、承诺快要违约、重点客户，都可以请上级参与。"),
    ),
    Action(
        "request-reception",
        _("客户要见领导"),
        side.ReceptionForm,
        escalating.request_reception,
        _("已登记，请接待办公室安排时间"),
        stale=False,
        submit=_("登记"),
    ),
    on_reception(
        "book-reception",
        _("安排领导接待"),
        side.BookForm,
        escalating.book_reception,
        _("已预约"),
        submit=_("预约"),
        template="complaints/book_form.jinja",
    ),
    on_reception(
        "record-reception",
        _("登记接待结果"),
        side.ReceptionResultForm,
        escalating.record_reception,
        _("接待结果已登记"),
    ),
    on_matter(
        "promise",
        _("个人承诺"),
        side.PersonalPromiseForm,
        personal.make_personal_promise,
        _("承诺已记下，到时会提醒您"),
        needs="promise.make",
        submit=_("记下承诺"),
        template="complaints/promise_form.jinja",
    ),
    on_promise(
        "promise-kept",
        _("承诺已履行"),
        side.KeptForm,
        fulfilling.keep_promise,
        _("承诺已履行"),
        submit=_("已履行"),
    ),
    on_promise(
        "promise-extend",
        _("申请延期"),
        side.ExtensionForm,
        extending.request_extension,
        _("延期申请已送审批"),
        submit=_("申请延期"),
        about=_("说明原因，批准并告知客户后新时间才生效。"),
    ),
    on_promise(
        "promise-waive",
        _("申请豁免"),
        side.ReasonForm,
        changing.request_waiver,
        _("豁免申请已送审批"),
        submit=_("申请豁免"),
    ),
    on_promise(
        "promise-pause",
        _("暂停计时"),
        side.ReasonForm,
        pausing.pause_promise,
        _("已暂停计时"),
        submit=_("暂停"),
        about=_("等客户补充材料或答复时暂停；客户一有回音会自动继续。"),
    ),
    on_promise(
        "promise-resume",
        _("继续计时"),
        stage.NothingForm,
        pausing.resume_promise,
        _("已继续计时"),
        submit=_("继续"),
    ),
)
