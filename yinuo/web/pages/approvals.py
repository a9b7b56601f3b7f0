"""审批: what waits for me, what I asked, what I decided; and the page where one is decided."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yinuo.approvals import queries
from yinuo.approvals.commands import decide_approval, hand_over_step, withdraw_approval
from yinuo.approvals.models import Approval
from yinuo.approvals.rules import BEYOND, KINDS, RELATIVE
from yinuo.complaints.queries.proposals import for_approval
from yinuo.identity.queries import deciders, roles, substitutes
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing, Refused
from yinuo.matters.queries import timeline
from yinuo.web.forms.approvals import DecideForm, HandOverForm
from yinuo.web.forms.base import act, submit
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

NEEDS = ("approval.decide", "matter.read", "approval.hand_over")
TABS = (
    ("waiting", gettext_lazy("等我审批")),
    ("asked", gettext_lazy("我的申请")),
    ("decided", gettext_lazy("我已处理")),
    ("stuck", gettext_lazy("没人能批")),
)
TONES = {"pending": "soon", "approved": "ok", "rejected": "late", "withdrawn": "plain"}
HISTORY = 8


def _by_kind(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(kind=value)


def _by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(state=value)


KIND = Filter("kind", gettext_lazy("类型"), list(KINDS.items()), _by_kind, compact=True)
STATE = Filter("state", gettext_lazy("状态"), Approval.State.choices, _by_state, compact=True)
NEWEST = (
    Sort("new", gettext_lazy("最新"), "-created_at"),
    Sort("old", gettext_lazy("最早"), "created_at"),
    Sort("amount", gettext_lazy("金额"), "-amount", nullable=True),
)
OLDEST = (NEWEST[1], NEWEST[0], NEWEST[2])
COLUMNS = (
    Column(gettext_lazy("申请")),
    Column(gettext_lazy("金额"), "amount", "num"),
    Column(gettext_lazy("客户"), wide=True),
    Column(gettext_lazy("申请人"), wide=True),
    Column(gettext_lazy("状态")),
    Column(gettext_lazy("提交"), "new"),
)
EMPTY = {
    "waiting": gettext_lazy("没有等您审批的申请。有新的会出现在这里，也会在右上角提醒。"),
    "asked": gettext_lazy("您还没有提交过申请。处理方案、延期、豁免都在投诉页面里提交。"),
    "decided": gettext_lazy("您还没有处理过申请。"),
    "stuck": gettext_lazy("没有卡住的申请。审批人停用、或不在岗又没有人能代的，会出现在这里，可以转交。"),
}


def current_step(approval: Any) -> Any:
    """Whose turn it is; the steps came with the row."""
    return next((s for s in approval.steps.all() if s.state == "pending"), None)


def _row(approval: Any) -> dict[str, Any]:
    step = current_step(approval) if approval.state == "pending" else None
    return {
        "approval": approval,
        "kind": KINDS.get(approval.kind, approval.kind),
        "step": step,
        "tone": TONES.get(approval.state, "plain"),
        "customer": approval.matter.customer if approval.matter_id and approval.inside else None,
    }


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    tab = request.GET.get("tab", "waiting")
    sources = {"waiting": queries.waiting_for_me, "asked": queries.asked_by_me, "decided": queries.decided_by_me}
    if request.actor.may("approval.hand_over"):  # type: ignore[attr-defined]
        sources["stuck"] = queries.stuck
    tab = tab if tab in sources else "waiting"
    waiting = tab in ("waiting", "stuck")
    listing = Listing(
        request,
        sources[tab]().order_by(),
        columns=COLUMNS,
        sorts=OLDEST if waiting else NEWEST,
        filters=(KIND,) if waiting else (KIND, STATE),
        empty=EMPTY[tab],
        view=_row,
    )
    count = listing.count if tab == "waiting" and not listing.chosen else queries.waiting_for_me().order_by().count()
    tabs = [
        {"key": key, "label": label, "href": f"?tab={key}", "count": count if key == "waiting" else None}
        for key, label in TABS
        if key in sources
    ]
    return render(
        request, "approvals/list.jinja", {"section": "approvals", "listing": listing, "tabs": tabs, "tab": tab}
    )


def rung_labels() -> dict[str, str]:
    """Names of the rungs: two relative ones and every role."""
    relative = {name: str(label) for name, label in RELATIVE.items()}
    return {**relative, BEYOND: _("金额超出前一位的权限"), **{r.code: r.name for r in roles()}}


def _show(request: HttpRequest, approval: Any, form: DecideForm) -> HttpResponse:
    """Twelve statements at most, with the frame's three."""
    actor = request.actor  # type: ignore[attr-defined]
    step = current_step(approval) if approval.state == "pending" else None
    absence = substitutes([step.staff_id], clock.now()).get(step.staff_id) if step else None
    turn = whose_turn(actor, approval, step)
    steps = [
        {"step": s, "rung": rung, "now": s is step}
        for s in approval.steps.all()
        for rung in [rung_labels_cached(request).get(s.rung, s.rung)]
    ]
    matter_id = approval.matter_id
    entries = timeline(matter_id, limit=HISTORY) if matter_id else []
    asked = approval.requested_by_id == actor.staff_id
    inside = approval.inside
    return render(
        request,
        "approvals/show.jinja",
        {
            "section": "approvals",
            "approval": approval,
            "kind": KINDS.get(approval.kind, approval.kind),
            "steps": steps,
            "step": step,
            "tone": TONES.get(approval.state, "plain"),
            "form": form,
            "mine": turn,
            "absence": absence,
            "hand_over": step is not None
            and approval.requested_by_id != actor.staff_id
            and actor.may("approval.hand_over"),
            "asked": asked,
            "inside": inside,
            "proposal": for_approval(approval.pk) if inside else None,
            "earlier": [_row(a) for a in queries.of_matter(matter_id) if a.pk != approval.pk] if matter_id else [],
            "entries": entries,
            "kind_is_complaint": bool(matter_id) and approval.matter.kind == "complaint",
        },
    )


