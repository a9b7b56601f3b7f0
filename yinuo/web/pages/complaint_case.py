"""The page of one complaint: head, story, what to do now; and its file and decision aid."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.approvals.rules import KINDS
from yinuo.channels.portal.links import agreement_link, case_link, restatement_link
from yinuo.complaints.models.followup import FIVE
from yinuo.complaints.queries.detail import Detail, complaint, detail
from yinuo.complaints.queries.guidance import decision_aid
from yinuo.complaints.queries.papers import aftermath
from yinuo.complaints.queries.searching import similar_cases
from yinuo.complaints.rules.choices import ItemKind, Risk
from yinuo.complaints.states import MAIN_LINE, OPEN, Stage
from yinuo.kernel import clock
from yinuo.promises.queries import to_make_good
from yinuo.promises.rules.renewal import Effect, effect_of
from yinuo.web.pages import complaint_now
from yinuo.web.pages.complaint_actions import ACTIONS, make_form
from yinuo.web.pages.matter_story import asked, older, part, story
from yinuo.web.render import render
from yinuo.web.routes import allowed, page

READ = ("complaint.handle", "report.read", "matter.read")
DRAFTED = {Stage.INVESTIGATING, Stage.PROPOSING}
SIMILAR_STAGES = {Stage.ASSESSED, Stage.INVESTIGATING, Stage.PROPOSING}


def steps(d: Detail) -> list[dict[str, str]]:
    """The stepper: done, now, to come; after a side exit everything not reached is skipped."""
    here = Stage(d.complaint.stage)
    if here in MAIN_LINE:
        ended = here == Stage.CLOSED
        return [
            {
                "label": s.label,
                "state": "done" if s.done or (ended and s.here) else "now" if s.here else "todo",
                "tip": "",
            }
            for s in d.steps
        ]
    label = d.complaint.get_stage_display()
    return [{"label": s.label, "state": "skipped", "tip": ""} for s in d.steps[:-1]] + [
        {"label": label, "state": "now", "tip": ""}
    ]


def links(d: Detail, actor: Any) -> dict[str, str]:
    """Signed addresses to hand to the customer. With all but the first one can answer in the customer's place, so only
    who handles the case gets them. The rating goes to the customer alone: handlers would else rate themselves.
    """
    found = {"case": case_link(d.complaint.pk, clock.now())}
    if not actor.may("complaint.handle"):
        return found
    if d.restatement and d.restatement.state == "pending":
        found["restatement"] = restatement_link(d.complaint.pk, d.restatement.pk, clock.now())
    if d.agreement and d.agreement.state == "offered":
        found["agreement"] = agreement_link(d.complaint.pk, d.agreement.pk, d.agreement.expires_at)
    return found


def frame(request: HttpRequest, d: Detail, tab: str) -> dict[str, Any]:
    """What the head needs, on every tab. `answered`: the promises that an answer to the customer keeps or renews."""
    outstanding = [p for p in d.promises if p.outstanding]
    return {
        "section": "complaints",
        "d": d,
        "row": d.complaint,
        "m": d.complaint.matter,
        "steps": steps(d),
        "tab": tab,
        "menu": complaint_now.menu(request, d),
        "outstanding": outstanding,
        "answered": {p.pk for p in outstanding if effect_of("reply", p.spec) is not Effect.NOTHING},
        "to_make_good": to_make_good(d.promises),
        "links": links(d, request.actor),  # type: ignore[attr-defined]
        "kinds": KINDS,
        "is_open": Stage(d.complaint.stage) in OPEN,
        "risk_labels": dict(Risk.choices),
        "five": dict(FIVE),
    }


def story_tab(request: HttpRequest, d: Detail) -> dict[str, Any]:
    """What the page of the case shows, whole or in the parts that change while it is open. At most twelve statements
    with the frame's three, whatever the stage.
    """
    row, actor = d.complaint, request.actor  # type: ignore[attr-defined]
    stage, shown = Stage(row.stage), part(request, d.timeline)
    return {
        **frame(request, d, "story"),
        "now": complaint_now.build(request, d),
        "say": [
            {"action": ACTIONS[v], "form": make_form(request, ACTIONS[v], row)}
            for v in ("reply", "note")
            if stage in OPEN and allowed(actor, ACTIONS[v].needs)
        ],
        "entries": story(shown.entries, details(d), d.held),
        "story": shown,
        "similar": stage in SIMILAR_STAGES,
    }


@require_GET
def show(request: HttpRequest, complaint_id: int) -> HttpResponse:
    return render(request, "complaints/case.jinja", story_tab(request, detail(complaint_id, entries=asked(request))))


@require_GET
def next_step(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """What to do now, in the drawer beside a list; without scripts on a page of its own."""
    return render(request, "complaints/step.jinja", story_tab(request, detail(complaint_id)), part="drawer")


@require_GET
def live(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Head, story and what to do now, for the open page to fetch again in one request."""
    return render(request, "complaints/live.jinja", story_tab(request, detail(complaint_id, entries=asked(request))))


