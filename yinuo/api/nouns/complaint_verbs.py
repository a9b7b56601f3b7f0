"""POST /complaints/7/acknowledge and its sisters: one URL per verb.

The answer is the complaint as it now stands and the row the verb made, if any.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from ninja import Schema

from yinuo.api.nouns.complaints import ComplaintOut, shown
from yinuo.api.operations import Noun
from yinuo.api.verbs import Made, made, verb
from yinuo.complaints import commands
from yinuo.complaints.commands.printing import reveal_for_paper
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries import complaint

#: router prefix → the parameter its id fills → the verbs
VERBS: dict[tuple[str, str], dict[str, Callable[..., Any]]] = {
    ("/complaints", "complaint_id"): {
        "restate": commands.restate, "acknowledge": commands.acknowledge, "reply": commands.reply,
        "assess": commands.assess, "start-investigation": commands.start_investigation,
        "record-finding": commands.record_finding, "draft-proposal": commands.draft_proposal,
        "submit-proposal": commands.submit_proposal, "recall-proposal": commands.recall_proposal,
        "offer-agreement": commands.offer_agreement, "dispatch-items": commands.dispatch_items,
        "finish-execution": commands.finish_execution, "record-callback": commands.record_callback,
        "close": commands.close, "reject": commands.reject, "withdraw": commands.withdraw, "reopen": commands.reopen,
        "escalate": commands.escalate, "escalate-out": commands.escalate_out,
        "set-external-reference": commands.set_external_reference,
        "record-external-result": commands.record_external_result, "request-review": commands.request_review,
        "request-reception": commands.request_reception, "plan-correction": commands.plan_correction,
        "plan-repair": commands.plan_repair, "propose-improvement": commands.propose_improvement,
        "put-in-library": commands.put_in_library, "publish": commands.publish, "reward": commands.reward,
        "propose-responsibility": commands.propose_responsibility,
    },
    ("/complaints", "into_id"): {"merge": commands.merge_complaints},
    ("/agreements", "agreement_id"): {"record-answer": commands.record_agreement_answer},
    ("/restatements", "restatement_id"): {"record-answer": commands.record_restatement_answer},
    ("/reviews", "review_id"): {"decide": commands.decide_review},
    ("/receptions", "reception_id"): {"book": commands.book_reception, "record": commands.record_reception},
    ("/responsibilities", "responsibility_id"): {"decide": commands.decide_responsibility},
    ("/repairs", "repair_id"): {"finish": commands.finish_repair},
    ("/improvements", "improvement_id"): {"answer": commands.answer_improvement},
    ("/corrections", "corrective_id"): {
        "finish": commands.finish_correction, "check-recurrence": commands.check_recurrence,
    },
}  # fmt: skip


class Plain(Schema):
    phone: str
    email: str


class Moved(Schema):
    complaint: ComplaintOut
    made: Made | None


def _answer(result: Any, row_id: int) -> dict[str, Any]:
    row = result if isinstance(result, Model) and not isinstance(result, Complaint) else None
    complaint_id = getattr(row, "complaint_id", None) or (result.pk if isinstance(result, Complaint) else row_id)
    return {"complaint": shown(complaint(complaint_id)), "made": made(row) if row is not None else None}


def routers() -> dict[str, Noun]:
    """A router per prefix, with its verbs."""
    found: dict[str, Noun] = {}
    for (prefix, own), verbs in VERBS.items():
        noun = found.setdefault(prefix, Noun(prefix, "complaints"))
        for name, command in verbs.items():
            named = f"{prefix.strip('/')}_{name}".replace("-", "_")
            verb(noun, f"/{{int:row_id}}/{name}", command, own=own, show=_answer, returns=Moved, name=named)
    verb(
        found["/complaints"], "/{int:row_id}/reveal", reveal_for_paper, own="complaint_id", keeps=False,
        show=lambda plain, _row_id: plain, returns=Plain, name="complaints_reveal",
        summary="The complainant's phone and e-mail in plain; the reason is kept",
    )  # fmt: skip
    return found
