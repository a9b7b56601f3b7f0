"""What the documentation says beyond types: which values a field may have, an example of each, and whose words.

The schema is English by itself; `data/summaries.json` has the summaries in Chinese (for verbs made from commands in
both languages), `data/descriptions.json` what is longer, and `data/examples.json` one example per field. Tests hold
each against the operations, so that none falls behind.
"""

import json
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from yinuo.api.accepted import PREFERENCE
from yinuo.api.operations import PROBLEMS
from yinuo.api.problems import Problem
from yinuo.channels.webhook.rules import EVENTS
from yinuo.complaints.rules import choices
from yinuo.conversations.models import Interaction
from yinuo.customers.commands import REVEALABLE
from yinuo.customers.models import ChannelIdentity, Contact, Customer, CustomerNote, OrganisationLink
from yinuo.customers.rules import SOURCES
from yinuo.identity import wishes
from yinuo.knowledge.models import Article, ReplyTemplate
from yinuo.matters.models import Matter
from yinuo.matters.plain import BY_HAND, PLAIN
from yinuo.promises.models import Snooze
from yinuo.surveys.models import Invitation
from yinuo.surveys.rules.asking import ANONYMITY, OPENS, TRIGGERS
from yinuo.surveys.rules.questions import KINDS
from yinuo.wording.models import WordingRule
from yinuo.wording.words import CHANNELS
from yinuo.wording.words import KINDS as WORDING_KINDS

DATA = Path(__file__).parent / "data"
VIA = ("", "email")
#: "Schema.field" → the values it may have. A command refuses any other; a test tries one.
CHOICES: dict[str, Iterable[str]] = {
    "SurveySaveQuestionnaireIn.kind": KINDS, "SurveySaveQuestionnaireIn.anonymity": ANONYMITY,
    "SurveySaveQuestionnaireIn.opens": OPENS, "SurveySavePlanIn.trigger": TRIGGERS,
    "NewQuestionnaireIn.kind": KINDS, "NewQuestionnaireIn.anonymity": ANONYMITY, "NewQuestionnaireIn.opens": OPENS,
    "NewSurveyPlanIn.trigger": TRIGGERS,
    "SurveyAskIn.way": Invitation.Way.values,
    "CustomerIn.source": SOURCES, "CustomerIn.status": Customer.Status.values, "CustomerPatch.source": SOURCES,
    "CustomerPatch.status": Customer.Status.values, "RevealIn.field": REVEALABLE,
    "CustomerAddIdentityIn.kind": ChannelIdentity.Kind.values, "CustomerNoteIn.with_whom": CustomerNote.With.values,
    "CustomerAddContactIn.role": Contact.Role.values, "CustomerAddContactPersonIn.role": Contact.Role.values,
    "CustomerLinkIn.kind": OrganisationLink.Kind.values, "CustomerProposeGradeIn.grade": Customer.Grade.values,
    "ContactRegisterIn.channel": BY_HAND, "ContactRegisterIn.direction": Interaction.Direction.values,
    **{
        f"{model}.{field}": values
        for model in ("WordingAddRuleIn", "WordingChangeRuleIn")
        for field, values in (
            ("category", WordingRule.Category.values), ("level", WordingRule.Level.values), ("kinds", WORDING_KINDS),
            ("channels", CHANNELS),
        )
    },
    "ContactRegisterIn.kind": Interaction.Kind.values, "MatterRaiseIn.kind": PLAIN,
    "ApprovalDecideIn.decision": ("approved", "rejected"), "EndpointIn.events": EVENTS, "EndpointPatch.events": EVENTS,
    "PromiseSnoozeIn.reason": Snooze.Reason.values, "TaskSnoozeIn.reason": Snooze.Reason.values,
    "ComplaintIn.kind": choices.Kind.values, "ComplaintIn.subkind": choices.Subkind.values,
    "ComplaintIn.severity": choices.Severity.values, "ComplaintIn.temperament": choices.Temperament.values,
    "ComplaintAssessIn.judgement": choices.Judgement.values, "ComplaintAssessIn.kind": choices.Kind.values,
    "ComplaintAssessIn.subkind": choices.Subkind.values, "ComplaintAssessIn.severity": choices.Severity.values,
    "ComplaintAssessIn.risks": choices.Risk.values, "ComplaintAssessIn.temperament": choices.Temperament.values,
    "ComplaintAssessIn.manner": choices.Manner.values, "ComplaintAssessIn.complexity": choices.Complexity.values,
    "ComplaintRestateIn.via": ("phone", "visit", "email", "link"), "ComplaintOfferAgreementIn.via": ("link", "email"),
    "ComplaintRecordCallbackIn.via": choices.Channel.values,
    "ComplaintRecordReceptionIn.state": ("held", "missed", "canceled"),
    "ComplaintRecordAgreementAnswerIn.how": ("recorded_call", "paper"),
    "ComplaintDecideResponsibilityIn.step": ("", *choices.DisciplineStep.values),
    "ComplaintCheckRecurrenceIn.recurrence": choices.Recurrence.values,
    **{f"Article{verb}In.{field}": values for verb in ("Create", "Edit") for field, values in (
        ("kind", Article.Kind.values), ("visibility", Article.Visibility.values), ("matters", Matter.Kind.values))},
    **{f"Template{verb}In.channel": [value for value, _label in ReplyTemplate.CHANNELS] for verb in ("Create", "Edit")},
    **{f"NoticesPatch.{way}": wishes.KINDS for way in ("shown", "desktop", "sound")},
    "NoticesPatch.quiet_days": "0123456",
    **{f"Complaint{verb}In.via": VIA for verb in ("Acknowledge", "Reply", "Close", "Reject", "Reward", "Merge",
                                                  "DecideReview")},
}  # fmt: skip