@require_GET
def earlier(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Older entries of the story, beneath those that are there; without scripts on a page of their own."""
    d = detail(complaint_id, entries=0)
    found = older(request, complaint_id)
    context = {"section": "complaints", "title": d.complaint.matter.title, "back": ("complaint", complaint_id)}
    context |= {"entries": story(found.entries, details(d)), "story": found, "where": "complaint_story"}
    return render(request, "matters/older.jinja", context, part="older")


def details(d: Detail) -> dict[tuple[str, Any], str]:
    """Words of the papers that the story shows in place of a bare line."""
    found = {
        ("finding", f.pk): "\n".join(
            x
            for x in (
                f.facts,
                f.cause and _("原因：%s") % f.cause,
                f.evidence and _("依据：%s") % f.evidence,
                f.fault_share is not None and _("我方责任：%d%%") % f.fault_share,
            )
            if x
        )
        for f in d.findings
    }
    found |= {("restated", r.pk): r.text for r in d.restatements}
    return {**found, **{("callback", c.pk): c.comment for c in d.callbacks if c.comment}}


@require_GET
def similar(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Past cases like this one, fetched once the page stands."""
    row = complaint(complaint_id)
    cases = similar_cases(f"{row.product} {row.content}", exclude_id=row.pk, limit=3)
    drafting = row.stage in DRAFTED and allowed(request.actor, ACTIONS["draft-proposal"].needs)  # type: ignore[attr-defined]
    return render(
        request, "complaints/similar.jinja", {"similar": cases, "looked_similar": True, "take_for": drafting and row.pk}
    )


@require_GET
def file(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """档案: everything registered, found, proposed, agreed, answered and done afterwards. Nine statements."""
    d = detail(complaint_id, entries=0)
    after = aftermath(complaint_id)
    return render(
        request,
        "complaints/file.jinja",
        {
            **frame(request, d, "file"),
            "after": after,
            "today": clock.now().astimezone(clock.CST).date(),
        },
    )


@require_POST
def aid(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """The decision aid's answer to the five questions as they are picked."""
    row = complaint(complaint_id)
    answers: dict[str, Any] = {
        k.removeprefix("answer."): v[:10] for k, v in request.POST.items() if k.startswith("answer.")
    }
    advice = decision_aid(answers, loss=request.POST.get("loss", "")[:20], demand=row.demand_amount or "")
    return render(
        request,
        "complaints/aid.jinja",
        {"advice": advice, "suggested": [ItemKind(kind).label for kind in advice.suggested], "row": row},
    )


routes = [
    page("complaints/<int:complaint_id>/", show, needs=READ, name="complaint"),
    page("complaints/<int:complaint_id>/now/", next_step, needs=READ, name="complaint_now"),
    page("complaints/<int:complaint_id>/live/", live, needs=READ, name="complaint_live"),
    page("complaints/<int:complaint_id>/story/", earlier, needs=READ, name="complaint_story"),
    page("complaints/<int:complaint_id>/similar/", similar, needs=READ, name="complaint_similar_to"),
    page("complaints/<int:complaint_id>/file/", file, needs=READ, name="complaint_file"),
    page("complaints/<int:complaint_id>/aid/", aid, needs="complaint.handle", name="complaint_aid"),
]
