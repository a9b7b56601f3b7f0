"""What the forms of a complaint start with."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yinuo.complaints.models import ExternalEscalation
from yinuo.complaints.queries.detail import dated_sentences
from yinuo.complaints.queries.listing import complaints_page
from yinuo.complaints.queries.papers import aftermath
from yinuo.complaints.queries.proposals import latest
from yinuo.complaints.rules.agreement import agreement_text
from yinuo.complaints.rules.registration import FIELDS, restatement_text
from yinuo.kernel.actor import current_actor
from yinuo.kernel.planned import planned
from yinuo.matters.models import Task
from yinuo.promises.models import Promise
from yinuo.web.forms.complaint_stage import proposal_initial


def acknowledge(row: Any, child: int = 0) -> dict[str, Any]:
    """The usual words: number, who, and the next answer's time when there is a promise for it."""
    owed = _next_answer(matter_id=row.pk)
    words = _("您好，您反映的“%(title)s”我们已经受理，编号 %(number)s，由%(name)s负责办理。") % {
        "title": row.matter.title,
        "number": row.matter.number,
        "name": row.matter.owner.name if row.matter.owner else current_actor().name,
    }
    return {"text": words + "\n" + "".join(dated_sentences(owed)), "via": "email" if row.channel == "email" else ""}


@planned("matter_id")
def _next_answer(*, matter_id: int) -> QuerySet[Any]:
    return Promise.objects.filter(matter_id=matter_id, outstanding=True, task=None).order_by("due_at")[:1]


def restate(row: Any, child: int = 0) -> dict[str, Any]:
    text = restatement_text({name: getattr(row, name) for name in FIELDS})
    linked = "email" if row.mails_links else "link"
    ways = {"visit": "visit", "email": "email", "portal": linked, "api": linked}
    return {"text": text, "via": ways.get(row.channel, "phone")}


def correct(row: Any, child: int = 0) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def assess(row: Any, child: int = 0) -> dict[str, Any]:
    names = ("judgement", "kind", "subkind", "severity", "risks", "complexity", "temperament", "manner", "basis")
    return {name: getattr(row, name) for name in names}


def proposal(row: Any, child: int = 0) -> dict[str, Any]:
    found = latest(row.pk)
    if found is None:
        return {}
    return proposal_initial(found, found.items_shown)


def offer(row: Any, child: int = 0) -> dict[str, Any]:
    found = latest(row.pk)
    if found is None:
        return {"via": "email" if row.mails_links else "link"}
    text = agreement_text(
        number=row.matter.number,
        customer=row.matter.customer.name,
        about=row.matter.title,
        items=[(i.kind, i.detail, i.amount) for i in found.items_shown],
        whole=found.total,
    )
    return {"text": text, "via": "email" if row.mails_links else "link"}


def callback(row: Any, child: int = 0) -> dict[str, Any]:
    return {"via": "phone", "reached": "yes"}


def close(row: Any, child: int = 0) -> dict[str, Any]:
    words = _("您好，您反映的“%(title)s”（编号 %(number)s）已经办结。谢谢您的意见，以后有任何问题请随时联系我们。") % {
        "title": row.matter.title,
        "number": row.matter.number,
    }
    return {
        "outcome": row.outcome,
        "lesson": row.lesson,
        "in_library": row.in_library,
        "thanks": words if row.reaches_by_itself else "",  # a call is made when there is something to say
        "via": "email" if row.channel == "email" else "",
    }


def reject(row: Any, child: int = 0) -> dict[str, Any]:
    return {"explanation": row.basis, "ground": "understood", "via": "email" if row.channel == "email" else ""}


def merge_options(row: Any) -> dict[str, Any]:
    """The other open complaints of this customer."""
    rows = complaints_page({"customer": str(row.matter.customer_id), "open": "1"}).rows
    return {"others": [(r.id, f"{r.number} {r.title}（{r.stage_label}）") for r in rows if r.id != row.pk]}


def external_reference(row: Any, child: int = 0) -> dict[str, Any]:
    found = ExternalEscalation.objects.filter(complaint=row.pk).order_by("-pk").first()
    return {"reference": found.reference} if found else {}


def task_done(row: Any, child: int = 0) -> dict[str, Any]:
    return {"kind": Task.objects.filter(pk=child).values_list("kind", flat=True).first() or ""}


def assign(row: Any, child: int = 0) -> dict[str, Any]:
    return {"owner_id": row.matter.owner_id}


def library(row: Any, child: int = 0) -> dict[str, Any]:
    return {"in_library": True, "lesson": row.lesson}


def responsibility(row: Any, child: int = 0) -> dict[str, Any]:
    found = next((r for r in aftermath(row.pk).responsibilities if r.pk == child), None)
    return {"step": found.proposed_step} if found else {}