@cache
def kept(name: str) -> Any:
    """A file of `data/`, read once."""
    return json.loads((DATA / name).read_text("utf-8"))


def example_of(schema: str, field: str) -> Any:
    """The example for a field, KeyError where none has been thought of."""
    examples: dict[str, Any] = kept("examples.json")
    return examples[f"{schema}.{field}"] if f"{schema}.{field}" in examples else examples[field]


class DescribedAPI(NinjaAPI):
    """The OpenAPI document with values, examples and, for Chinese readers, Chinese summaries."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.made: dict[tuple[bool, str], OpenAPISchema] = {}

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        chinese = (get_language() or "zh").startswith("zh")
        key = (chinese, repr(given))
        if key not in self.made:  # a second's work, the same for everybody
            self.made[key] = _described(super().get_openapi_schema(**given), chinese)
        return self.made[key]


def _described(schema: OpenAPISchema, chinese: bool) -> OpenAPISchema:
    schema["components"]["schemas"][Problem.__name__] = Problem.model_json_schema(ref_template=REF_TEMPLATE)
    for name, component in schema["components"]["schemas"].items():
        for field, described in component.get("properties", {}).items():
            if f"{name}.{field}" in CHOICES:
                _choices(described, [str(value) for value in CHOICES[f"{name}.{field}"]])
            if name.endswith(("In", "Patch")):
                described["example"] = example_of(name, field)
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            said = kept("summaries.json")[f"{method.upper()} {path.partition('/v1')[2]}"]
            if isinstance(said, list):  # a verb made from its command: its docstring is the description
                operation["summary"] = said[1]
            if chinese:
                operation["summary"] = said if isinstance(said, str) else said[0]
            _description(operation, f"{method.upper()} {path.partition('/v1')[2]}", chinese)
            if method != "get":
                about = next(part for part in kept("guide.json") if part["id"] == "repeat")["text"][0][not chinese]
                operation.setdefault("parameters", []).append({**IDEMPOTENCY, "description": about})
            _problems(operation["responses"])
            if 202 in operation["responses"]:
                _later(operation, not chinese)
    return schema


def _description(operation: dict[str, Any], name: str, chinese: bool) -> None:
    """What is longer than a summary is the command's docstring; a pair has words of its own for English readers too."""
    said = kept("descriptions.json").get(name)
    if isinstance(said, list):
        operation["description"] = said[not chinese]
    elif said and chinese:
        operation["description"] = said


def _problems(responses: dict[int, dict[str, Any]]) -> None:
    """Every operation may refuse, in the same words and with a media type of its own (RFC 9457). Declared here and not
    with each operation: there the framework makes ten classes of it, at every start.
    """
    content = {"application/problem+json": {"schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)}}}
    responses.update(
        {status: {"description": HTTPStatus(status).phrase, "content": content} for status in sorted(PROBLEMS)}
    )


def _later(operation: dict[str, Any], language: int) -> None:
    """What an operation that may answer with a receipt says about it."""
    about = [text[language] for text in next(p for p in kept("guide.json") if p["id"] == "later")["text"]]
    operation["parameters"].append({**PREFER, "description": about[0]})
    operation["responses"][202] |= {
        "description": about[1],
        "headers": {
            "Location": {"schema": {"type": "string", "format": "uri-reference"}},
            "Preference-Applied": {"schema": {"type": "string", "enum": [PREFERENCE]}},
        },
    }


IDEMPOTENCY: dict[str, Any] = {
    "in": "header", "name": "Idempotency-Key", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[\\x21-\\x7e]+$"},
}  # fmt: skip
PREFER: dict[str, Any] = {
    "in": "header", "name": "Prefer", "required": False, "schema": {"type": "string", "enum": [PREFERENCE]},
}  # fmt: skip


def _choices(described: dict[str, Any], values: list[str]) -> None:
    """Said where the type is, also inside a list or beside null."""
    holder = described
    for one in described.get("anyOf", []):
        holder = one if one.get("type") != "null" else holder
    if holder.get("type") == "array":
        holder = holder["items"]
    holder["enum"] = values
