"""Answers that wait to go out, and wording rules as a company keeps them after a while."""

from datetime import datetime, timedelta

from yinuo.calendars.queries import calendar_for
from yinuo.conversations.holding import place
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import YinuoError
from yinuo.matters.models import Matter
from yinuo.operations.demo.desk import Desk
from yinuo.wording.commands import add_rule, switch_rule
from yinuo.wording.models import WordingRule


def wait(desk: Desk) -> None:
    """One own rule, two switched off, and the next morning's answer of each of two agents."""
    with acting_as(desk.actors["supervisor"]):
        add_rule(
            phrases="(油品|机油)(本来|一直)就(这样|是这样)\n(都|全)是加油站的(问题|责任)", category="refusal",
            level="warn",
            why="没有检测就撇清责任，去年有三起投诉因此升级。", instead="我们安排取样检测，24 小时内告诉您结果",
        )  # fmt: skip
        for code in ("jargon.post", "jargon.property"):
            for rule in WordingRule.objects.filter(code=code, active=True):
                switch_rule(rule_id=rule.pk, active=False)
    now = clock.now()
    calendar = calendar_for(None).assuming_plain_weeks()
    day = now.astimezone(CST)
    while True:
        day += timedelta(days=1)
        if calendar.is_working(day.date()):
            break
    morning = day.replace(hour=9, minute=5, second=0, microsecond=0)
    for who, text in (
        ("agent", "您好，检测室今天上午出具取样报告，我先把已查到的批次记录发给您，下一步由我继续跟进。"),
        ("agent2", "您好，仓库正在核对出库记录，还没有最后的结果，今天下班前我再告诉您进展。"),
    ):
        _put_aside(desk, who, text, morning)


def _put_aside(desk: Desk, who: str, text: str, at: datetime) -> None:
    actor = desk.actors[who]
    with acting_as(actor):
        mine = Matter.objects.filter(owner_id=actor.staff_id, kind="complaint", open=True).exclude(
            state__in=("received", "closed")
        )
        for number in mine.order_by("-opened_at").values_list("pk", flat=True)[:5]:
            try:
                place(
                    command="complaint.reply", values={"complaint_id": number, "text": text}, text=text, kind="later",
                    due_at=at, matter_id=number, page=f"/complaints/{number}/",
                    draft_key=f"complaint:{number}:reply",
                )  # fmt: skip
            except YinuoError:
                continue
            return
