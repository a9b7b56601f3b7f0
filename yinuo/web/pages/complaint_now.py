"""What to do now: for each stage the forms, what is still missing, and the menu of everything else."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.queries.detail import Detail
from yinuo.complaints.rules.choices import SPOKEN_CHANNELS
from yinuo.complaints.rules.guards import GUARDS, Lack
from yinuo.complaints.states import ENDED, MOVES, OPEN, OURS, Stage
from yinuo.web.pages.complaint_actions import ACTIONS, make_form
from yinuo.web.pages.complaint_leads import Place, Where
from yinuo.web.pages.complaint_verbs.action import Action
from yinuo.web.routes import allowed

#: Guards that the form itself answers.
ANSWERED = {"assess": {"judged"}, "close": set(), "reject": {"rejection_accepted"}}


@dataclass
class Section:
    """One form of the panel. `missing`: what blocks it, each with where it is done; `folded`: behind its heading."""

    action: Action
    form: Any
    child: int = 0
    missing: list[Place] = field(default_factory=list)
    folded: bool = False


@dataclass
class Now:
    """`blocks` are what is shown above the forms, by template name; `to_close`: all that stands before the close."""

    blocks: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    to_close: list[Place] = field(default_factory=list)


def lacking(verb: str, d: Detail) -> list[Lack]:
    """What still blocks a move, leaving out what its own form supplies."""
    move = MOVES.get(verb.replace("-", "_"))
    if move is None:
        return []
    own = ANSWERED.get(verb, set())
    return [lack for name in move.guards if name not in own for lack in GUARDS[name](d.facts)]


class _Builder:
    def __init__(self, request: HttpRequest, d: Detail) -> None:
        self.request, self.d, self.now = request, d, Now()
        self.actor = request.actor  # type: ignore[attr-defined]

    def add(self, verb: str, *, child: int = 0, folded: bool = False) -> None:
        action = ACTIONS[verb]
        if allowed(self.actor, action.needs):
            form = make_form(self.request, action, self.d.complaint, child)
            self.now.sections.append(Section(action, form, child, folded=folded))

    def block(self, *names: str) -> None:
        self.now.blocks += names


def build(request: HttpRequest, d: Detail) -> Now:
    """The panel of the case's stage."""
    b = _Builder(request, d)
    if d.to_tell:
        b.block("to_tell")
    STAGES[Stage(d.complaint.stage)](b)
    _lead(b, {entry["action"].verb for group in menu(request, d) for entry in group["entries"]})
    return b.now


def _lead(b: _Builder, elsewhere: set[str]) -> None:
    """Each line of what is missing leads to where it is done, if that may be done now."""
    here = {s.action.verb for s in b.now.sections}
    where = Where(b.d, b.actor, here, elsewhere)
    for s in b.now.sections:
        s.missing = [where.of(lack, within=s.action.verb) for lack in lacking(s.action.verb, b.d)]
    b.now.to_close = [where.of(lack) for lack in b.d.missing_to_close]


def _restatement(b: _Builder) -> None:
    """Spoken complaints are read back; a pending one waits for its answer."""
    found = b.d.restatement
    if found and found.state == "pending":
        b.block("restatement")
        b.add("restatement-answer", child=found.pk)
    elif b.d.complaint.restatement in ("", "corrected") and b.d.complaint.channel in SPOKEN_CHANNELS:
        if b.d.complaint.restatement == "corrected":
            b.block("restatement")
        b.add("restate", folded=b.d.complaint.stage == Stage.RECEIVED)


def _received(b: _Builder) -> None:
    b.add("acknowledge")
    _restatement(b)


def _acknowledged(b: _Builder) -> None:
    _restatement(b)
    b.add("assess")


def _assessed(b: _Builder) -> None:
    b.block("judgement")
    if b.d.complaint.judgement == "unjustified":
        b.add("reject")
        b.add("start-investigation", folded=True)
    else:
        b.add("start-investigation")


def _investigating(b: _Builder) -> None:
    if b.d.findings:
        b.block("findings")
        b.add("draft-proposal")
        b.add("record-finding", folded=True)
    else:
        b.add("record-finding")
        b.add("draft-proposal", folded=True)


def _proposing(b: _Builder) -> None:
    if b.d.findings:
        b.block("findings")
    if b.d.proposal and b.d.proposal.state in ("rejected", "refused", "recalled"):
        b.block("returned")
    if b.d.proposal and b.d.proposal.state == "draft":
        b.block("proposal")
        b.add("submit-proposal")
        b.add("draft-proposal", folded=True)
    else:
        b.add("draft-proposal")


