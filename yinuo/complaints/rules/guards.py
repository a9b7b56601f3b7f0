"""What must be true before a stage may be left. Each guard is pure and answers with what is still missing.

The same sentences are shown on the page (`queries.what_is_missing`) and raised by the `move` command. Each knows
what ends it, so that a page can lead there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from yinuo.complaints.rules.choices import SPOKEN_CHANNELS, Judgement, RestatementState
from yinuo.complaints.states import MOVES, Move, Stage

#: After this many fruitless attempts on different days a callback counts as tried.
UNREACHED_DAYS_ENOUGH = 3
#: On the five-level scale, this and everything below is 不满意.
DISSATISFIED_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the guards look at, gathered in one query (`queries.facts`)."""

    stage: str = Stage.RECEIVED
    channel: str = "portal"
    has_content: bool = True
    has_customer: bool = True
    reachable: bool = True
    restatement: str = ""
    kind: str = ""
    judgement: str = ""
    severity: int = 1
    findings: int = 0
    evidence: bool = False
    understood: bool = False
    supervisor_decided: bool = False
    proposal_state: str = ""
    proposal_items: int = 0
    proposal_reason: bool = False
    agreement_state: str = ""
    open_tasks: tuple[str, ...] = ()
    unassigned_items: tuple[str, ...] = ()
    paid_or_shipped: int = 0
    pending_approvals: int = 0
    pending_reviews: int = 0
    personal_promises: tuple[str, ...] = ()
    #: Of broken promises: what is to be said or given and was not noted; agreed money nobody paid; money undecided.
    amends_owed: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    callbacks_done: int = 0
    satisfaction: int | None = None
    unreached_days: int = 0
    corrective_actions: int = 0
    open_receptions: int = 0
    external_result: bool = False


class Lack(str):
    """A sentence that says what is missing. `ended_by` names what puts it right (a verb of the complaint desk, or
    "customer", "tasks", "approval", "make-good", "reception" for what is done elsewhere; empty: nobody can), `about`
    the title of the task or promise that is meant.
    """

    ended_by: str
    about: str

    def __new__(cls, sentence: str, ended_by: str = "", about: str = "") -> Self:
        found = super().__new__(cls, sentence)
        found.ended_by, found.about = ended_by, about
        return found


Guard = Callable[[Facts], list[Lack]]
GUARDS: dict[str, Guard] = {}


def _guard(check: Guard) -> Guard:
    GUARDS[check.__name__] = check
    return check


def _unless(true: bool, sentence: str, ended_by: str) -> list[Lack]:
    return [] if true else [Lack(sentence, ended_by)]


@_guard
def registration_complete(f: Facts) -> list[Lack]:
    return (
        _unless(f.has_content, _("投诉内容未登记"), "correct")
        + _unless(f.has_customer, _("未登记客户"), "correct")
        + _unless(f.reachable, _("没有任何联系方式，无法告知客户"), "customer")
    )


@_guard
def restated(f: Facts) -> list[Lack]:
    """Words put down by somebody else are read back; a correction the customer asked for is never passed over."""
    if f.restatement == RestatementState.CORRECTED:
        return [Lack(_("客户要求更正登记内容，请修改后重新复述"), "correct")]
    if f.channel in SPOKEN_CHANNELS and not f.restatement:
        return [Lack(_("登记内容尚未向客户复述"), "restate")]
    return []


@_guard
def judged(f: Facts) -> list[Lack]:
    return _unless(bool(f.judgement), _("尚未判断投诉是否成立"), "assess") + _unless(
        bool(f.kind), _("尚未选择投诉类别"), "assess"
    )


@_guard
def finding_recorded(f: Facts) -> list[Lack]:
    return _unless(f.findings > 0, _("尚未登记调查结论"), "record-finding")


@_guard
def proposal_ready(f: Facts) -> list[Lack]:
    if f.proposal_state != "draft":
        return [Lack(_("没有待提交的处理方案"), "draft-proposal")]
    return _unless(f.proposal_items > 0, _("处理方案没有任何内容"), "draft-proposal") + _unless(
        f.proposal_reason, _("处理方案未写理由"), "draft-proposal"
    )


@_guard
def agreement_offered(f: Facts) -> list[Lack]:
    return _unless(f.agreement_state == "offered", _("处理协议尚未提供给客户"), "offer-agreement")


