"""What stands between a written text and its customer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.text import clean_line, clean_text
from yinuo.wording.models import WordingPass
from yinuo.wording.queries import digest, found_in
from yinuo.wording.rules import Finding, blocking

#: So long words somebody agreed to may be sent.
GOOD_FOR = timedelta(days=14)


def check_wording(
    text: str, *, kind: str = "", channel: str = "", field: str = "text", by: Actor, at: datetime
) -> None:
    """Refuse what a rule keeps from being said, unless somebody who may has agreed to these very words. Asked by every
    command that sends what a person wrote; what the product writes by itself is not a person's.
    """
    if by.staff_id is None or not text:
        return
    found = blocking(found_in(text, kind=kind, channel=channel))
    if not found:
        return
    agreed = WordingPass.unscoped.filter(
        staff_id=by.staff_id, digest=digest(text), granted_at__gt=at - GOOD_FOR
    ).order_by("-pk").first()  # fmt: skip
    if agreed is None:
        refuse(found, field)
    if agreed.used_at is None:
        agreed.used_at = at
        agreed.save(update_fields=["used_at"])
    record(agreed, {"said": [one.words for one in found], "granted_by": agreed.granted_by_id})


def refuse(found: Sequence[Finding], field: str = "text") -> NoReturn:
    sentences = [sentence(one) for one in found]
    raise Refused("；".join(sentences), code="wording_blocked", fields={field: "；".join(sentences[:3])})


def sentence(found: Finding) -> str:
    """What is wrong, and what may be said."""
    values = {"words": found.words, "why": found.rule.why.rstrip("。")}
    if not found.rule.instead:
        return _("“%(words)s”不能发给客户：%(why)s") % values
    instead = found.rule.instead[0].rstrip("。")
    return _("“%(words)s”不能发给客户：%(why)s。可以说：%(instead)s") % {**values, "instead": instead}


@command("wording.let_pass", needs="wording.override")
def let_pass(*, text: str, reason: str, staff_id: int | None = None, by: Actor, at: datetime) -> WordingPass:
    """These very words may be sent, by oneself or by `staff_id`, although a rule keeps them back."""
    words, why = clean_text(text, 100_000), clean_line(reason[:1000], 500)
    wrong = {}
    if not words:
        wrong["text"] = _("请填写要放行的内容")
    if not why:
        wrong["reason"] = _("请说明为什么可以这样说")
    if wrong:
        raise Invalid(_("放行没有填完整"), fields=wrong)
    made: WordingPass = WordingPass.unscoped.create(
        staff_id=staff_id or by.staff_key, digest=digest(words), reason=why, granted_by_id=by.staff_id, granted_at=at
    )
    said = [one.words for one in blocking(found_in(words, kind="complaint"))]
    record(made, {"reason": why, "said": said, "for": made.staff_id})
    return made
