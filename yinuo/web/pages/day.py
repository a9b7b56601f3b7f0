"""My day."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, current_actor
from yinuo.promises.queries.board import LOOKED_AT
from yinuo.web.reads import day as reads
from yinuo.web.reads import start
from yinuo.web.reads import team as team_reads
from yinuo.web.render import is_fragment, render
from yinuo.web.routes import SIGNED_IN, page


def day(request: HttpRequest) -> HttpResponse:
    """One list of everything I owe, or of what I put aside; beside it what waits and how the week goes."""
    actor, now = current_actor(), clock.now()
    part = is_fragment(request)
    if part and request.headers.get("X-Part") == "beside":
        return render(request, "day/day.jinja", {"section": "day", **_beside(actor, now)})
    most = _wished(request.GET.get("rows", ""), reads.FIRST, reads.MOST)
    aside, show_aside = reads.aside_group(), request.GET.get("show") == "aside"
    found = reads.Day([aside] if aside.rows else []) if show_aside else reads.owed(now, most)
    context = {
        "section": "day",
        "groups": found.groups,
        "owed": sum(len(g.rows) for g in found.groups),
        "partly": found.partly,
        "looked_at": LOOKED_AT,
        "aside": aside,
        "show_aside": show_aside,
        "most": most,
        "more": min(most + reads.MORE, reads.MOST),
        "now": now,
        "part": part,
    }
    if not part:
        context |= _beside(actor, now) | {"rates": reads.rates_to_come()}
        context["start"] = _to_set_up(request, actor, now)
    return render(request, "day/day.jinja", context, part="owed_list")


def _to_set_up(request: HttpRequest, actor: Actor, now: datetime) -> int:
    """How many first settings are still to be made, for who makes them and wants to be told."""
    if not actor.may("staff.manage") or request.user.start_hidden_at:  # type: ignore[union-attr]
        return 0
    return sum(not step.done for step in start.steps(actor, now))


def _beside(actor: Actor, now: datetime) -> dict[str, Any]:
    """What stands beside the list. At most three statements; the rates come after the page (`rates`)."""
    return {
        "callbacks": reads.visits_and_callbacks(),
        "waiting": reads.waiting_conversations(actor),
        "approvals": reads.approvals_waiting(actor),
    }


@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    """How the week and the month go: it goes through all that fell due in them. One statement."""
    return render(request, "day/rates.jinja", {"rates": reads.my_rates(clock.now())})


@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """Who has how much on hand; what one has is given to another here."""
    now, got = clock.now(), request.GET
    most = _wished(got.get("rows", ""), team_reads.MORE, team_reads.MOST)
    start = _wished(got.get("from", ""), 0, 100_000)
    found = team_reads.standing(current_actor(), now, start=start, person=got.get("person", ""), most=most)
    context = {
        "section": "day", "team": found, "now": now, "most": most, "person": got.get("person", ""), "start": start,
        "further": min(most + team_reads.MORE, team_reads.MOST),
    }  # fmt: skip
    return render(request, "day/team.jinja", context, part="board")


def _wished(text: str, usual: int, largest: int) -> int:
    return min(int(text), largest) if re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII) else usual


routes = [
    page("", day, needs=SIGNED_IN, name="day"),
    page("day/rates/", rates, needs=SIGNED_IN, name="day_rates"),
    page("day/team/", team, needs="matter.assign", name="team"),
]
