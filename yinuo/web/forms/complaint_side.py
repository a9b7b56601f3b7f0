"""Forms of what may be done beside the stages: words, tasks, promises, escalation, reception."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.rules import choices
from yinuo.web.forms import pick
from yinuo.web.forms.base import PageForm, answer, choice, date, line, text, when
from yinuo.web.forms.complaint_stage import VIA


class ReplyForm(PageForm):
    text = answer(
        _("答复内容"), "complaint", length=20000, rows=3, placeholder=_("写给客户的话；没有结果也要说明正在做什么")
    )
    via = choice(_("怎样送达"), VIA, required=False, radio=True)
    asks = forms.BooleanField(
        label=_("请客户补充资料，等客户答复"),
        required=False,
        help_text=_("服务标准写明等客户补充资料时不计时的承诺会暂停，客户一答复就继续"),
    )
    takes_files = True


class NoteForm(PageForm):
    text = text(_("内部记录"), length=20000, rows=3, placeholder=_("只有内部看得到"))
    takes_files = True


class TaskForm(PageForm):
    title = line(_("要做什么"), length=200)
    detail = text(_("具体要求"), required=False, length=5000, rows=3, placeholder=_("内容、时限、要什么凭证"))
    unit_id = pick.unit(_("交给哪个部门"))
    assignee_id = pick.staff(_("或指定到人"))


class ReasonForm(PageForm):
    """Anything that needs a reason and nothing else."""

    reason = text(_("原因"), length=500, rows=3)


class AssignForm(PageForm):
    owner_id = pick.staff(_("负责人"), required=True)
    reason = line(_("说明"), required=False, length=200)


class CollaboratorForm(PageForm):
    staff_id = pick.staff(_("请谁协作"), required=True)


class EscalateOutForm(PageForm):
    body = line(_("受理机构"), length=120, placeholder=_("例如市场监督管理局、消费者协会、法院"))
    reference = line(_("受理编号"), required=False, length=80)
    reason = text(_("经过"), required=False, length=5000, rows=3)
    answer_by = date(_("要求答复日期"), required=False)


class ExternalReferenceForm(PageForm):
    reference = line(_("受理编号"), length=80, help=_("外部机构给的编号，客户查询进展时也看得到"))


class ExternalResultForm(PageForm):
    result = text(_("外部机构的处理结果"), length=5000, rows=4)
    reference = line(_("文书编号"), required=False, length=80)
    closes = pick.yes_no(_("接下来"), _("按此结案"), _("退回我方继续办理"))


class ReceptionForm(PageForm):
    topic = text(_("客户想谈什么"), required=False, length=2000, rows=2)


class BookForm(PageForm):
    leader_id = pick.leader(_("接待领导"))
    starts_at = when(_("接待时间"))
    minutes = pick.count(_("时长（分钟）"), 10, 480, initial=30)
    place = line(_("地点"), required=False, length=120)


class ReceptionResultForm(PageForm):
    state = choice(
        _("接待结果"),
        [
            (s.value, s.label)
            for s in (choices.ReceptionState.HELD, choices.ReceptionState.MISSED, choices.ReceptionState.CANCELED)
        ],
        radio=True,
    )
    result = text(_("接待经过和结论"), length=5000, rows=4)


class PersonalPromiseForm(PageForm):
    """What somebody of ours told the customer."""

    title = line(_("答应客户什么"), length=200, placeholder=_("例如：周二下午给您回电"), autofocus=True)
    due_at = when(_("最晚什么时候"))


class KeptForm(PageForm):
    text = line(_("怎样履行的"), length=300)


class ExtensionForm(PageForm):
    """A standard's promise takes its next step; a personal one needs a new time."""

    reason = text(_("延期原因"), length=500, rows=3)
    due_at = when(
        _("延到什么时候"), required=False, help=_("只有个人承诺需要填；按服务标准的承诺会延到标准允许的下一档")
    )


class SatisfactionForm(PageForm):
    """A callback: reached or not, and if so four answers."""

    reached = pick.yes_no(_("联系上了吗"), _("联系上了"), _("没有联系上"))
    via = choice(
        _("回访方式"),
        [(c.value, c.label) for c in (choices.Channel.PHONE, choices.Channel.VISIT, choices.Channel.EMAIL)],
        radio=True,
    )
    satisfaction = pick.five(_("客户满意吗"))
    outcome = pick.five(_("结果公平"), help=_("得到的处理公不公平"), levels=pick.FAIR)
    process = pick.five(_("过程公平"), help=_("办理的经过公不公平、快不快"), levels=pick.FAIR)
    treatment = pick.five(_("态度公平"), help=_("有没有受到尊重"), levels=pick.FAIR)
    comment = text(_("客户的话"), required=False, length=5000, rows=3)


class ConfirmForm(PageForm):
    """An outward action without fields, asked once more."""

    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    def values(self) -> dict[str, object]:
        return {}
