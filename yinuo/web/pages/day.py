"""My day."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, current_actor
from yinuo.web.reads import day as reads
from yinuo.web.render import is_fragment, render
from yinuo.web.routes import SIGNED_IN, page


def day(request: HttpRequest) -> HttpResponse:
    """One list of everything I owe; beside it what waits and how the week goes."""
    actor, now = current_actor(), clock.now()
    part = is_fragment(request)
    if part and request.headers.get("X-Part") == "beside":
        return render(request, "day/day.jinja", {"section": "day", **_beside(actor, now)})
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
        "part": part,
    }
    if not part:
        context |= _beside(actor, now)
    return render(request, "day/day.jinja", context, part="owed_list")


def _beside(actor: Actor, now: datetime) -> dict[str, Any]:
    """What stands beside the list. At most four statements."""
    return {
        "callbacks": reads.visits_and_callbacks(),
        "waiting": reads.waiting_conversations(actor),
        "approvals": reads.approvals_waiting(actor),
        "week": reads.week_rate(now),
    }


routes = [page("", day, needs=SIGNED_IN, name="day")]