def _approving(b: _Builder) -> None:
    b.block("proposal", "chain")
    b.add("recall-proposal", folded=True)


def _offered(b: _Builder) -> None:
    b.block("proposal")
    offered = b.d.agreement if b.d.agreement and b.d.agreement.state == "offered" else None
    if offered:
        b.block("agreement")
        b.add("agreement-answer", child=offered.pk)
    b.add("offer-agreement", folded=offered is not None)
    b.add("recall-proposal", folded=True)


def _executing(b: _Builder) -> None:
    b.block("tasks")
    if b.d.facts.unassigned_items:
        b.add("dispatch-items")
    b.add("finish-execution")


def _callback(b: _Builder) -> None:
    if b.d.callbacks:
        b.block("callbacks")
    if not lacking("close", b.d):
        b.add("close")
        return
    if b.d.may_call_back:
        b.add("record-callback")
    else:
        b.block("elsewhere")
    b.add("close", folded=True)


def _ended(b: _Builder) -> None:
    b.block("outcome")
    pending = next((r for r in b.d.reviews if r.state == "pending"), None)
    if pending:
        _review(b, pending)


def _review(b: _Builder, pending: Any) -> None:
    b.block("review")
    if b.d.may_review:
        b.add("decide-review", child=pending.pk)


def _escalated(b: _Builder) -> None:
    b.block("external")
    b.add("external-result")


STAGES = {
    Stage.RECEIVED: _received,
    Stage.ACKNOWLEDGED: _acknowledged,
    Stage.ASSESSED: _assessed,
    Stage.INVESTIGATING: _investigating,
    Stage.PROPOSING: _proposing,
    Stage.APPROVING: _approving,
    Stage.OFFERED: _offered,
    Stage.EXECUTING: _executing,
    Stage.CALLBACK: _callback,
    Stage.CLOSED: _ended,
    Stage.WITHDRAWN: _ended,
    Stage.REJECTED: _ended,
    Stage.MERGED: _ended,
    Stage.ESCALATED_OUT: _escalated,
}

#: The menu: verb and the stages in which it makes sense.
BEFORE_JUDGED = {Stage.RECEIVED, Stage.ACKNOWLEDGED}
MENU: tuple[tuple[Any, tuple[tuple[str, str, frozenset[Stage]], ...]], ...] = (
    (_("办理"), (
        ("task", "checklist", OPEN), ("promise", "heart-handshake", OPEN), ("correct", "edit", OPEN),
        ("restate", "message-circle", frozenset(OURS)), ("assess", "scale", frozenset(OURS - BEFORE_JUDGED)),
        ("record-finding", "search", frozenset({Stage.PROPOSING, Stage.ESCALATED_OUT})),
        ("assign", "user-check", OPEN), ("collaborate", "user-plus", OPEN), ("escalate", "arrow-up-right", OPEN),
        ("request-reception", "calendar-event", OPEN),
    )),
    (_("了结"), (
        ("reject", "ban", frozenset(MOVES["reject"].frm)), ("withdraw", "arrow-back-up", frozenset(OURS)),
        ("merge", "git-merge", frozenset(OURS)), ("escalate-out", "external-link", frozenset(OURS)),
        ("reopen", "refresh", frozenset(MOVES["reopen"].frm)),
        ("request-review", "eye", frozenset(set(Stage) - BEFORE_JUDGED - {Stage.MERGED, Stage.WITHDRAWN})),
    )),
    (_("善后"), (
        ("correction", "tool", frozenset(set(Stage) - {Stage.MERGED})),
        ("responsibility", "flag", frozenset(set(Stage) - BEFORE_JUDGED)),
        ("repair", "heart-handshake", frozenset(Stage)), ("improvement", "bulb", frozenset(Stage)),
        ("reward", "award", frozenset(Stage)), ("publish", "book", ENDED), ("library", "star", ENDED),
    )),
)  # fmt: skip


def menu(request: HttpRequest, d: Detail) -> list[dict[str, Any]]:
    """What else may be done now by this person, in groups."""
    stage, actor = Stage(d.complaint.stage), request.actor  # type: ignore[attr-defined]
    found = []
    for label, entries in MENU:
        items = [
            {"action": ACTIONS[verb], "icon": icon}
            for verb, icon, stages in entries
            if stage in stages and allowed(actor, ACTIONS[verb].needs)
        ]
        if items:
            found.append({"label": label, "entries": items})
    return found
