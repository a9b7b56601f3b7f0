"""Everything that can be done to a complaint: one URL per verb, one small form each, in a dialog or in the page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yinuo.complaints.queries.detail import complaint
from yinuo.complaints.rules.choices import Channel
from yinuo.web.forms.base import PageForm, submit
from yinuo.web.forms.holding import refill, say
from yinuo.web.pages.complaint_verbs.action import Action
from yinuo.web.pages.complaint_verbs.after import AFTER
from yinuo.web.pages.complaint_verbs.beside import SIDE
from yinuo.web.pages.complaint_verbs.ends import ENDS
from yinuo.web.pages.complaint_verbs.stages import STAGE
from yinuo.web.pages.holds import after_saying
from yinuo.web.render import go, is_fragment, render
from yinuo.web.routes import page

#: Ways by which words reach the customer at once, or have.
SENDING = {"", "email", "told"}
#: What goes to the customer as a signed link: only to an address somebody has checked.
LINKED = {"restate", "offer-agreement"}
#: What may go out later, and the command it becomes.
HELD = {"reply": "complaint.reply"}
ACTIONS: dict[str, Action] = {a.verb: a for a in (*STAGE, *ENDS, *SIDE, *AFTER)}


def make_form(request: HttpRequest, action: Action, row: Any, child: int = 0) -> PageForm:
    """The form of an action for this complaint, filled with what is known."""
    initial = action.initial(row, child) if action.initial else None
    options = action.options(row) if action.options else {}
    version = (row.matter.version if action.subject == "matter_id" else row.version) if action.stale else None
    form = action.form.of(request, initial, version=version, auto_id=f"{action.verb}_%s", **options)
    _one_way(form, row, row.mails_links if action.verb in LINKED else row.mails)
    if action.verb in HELD:
        form.later = True
        refill(request, form)
    return form


def _one_way(form: PageForm, row: Any, mails: bool) -> None:
    """The channel of a complaint that came by e-mail is e-mail: there are not two to choose from. What is sent by
    itself need not have been said. Where there is no address, e-mail is not offered, and the page says why.
    """
    ways: Any = form.fields.get("via")
    form.goes_out = bool(ways) and {value for value, _label in ways.choices} <= SENDING
    if ways and not mails and row.channel != Channel.EMAIL and any(value == "email" for value, _label in ways.choices):
        form.no_mail = True
        form.offer("via", [(value, label) for value, label in ways.choices if value != "email"])
    if ways and row.reaches_by_itself:
        form.offer("via", [(value, label) for value, label in ways.choices if value != "told"])
    if ways and row.channel == Channel.EMAIL and {value for value, _label in ways.choices} == {"", "email"}:
        form.offer("via", [("email", _("邮件"))])
        form.initial["via"] = "email"


def _view(action: Action) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    def act(request: HttpRequest, complaint_id: int, child: int = 0) -> HttpResponse:
        row = complaint(complaint_id)
        form = make_form(request, action, row, child)
        subject = {action.subject: child or complaint_id}
        if action.verb in HELD:
            here = reverse("complaint", args=[complaint_id])
            name = HELD[action.verb]
            said = say(request, form, action.command, name, page=here, matter_id=complaint_id, **subject)
            if said:
                return after_saying(request, said, here, str(action.done))
        elif submit(request, form, action.command, stale=action.stale, **subject):
            return go(request, "complaint", complaint_id, toast=str(action.done))
        target = request.headers.get("HX-Target") or "dialog-body"
        return render(
            request,
            "complaints/action.jinja",
            {
                "section": "complaints",
                "row": row,
                "action": action,
                "form": form,
                "child": child,
                "part": f"#{target}" if is_fragment(request) else "",
                "place": target if is_fragment(request) else "page",
            },
            part="panel",
        )

    return act


routes = [
    page(
        f"complaints/<int:complaint_id>/{a.verb}/" + ("<int:child>/" if a.nested else ""),
        _view(a),
        needs=a.needs,
        name=f"complaint_{a.verb.replace('-', '_')}",
    )
    for a in ACTIONS.values()
]
