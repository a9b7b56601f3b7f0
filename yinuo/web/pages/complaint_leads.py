"""Where each thing a complaint still lacks is done: a form of the panel, a dialog, a drawer or another page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from yinuo.complaints.queries.detail import Detail
from yinuo.complaints.rules.guards import Lack
from yinuo.promises.queries import to_make_good
from yinuo.web.pages.complaint_actions import ACTIONS
from yinuo.web.routes import allowed


@dataclass(frozen=True)
class Place:
    """A sentence and, if this person can do something about it now, the address where. `opens`: "dialog" or "drawer"
    beside the page, or the address itself when empty.
    """

    sentence: str
    href: str = ""
    opens: str = ""


class Where:
    """Looks for the place of a lack. `here`: verbs whose form stands in the panel; `elsewhere`: those of the menu."""

    def __init__(self, d: Detail, actor: Any, here: set[str], elsewhere: set[str]) -> None:
        self.d, self.actor, self.here, self.elsewhere = d, actor, here, elsewhere

    def of(self, lack: Lack, *, within: str = "") -> Place:
        """The place; a form does not lead to itself."""
        href, opens = ("", "") if lack.ended_by == within else self._find(lack)
        return Place(str(lack), href, opens)

    def _find(self, lack: Lack) -> tuple[str, str]:
        special = getattr(self, "_" + lack.ended_by.replace("-", "_"), None)
        return special(lack) if special else self._verb(lack.ended_by)

    def _verb(self, verb: str, child: int = 0) -> tuple[str, str]:
        """A form in the panel, or the same in a dialog."""
        if verb in self.here:
            return f"#now-{verb}", ""
        action = ACTIONS.get(verb)
        if action is None or not (child or verb in self.elsewhere) or not allowed(self.actor, action.needs):
            return "", ""
        args = [self.d.complaint.pk, child] if child else [self.d.complaint.pk]
        return reverse(f"complaint_{verb.replace('-', '_')}", args=args), "dialog"

    def _task_done(self, lack: Lack) -> tuple[str, str]:
        task = _titled((t for t in self.d.tasks if t.state == "open"), lack.about)
        return (reverse("task", args=[task.pk]), "") if task else ("", "")

    def _tasks(self, lack: Lack) -> tuple[str, str]:
        task = next((t for t in self.d.tasks if t.state == "open"), None)
        return (reverse("task", args=[task.pk]), "") if task else ("", "")

    def _agreement_answer(self, lack: Lack) -> tuple[str, str]:
        return self._verb("agreement-answer" if "agreement-answer" in self.here else "offer-agreement")

    def _promise_kept(self, lack: Lack) -> tuple[str, str]:
        promise = _titled((p for p in self.d.promises if p.outstanding), lack.about)
        return self._verb("promise-kept", promise.pk) if promise else ("", "")

    def _make_good(self, lack: Lack) -> tuple[str, str]:
        owed = _titled((c.promise for c in to_make_good(self.d.promises)), lack.about)
        if owed is None or not self.actor.may("promise.handle"):
            return "", ""
        return reverse("promise_make_good", args=[owed.pk]), "drawer"

    def _approval(self, lack: Lack) -> tuple[str, str]:
        pending = next((a for a in self.d.approvals if a.state == "pending"), None)
        return (reverse("approval", args=[pending.pk]), "") if pending else ("", "")

    def _decide_review(self, lack: Lack) -> tuple[str, str]:
        row = next((r for r in self.d.reviews if r.state == "pending"), None) if self.d.may_review else None
        return self._verb("decide-review", row.pk) if row else ("", "")

    def _reception(self, lack: Lack) -> tuple[str, str]:
        row = next((r for r in self.d.receptions if r.state in ("requested", "booked")), None)
        return (
            self._verb("book-reception" if row.state == "requested" else "record-reception", row.pk)
            if row
            else ("", "")
        )

    def _customer(self, lack: Lack) -> tuple[str, str]:
        return reverse("customer", args=[self.d.complaint.matter.customer_id]), "drawer"


def _titled(rows: Iterable[Any], title: str) -> Any:
    """The row a sentence speaks of; it was read by its title."""
    return next((row for row in rows if row.title == title), None)