def whose_turn(actor: Any, approval: Any, step: Any) -> bool:
    """Whether the actor may decide now, in their own place or in somebody's who is away."""
    if step is None or not actor.may("approval.decide") or approval.requested_by_id == actor.staff_id:
        return False
    return step.staff_id == actor.staff_id or queries.stands_in(step.staff_id)


def rung_labels_cached(request: HttpRequest) -> dict[str, str]:
    if not hasattr(request, "rungs"):
        request.rungs = rung_labels()  # type: ignore[attr-defined]
    return request.rungs  # type: ignore[attr-defined, no-any-return]


def _one(approval_id: int) -> Any:
    approval = queries.one(approval_id)
    if approval is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    return approval


@require_GET
def show(request: HttpRequest, approval_id: int) -> HttpResponse:
    approval = _one(approval_id)
    return _show(request, approval, DecideForm.of(request, version=approval.version))


@require_POST
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    form = DecideForm.of(request)
    sent = submit(request, form, decide_approval, stale=True, approval_id=approval_id)
    if sent is None:
        approval = _one(approval_id)
        form.row_version = approval.version
        return _show(request, approval, form)
    said = _("已同意") if form.cleaned_data["decision"] == "approved" else _("已驳回")
    rest = queries.waiting_for_me().first()
    if rest is None:
        return go(request, "approvals", toast=said)
    return go(request, "approval", rest.pk, toast=_("%(said)s。这是下一份。") % {"said": said})


@require_POST
def withdraw(request: HttpRequest, approval_id: int) -> HttpResponse:
    act(request, withdraw_approval, approval_id=approval_id)
    return go(request, "approval", approval_id, toast=_("申请已撤回"))


def hand_over(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Give the waiting step to another approver, with a reason."""
    approval = _one(approval_id)
    step = current_step(approval) if approval.state == "pending" else None
    if step is None:
        raise Refused(_("这份申请已经有结果，不用再转交"))
    form = HandOverForm.of(request, version=approval.version)
    asked = {s.staff_id for s in approval.steps.all()} | {approval.requested_by_id}
    form.offer("to_id", [("", "—"), *((p.pk, p.name) for p in deciders() if p.pk not in asked)])
    if submit(request, form, hand_over_step, stale=True, approval_id=approval_id):
        return go(request, "approvals", toast=_("已转交，对方会在待审里看到"))
    context = {"section": "approvals", "form": form, "approval": approval, "step": step}
    return render(request, "approvals/hand_over.jinja", context)


routes = [
    page("approvals/", index, needs=NEEDS, name="approvals"),
    page("approvals/<int:approval_id>/", show, needs=NEEDS, name="approval"),
    page("approvals/<int:approval_id>/decide/", decide, needs="approval.decide", name="approval_decide"),
    page("approvals/<int:approval_id>/hand-over/", hand_over, needs="approval.hand_over", name="approval_hand_over"),
    page("approvals/<int:approval_id>/withdraw/", withdraw, needs="self.use", name="approval_withdraw"),
]
