"""Which intakes are plain, and what can be seen wrong with one before the database is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.registration import _checked, _received_at
from yinuo.complaints.intake.known import Contact
from yinuo.complaints.models import AcceptedIntake
from yinuo.complaints.rules.choices import Severity
from yinuo.complaints.rules.registration import title_of
from yinuo.customers.rules import normal_identity
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.once import Claim
from yinuo.kernel.text import clean_line

#: What the hot path does not do itself.
BY_COMMAND = ("customer_id", "interaction_id", "upload_key", "owner_id", "unit_id", "wants_leader", "verified_how")
#: What other programs may want to be told of the whole intake: a webhook is a row of the command's own transaction.
EVENTS = frozenset({"complaint.received", "matter.opened", "interaction.received"})
_CODED = ("severity", "kind", "subkind", "temperament")
_APART = frozenset(("name", "phone", "email", "customer_kind", "title", "received_at", *_CODED, *BY_COMMAND))


@dataclass(frozen=True, slots=True)
class Intake:
    """One plain intake as it came: by whom, when, and its fields in their clean form."""

    channel: str
    name: str
    customer_kind: str
    clean: dict[str, Any]
    extra: dict[str, Any]
    by: Actor
    at: datetime
    number: str = ""
    accepted: AcceptedIntake | None = None
    claim: Claim | None = None

    @property
    def contacts(self) -> list[Contact]:
        return [(kind, self.extra[kind]) for kind in ("phone", "email") if self.extra[kind]]


def is_plain(given: Mapping[str, Any], by: Actor) -> bool:
    """Whether the hot path may do it, as far as the input says."""
    return bool(by.staff_id and by.unit_id) and not any(given.get(name) for name in BY_COMMAND)


def plain_intake(channel: str, content: str, given: Mapping[str, Any], by: Actor, at: datetime, **more: Any) -> Intake:
    """The intake with everything checked that the input alone can tell; raises what the command would raise."""
    if not by.may("complaint.register"):
        raise Denied(_("您没有进行此操作的权限"))
    clean, extra = check_input(channel, content, given, at)
    name = clean_line(given.get("name", ""), 120)
    return Intake(channel, name, given.get("customer_kind", "person"), clean, extra, by, at, **more)


def check_input(
    channel: str, content: str, given: Mapping[str, Any], at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The clean fields of the form, and what stands beside them; `Invalid` says what is wrong."""
    coded = {name: given.get(name, "") for name in _CODED}
    fields = {name: value for name, value in given.items() if name not in _APART}
    clean, wrong = _checked(
        {"content": content, "complainant": given.get("name", ""), **fields}, channel, at=at, **coded
    )
    extra: dict[str, Any] = {**coded, "severity": coded["severity"] or Severity.ORDINARY}
    for what in ("phone", "email"):
        raw = given.get(what) or ""
        try:
            extra[what] = normal_identity(what, raw) if raw.strip() else ""
        except Invalid as problem:
            wrong[what] = problem.message
    if wrong:
        raise Invalid(_("有几处需要更正"), fields=wrong)
    extra["received"] = _received_at(given.get("received_at"), at)
    extra["title"] = clean_line(given.get("title", ""), 120) or title_of(clean["content"], clean.get("product", ""))
    return clean, extra
