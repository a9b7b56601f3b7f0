"""The one next thing to do about a row of the day, and where it is done: in a drawer, or on a page of its own."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.complaints.states import Stage
from yinuo.kernel.actor import Actor
from yinuo.promises.rules.happenings import BY_HAND

#: What a complaint waits for in each stage.
STAGES: dict[str, Any] = {
    Stage.RECEIVED: gettext_lazy("告知客户"),
    Stage.ACKNOWLEDGED: gettext_lazy("初步评审"),
    Stage.ASSESSED: gettext_lazy("开始调查"),
    Stage.INVESTIGATING: gettext_lazy("查清并拟方案"),
    Stage.PROPOSING: gettext_lazy("提交方案"),
    Stage.APPROVING: gettext_lazy("看审批到哪了"),
    Stage.OFFERED: gettext_lazy("登记客户答复"),
    Stage.EXECUTING: gettext_lazy("跟进执行"),
    Stage.CALLBACK: gettext_lazy("回访"),
    Stage.ESCALATED_OUT: gettext_lazy("登记外部结果"),
}


@dataclass(frozen=True)
class Step:
    """A button: its words, the page it opens, and whether that fits into the drawer."""

    label: str
    route: str
    pk: int
    verb: str = ""
    query: str = ""
    drawer: bool = True


def of_task(pk: int) -> Step:
    return Step(_("完成任务"), "task", pk)


def next_step(p: dict[str, Any], actor: Actor) -> Step:
    """For a promise, given as its values."""
    if p["task_id"]:
        return of_task(p["task_id"])
    alone = not (p["matter_id"] or p["conversation_id"])
    if (alone or p["obligation"] in BY_HAND) and actor.may("promise.handle"):
        return Step(_("登记履行"), "promise_verb", p["pk"], "keep")
    if p["matter_id"]:
        return of_matter(p["matter_id"], p["matter__kind"], p["matter__state"], actor, p["obligation"])
    if p["conversation_id"] and actor.may("conversation.read"):
        return Step(_("去回复"), "conversation", p["conversation_id"], drawer=False)
    return Step(_("打开"), "promise", p["pk"], drawer=False)


def of_matter(pk: int, kind: str, stage: str, actor: Actor, obligation: str = "") -> Step:
    """For a matter; `obligation`: of the promise about it that is next."""
    if kind != "complaint":
        if obligation == "answer" and actor.may("conversation.reply"):
            return Step(_("回复客户"), "matter_reply", pk)
        return Step(_("去办理"), "matter", pk, drawer=False)
    if not actor.may("complaint.handle"):
        return Step(_("打开"), "matter", pk, drawer=False)
    if obligation == "interim_reply":
        return Step(_("答复客户"), "complaint_now", pk, query="?say=reply")
    return Step(str(STAGES.get(stage, _("去办理"))), "complaint_now", pk)
