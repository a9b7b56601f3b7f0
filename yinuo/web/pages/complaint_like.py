"""A proposal filled in from an earlier case: shown for the person to check, saved by nobody but that person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from yinuo.complaints.queries.detail import complaint
from yinuo.complaints.queries.proposals import agreed
from yinuo.matters.queries import draft
from yinuo.web.forms.complaint_stage import ProposalForm
from yinuo.web.pages.complaint_actions import ACTIONS
from yinuo.web.pages.complaint_starts import proposal
from yinuo.web.reads.recognising import number
from yinuo.web.render import is_fragment, render
from yinuo.web.routes import page

ACTION = ACTIONS["draft-proposal"]
PLACE = "now-draft-proposal"


@require_http_methods(["GET", "POST"])
def like(request: HttpRequest, complaint_id: int, source_id: int) -> HttpResponse:
    """By POST with what was typed so far; by a plain link with what was kept of it, else with the saved draft."""
    row = complaint(complaint_id)
    taken = agreed(source_id, besides=row.pk)
    version = number(request.POST.get("version", "")) if request.method == "POST" else row.version
    form = ProposalForm.of(request, _typed(request, row), version=version, unsent=True, auto_id=f"{ACTION.verb}_%s")
    form.take(taken)
    return render(
        request,
        "complaints/action.jinja",
        {
            "section": "complaints",
            "row": row,
            "action": ACTION,
            "form": form,
            "child": 0,
            "part": f"#{PLACE}" if is_fragment(request) else "",
            "place": PLACE if is_fragment(request) else "page",
        },
        part="panel",
    )


def _typed(request: HttpRequest, row: Any) -> dict[str, Any]:
    if request.method == "POST":
        return {name: value for name, value in request.POST.items() if name not in ProposalForm.PLUMBING}
    return dict(draft(f"complaint:{row.pk}:proposal") or {}) or proposal(row)


routes = [
    page(
        "complaints/<int:complaint_id>/draft-proposal/like/<int:source_id>/",
        like,
        needs=ACTION.needs,
        name="complaint_like",
    )
]
