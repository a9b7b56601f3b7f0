"""The hot path of registration: the very rows `commands.register` and its reactions write, in one read and one write.

Only the plain case goes this way: a complaint that comes by itself, from a customer who is new or recognised and not of
grade A. Anything else returns None and the caller takes the command. `tests/test_intake.py` holds the two against each
other row by row, so a change to the command or a reaction that is not made here fails there.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.registration import _checked, _received_at
from yinuo.complaints.intake.known import customer_of, read_known, standards_in_force
from yinuo.complaints.intake.rows import intake_rows
from yinuo.complaints.models import Complaint
from yinuo.complaints.rules.choices import Severity
from yinuo.complaints.rules.registration import title_of
from yinuo.customers.rules import normal_identity
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.single_write import write_at_once
from yinuo.kernel.text import clean_line
from yinuo.kernel.work import current_work, working
from yinuo.promises.commands.telling import wake_clock
from yinuo.promises.models import Promise

#: What the hot path does not do itself.
BY_COMMAND = ("customer_id", "interaction_id", "upload_key", "owner_id", "unit_id", "wants_leader", "verified_how")


def register_at_once(*, channel: str, content: str, by: Actor, at: datetime, **given: Any) -> Complaint | None:
    """The registered complaint, or None when the case is not plain."""
    if any(given.get(name) for name in BY_COMMAND) or not by.staff_id or not by.unit_id or current_work():
        return None
    if not by.may("complaint.register"):
        raise Denied(_("您没有进行此操作的权限"))
    clean, extra = _cleaned(channel, content, given, at)
    known = read_known(extra["phone"], extra["email"], by)
    customer, how = customer_of(
        known, clean_line(given.get("name", ""), 120), given.get("customer_kind", "person"), extra, by, at
    )
    standards = standards_in_force(known.standards)
    plain_case = customer is not None and known.unit_path is not None and standards is not None
    if not plain_case or customer is None or standards is None or len(standards) > len(known.promise_ids):
        return None
    with working() as work, permit_writes("complaint.register"):
        rows = intake_rows(work, known, customer, how, clean, extra, standards, channel, by, at)
        write_at_once(rows, work, at)
        wake_clock([row for row in rows if isinstance(row, Promise)], at)
    return next(row for row in rows if isinstance(row, Complaint))


def _cleaned(channel: str, content: str, given: dict[str, Any], at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    coded = {k: given.pop(k, "") for k in ("severity", "kind", "subkind", "temperament")}
    apart = ("name", "phone", "email", "customer_kind", "title", "received_at", *BY_COMMAND)
    fields = {k: v for k, v in given.items() if k not in apart}
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
