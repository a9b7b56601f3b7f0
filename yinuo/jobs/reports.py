"""Sending scheduled reports: each person's own, with what that person may see."""

from __future__ import annotations

import logging
from datetime import date, datetime
from email.headerregistry import Address

from django.utils import translation
from django.utils.translation import gettext as _

from yinuo.channels.contract import InboundFile, Outbound, TransportError
from yinuo.channels.email.composing import dress
from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.email.smtp import deliver
from yinuo.identity.queries import actor_for, units
from yinuo.insight.commands.exporting import workbook
from yinuo.insight.commands.mailing import claim_mail, close_mail, not_sent
from yinuo.insight.commands.plans import issue_plan
from yinuo.insight.printing import as_pdf
from yinuo.insight.queries.figures import Board
from yinuo.insight.queries.frame import below, frame_of
from yinuo.insight.queries.keeping import due_mails, due_plans, to_send
from yinuo.insight.queries.leader import leader_board
from yinuo.insight.rules.period import months_to
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import YinuoError

log = logging.getLogger("yinuo.reports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_due() -> dict[str, int]:
    """What the time has come for: schedules first, then whatever waits to be sent. May be run by several at once."""
    now, issued = clock.now(), 0
    for plan_id in due_plans(now):
        while issue_plan(plan_id=plan_id, at=now):  # a month for each turn, until it is up to date
            issued += 1
    waiting = due_mails(now)
    for mail_id in waiting:
        send(mail_id)
    return {"issued": issued, "sent": len(waiting)}


def send(mail_id: int) -> str:
    """One report to one person; returns its state afterwards, "" when it was somebody else's."""
    if claim_mail(mail_id=mail_id) is None:
        return ""
    row = to_send(mail_id)
    staff, plan, mailbox = row.staff, row.plan, sending_mailbox()
    actor = actor_for(staff)
    if not staff.is_active or not actor.may("report.read"):
        return str(not_sent(mail_id=mail_id, why=_("收件人已停用，或不能再查看报表"), permanent=True))
    if not staff.email:
        return str(not_sent(mail_id=mail_id, why=_("收件人没有登记邮箱"), permanent=True))
    if mailbox is None:
        return str(not_sent(mail_id=mail_id, why=_("没有可以发信的邮箱"), permanent=False))
    with translation.override(plan.language or staff.language):
        try:
            with acting_as(actor):
                board = month_board(row.month, plan.unit_ids, clock.now())
                files = _files(board, plan.formats, actor, clock.now(), row.month)
            if mailbox.rehearses:
                return str(close_mail(mail_id=mail_id, to=staff.email, rehearsed=True))
            outbound = Outbound(
                external_id=f"{row.message_id}@{mailbox.address.rpartition('@')[2]}", to=staff.email,
                subject=_subject(plan.title, row.month, late=row.late), text=_text(board, plan.title, row), files=files,
                automatic=True,
            )  # fmt: skip
            to = Address(display_name=staff.name, addr_spec=staff.email)
            deliver(
                mailbox,
                staff.email,
                dress(mailbox=mailbox, author=mailbox.name, to=to, outbound=outbound, date=row.queued_at),
            )
        except TransportError as error:
            return str(not_sent(mail_id=mail_id, why=error.detail, permanent=error.permanent))
        except YinuoError as wrong:
            return str(not_sent(mail_id=mail_id, why=wrong.message, permanent=False))
        except Exception as wrong:
            log.exception("report %s could not be made", mail_id)
            return str(not_sent(mail_id=mail_id, why=f"{type(wrong).__name__}", permanent=False))
    return str(close_mail(mail_id=mail_id, to=staff.email))


def month_board(month: date, unit_ids: list[int], at: datetime) -> Board:
    """The leader's board of a whole month, of some units with all below them or of all, as the actor sees it."""
    everywhere = units(active=False)
    chosen = frozenset[int]().union(*(below(pk, everywhere) for pk in unit_ids))
    period = months_to(month, 1)[0]
    return leader_board(frame_of(period, at, unit_ids[0] if unit_ids else None, chosen), everywhere)


def _files(board: Board, formats: list[str], by: Actor, at: datetime, month: date) -> tuple[InboundFile, ...]:
    name = _("服务月报-%(month)s") % {"month": f"{month:%Y-%m}"}
    found = []
    if "pdf" in formats:
        found.append(InboundFile(f"{name}.pdf", "application/pdf", as_pdf(board, by, at)))
    if "xlsx" in formats:
        found.append(InboundFile(f"{name}.xlsx", XLSX, workbook(board, by, at)))
    return tuple(found)


def _subject(title: str, month: date, *, late: bool) -> str:
    words = {"title": title, "month": f"{month:%Y-%m}"}
    return (_("%(title)s %(month)s（补发）") if late else _("%(title)s %(month)s")) % words


def _text(board: Board, title: str, row: object) -> str:
    """The figures in words, for who reads mail on a phone."""
    lines = [
        _("%(title)s，%(first)s 至 %(last)s。")
        % {"title": title, "first": board.frame.period.first, "last": board.frame.period.last}
    ]
    if getattr(row, "late", False):
        planned = f"{row.planned_at.astimezone(clock.CST):%Y-%m-%d %H:%M}"  # type: ignore[attr-defined]
        lines.append(_("这份报表本应在 %(when)s 发出，因系统停机晚发。") % {"when": planned})
    lines.append("")
    lines += [f"{f.label}  {f.cell.text}" + (f"  ({f.hint})" if f.hint else "") for f in board.figures]
    lines += ["", _("只统计您有权查看的事项；明细见附件。")]
    return "\n".join(lines)
