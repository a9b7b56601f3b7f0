"""My day."""

import re

from django.http import HttpRequest, HttpResponse

from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.web.reads import day as reads
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page


def day(request: HttpRequest) -> HttpResponse:
    """One list of everything I owe; beside it what waits and how the week goes."""
    actor, now = current_actor(), clock.now()
    wished = request.GET.get("rows", "")
    most = min(int(wished), reads.MOST) if re.fullmatch(r"[1-9]\d{0,3}", wished) else reads.FIRST
    groups = reads.owed(now, most)
    context = {
        "section": "day",
        "groups": groups,
        "owed": sum(len(g.rows) for g in groups),
        "most": most,
        "more": min(most + reads.MORE, reads.MOST),
        "now": now,
    }
    if request.headers.get("HX-Request") != "true":
        context |= {
            "callbacks": reads.visits_and_callbacks(),
            "waiting": reads.waiting_conversations(actor),
            "approvals": reads.approvals_waiting(actor),
            "week": reads.week_rate(now),
        }
    return render(request, "day/day.jinja", context, part="owed_list")


routes = [page("", day, needs=SIGNED_IN, name="day")]
