"""POST /complaints/7/acknowledge and its sisters: one URL per verb, made from the commands' own signatures.

A verb's body has the parameters of its command, so the API cannot fall behind what the pages can do. The answer is the
complaint as it now stands and the row the verb made, if any.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from django.db.models import Model
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field, create_model

from yinuo.api.nouns.complaints import ComplaintOut, shown
from yinuo.api.operations import Given, Id, Noun
from yinuo.complaints import commands
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries import complaint
from yinuo.kernel.command import COMMANDS

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
        "record-external-result": commands.record_external_result, "request-review": commands.request_review,
        "request-reception": commands.request_reception, "plan-correction": commands.plan_correction,
        "plan-repair": commands.plan_repair, "propose-improvement": commands.propose_improvement,
        "put-in-library": commands.put_in_library,
    },
    ("/complaints", "into_id"): {"merge": commands.merge_complaints},
    ("/agreements", "agreement_id"): {"record-answer": commands.record_agreement_answer},
    ("/restatements", "restatement_id"): {"record-answer": commands.record_restatement_answer},
    ("/reviews", "review_id"): {"decide": commands.decide_review},
    ("/receptions", "reception_id"): {"book": commands.book_reception, "record": commands.record_reception},
    ("/corrections", "corrective_id"): {
        "finish": commands.finish_correction, "check-recurrence": commands.check_recurrence,
    },
}  # fmt: skip

Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class Made(Schema):
    type: str
    id: int


class Moved(Schema):
    complaint: ComplaintOut
    made: Made | None


def field_type(name: str, hint: Any) -> Any:
    """What JSON may hold for a parameter of a command."""
    if get_origin(hint) is not None and type(None) in get_args(hint):
        inner = [field_type(name, arg) for arg in get_args(hint) if arg is not type(None)]
        return Union[(*inner, None)]
    if hint is object:
        return str | int | float | None
    if hint is int:
        return Id if name.endswith("_id") else Small
    if get_origin(hint) is Sequence:
        return list[field_type(name.removesuffix("s"), get_args(hint)[0])]  # type: ignore[misc]
    if get_origin(hint) is Mapping:
        return dict[str, Any]
    return hint


def body_of(command: Callable[..., Any], own: str) -> type[Given]:
    """The schema of a verb's body; `version` stands for the command's `expected_version`."""
    plain = inspect.unwrap(command)
    hints = get_type_hints(plain)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(plain).parameters.items():
        if name in (own, "by", "at"):
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        shown_as = "version" if name == "expected_version" else name
        fields[shown_as] = (field_type(name, hints[name]), default)
    return create_model(f"{plain.__name__.title().replace('_', '')}In", __base__=Given, **fields)


def _operation(noun: Noun, prefix: str, own: str, verb: str, command: Callable[..., Any]) -> None:
    plain = inspect.unwrap(command)
    declared = next(d for d in COMMANDS.values() if d.function is plain)
    body_type = body_of(command, own)

    def run(request: HttpRequest, row_id: int, body: Any) -> dict[str, Any]:
        given = body.model_dump(exclude_unset=True)
        if "version" in given:
            given["expected_version"] = given.pop("version")
        return _answer(command(**{own: row_id}, **given), row_id)

    run.__name__ = f"{prefix.strip('/')}_{verb}".replace("-", "_")
    parameters = {"request": HttpRequest, "row_id": int, "body": body_type}
    run.__signature__ = inspect.Signature([  # type: ignore[attr-defined]
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kind)
        for name, kind in parameters.items()
    ])  # fmt: skip
    run.__annotations__ = parameters
    summary = (inspect.getdoc(plain) or verb.replace("-", " ").capitalize()).split("\n")[0]
    noun.post_(f"/{{int:row_id}}/{verb}", needs=str(declared.needs), returns=Moved, status=200, summary=summary)(run)


def _answer(result: Any, row_id: int) -> dict[str, Any]:
    made = result if isinstance(result, Model) and not isinstance(result, Complaint) else None
    complaint_id = getattr(made, "complaint_id", None) or (result.pk if isinstance(result, Complaint) else row_id)
    return {
        "complaint": shown(complaint(complaint_id)),
        "made": {"type": made._meta.model_name, "id": made.pk} if made is not None else None,
    }


def routers() -> dict[str, Noun]:
    """A router per prefix, with its verbs."""
    found: dict[str, Noun] = {}
    for (prefix, own), verbs in VERBS.items():
        noun = found.setdefault(prefix, Noun(prefix, "complaints"))
        for verb, command in verbs.items():
            _operation(noun, prefix, own, verb, command)
    return found