@_guard
def agreement_confirmed(f: Facts) -> list[Lack]:
    return _unless(f.agreement_state == "confirmed", _("客户尚未确认处理协议"), "agreement-answer")


@_guard
def execution_done(f: Facts) -> list[Lack]:
    open_ = [Lack(_("任务未完成：%(title)s") % {"title": t}, "task-done", t) for t in f.open_tasks]
    return open_ + [
        Lack(_("方案内容尚未下达部门：%(title)s") % {"title": t}, "dispatch-items") for t in f.unassigned_items
    ]


@_guard
def callback_done(f: Facts) -> list[Lack]:
    if f.callbacks_done or f.unreached_days >= UNREACHED_DAYS_ENOUGH:
        return []
    if f.unreached_days:
        left = UNREACHED_DAYS_ENOUGH - f.unreached_days
        return [Lack(_("回访未完成：还需在另外 %(days)d 天再次联系客户") % {"days": left}, "record-callback")]
    return [Lack(_("回访未完成"), "record-callback")]


@_guard
def customer_satisfied(f: Facts) -> list[Lack]:
    return _unless(not reopens(f.satisfaction), _("客户对处理结果不满意，需要重新处理"), "")


@_guard
def approvals_settled(f: Facts) -> list[Lack]:
    return _unless(not f.pending_approvals, _("还有 %(n)d 项审批未决定") % {"n": f.pending_approvals}, "approval")


@_guard
def reviews_settled(f: Facts) -> list[Lack]:
    return _unless(not f.pending_reviews, _("复核尚未作出决定"), "decide-review")


@_guard
def personal_promises_kept(f: Facts) -> list[Lack]:
    return [Lack(_("对客户的承诺未兑现：%(title)s") % {"title": t}, "promise-kept", t) for t in f.personal_promises]


@_guard
def breaches_made_good(f: Facts) -> list[Lack]:
    """What we owe for a broken promise is given before the case is closed; the page has the button for it."""
    owed = [
        Lack(_("“%(title)s”没有按时做到，还没有登记向客户致歉或补偿") % {"title": t}, "make-good", t)
        for t in f.amends_owed
    ]
    owed += [Lack(_("“%(title)s”的误期赔付已获同意，还没有登记支付") % {"title": t}, "make-good", t) for t in f.unpaid]
    if f.pending_approvals and f.stage == Stage.CALLBACK:  # said already
        return owed
    return owed + [Lack(_("“%(title)s”的误期赔付还没有决定") % {"title": t}, "approval") for t in f.undecided]


@_guard
def corrective_planned(f: Facts) -> list[Lack]:
    """A serious complaint that holds is not closed before somebody said what will change."""
    needed = f.severity >= 2 and f.judgement in (Judgement.JUSTIFIED, Judgement.PARTLY)
    return _unless(not needed or f.corrective_actions > 0, _("严重投诉尚未登记根因和纠正措施"), "correction")


@_guard
def receptions_held(f: Facts) -> list[Lack]:
    return _unless(not f.open_receptions, _("客户要求的领导接待尚未完成"), "reception")


@_guard
def judged_unjustified(f: Facts) -> list[Lack]:
    return _unless(f.judgement == Judgement.UNJUSTIFIED, _("只有判断为“不成立”的投诉才可以不予受理"), "assess")


@_guard
def evidence_given(f: Facts) -> list[Lack]:
    return _unless(f.evidence, _("未说明不成立的依据"), "assess")


@_guard
def rejection_accepted(f: Facts) -> list[Lack]:
    return _unless(f.understood or f.supervisor_decided, _("需要客户表示理解，或由主管决定"), "reject")


@_guard
def no_money_under_way(f: Facts) -> list[Lack]:
    return _unless(not f.paid_or_shipped, _("已有部门任务在执行，请先取消或完成任务"), "tasks")


@_guard
def external_result_recorded(f: Facts) -> list[Lack]:
    return _unless(f.external_result, _("未登记外部机构的处理结果"), "external-result")


def missing(move: Move | str, facts: Facts) -> list[Lack]:
    """Every sentence that blocks the move, in the table's order; empty when it may go."""
    move = MOVES[move] if isinstance(move, str) else move
    return [sentence for name in move.guards for sentence in GUARDS[name](facts)]


def reopens(satisfaction: int | None) -> bool:
    """不满意 and 很不满意 put the complaint back to work."""
    return satisfaction is not None and satisfaction <= DISSATISFIED_AT_MOST
