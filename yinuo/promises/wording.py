"""The words that promises put on timelines and into messages."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from yinuo.calendars.spans import ClockKind, Span
from yinuo.calendars.wording import moment_text, span_text
from yinuo.promises.rules.breach import Cost
from yinuo.promises.rules.plan import Announcement, Point
from yinuo.promises.rules.standard import BreachKind

if TYPE_CHECKING:
    from yinuo.promises.models import Promise, PromiseChange


def made_text(promises: "list[Promise]") -> str:
    return _("；").join(
        _("承诺“%(title)s”：%(due)s 前") % {"title": p.title, "due": moment_text(p.due_at)} for p in promises
    )


_RUNGS = {"handler": lazy("经办人"), "manager": lazy("上级"), "next_level": lazy("再上级"), "leader": lazy("领导")}
_SAID = {
    Announcement.WARNED: lazy("承诺“%(title)s”即将到期：%(due)s"),
    Announcement.BROKEN: lazy("承诺“%(title)s”未按时履行，应于 %(due)s 前完成"),
    Announcement.ESCALATED: lazy("承诺“%(title)s”违约，已报%(rung)s %(whom)s"),
    Announcement.COST_FIXED: lazy("承诺“%(title)s”的误期赔付已达上限"),
}


def rung_name(to: str) -> str:
    return str(_RUNGS.get(to, to))


def announcement_text(promise: "Promise", point: Point, told_name: str, late: bool) -> str:
    values = {
        "title": promise.title, "due": moment_text(promise.due_at),
        "whom": told_name or rung_name(point.to), "rung": rung_name(point.to),
    }  # fmt: skip
    text = str(_SAID[point.kind])
    if point.kind is Announcement.WARNED and point.to:
        text = _("承诺“%(title)s”快要违约（%(due)s），请%(whom)s参与")
    return text % values + (late_text(promise, point) if late else "")


def late_text(promise: "Promise", point: Point) -> str:
    """Why something is said after its time: it had passed when the promise was made, or the clock stood still."""
    made_later = point.at <= promise.made_at
    said = _("（本应于 %s 提醒，登记这项承诺时已过）") if made_later else _("（本应于 %s 提醒，因系统停顿补发）")
    return said % moment_text(point.at)


def cost_text(cost: Cost) -> str:
    values = {"days": cost.late_days, "amount": cost.amount}
    match cost.kind:
        case BreachKind.APOLOGY:
            return _("未按时履行承诺，应向客户致歉")
        case BreachKind.FREE:
            return _("未按时履行承诺，本次服务免费")
        case _kind if cost.capped:
            return _("逾期 %(days)d 天，赔付达到上限 %(amount)s 元") % values
        case _kind:
            return _("逾期 %(days)d 天（不足一天按一天计），赔付 %(amount)s 元") % values


def extension_notice(promise: "Promise", reason: str, new_due: datetime) -> str:
    """What the customer is told before an extension takes effect."""
    values = {"title": promise.title, "old": moment_text(promise.due_at), "new": moment_text(new_due), "why": reason}
    first = _("您好，关于“%(title)s”，我们原定于 %(old)s 前完成。")
    return (first + _("因%(why)s，需要延长至 %(new)s。给您带来不便，我们深表歉意。")) % values


def overtaken_text(promise: "Promise", change: "PromiseChange") -> str:
    """Why an agreed extension means nothing under the standard as it is now; empty when it does mean something."""
    if change.new_amount is None:
        return ""
    clock = ClockKind(change.clock or promise.clock)
    values = {"title": promise.title, "agreed": span_text(Span.of(clock, change.new_amount))}
    if clock is not promise.clock_kind:
        return (
            _("延期未生效：承诺“%(title)s”的服务标准换了计时方式，同意的共 %(agreed)s不再适用；如仍需延期，请重新申请")
            % values
        )
    if change.new_amount <= promise.amount:
        values["now"] = span_text(Span.of(clock, promise.amount))
        return _("延期未生效：承诺“%(title)s”的服务标准已改，时限已共有 %(now)s，不少于同意的共 %(agreed)s") % values
    return ""
