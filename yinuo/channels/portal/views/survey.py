"""Answering a questionnaire by link. Opening the link answers nothing: mail scanners open it, too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yinuo.channels.portal import links
from yinuo.channels.portal.forms import Form, blank, posted, run
from yinuo.channels.portal.pages import render, sorry
from yinuo.channels.portal.queries import expected
from yinuo.channels.portal.visitor import count, place
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Missing
from yinuo.surveys.commands import answer_by_link
from yinuo.surveys.links import read_token
from yinuo.surveys.models import Invitation
from yinuo.surveys.queries import for_link
from yinuo.surveys.rules.questions import Question

State = Invitation.State


def survey(request: HttpRequest, token: str) -> HttpResponse:
    row = for_link(read_token(token))
    if row is None:
        raise Missing("")
    if row.state == State.ANSWERED:
        return _thanks(request, row)
    if row.state in (State.CANCELED, State.EXPIRED):
        return sorry(request, 410, _("这份问卷已经结束"), _("谢谢您。还想说什么，随时可以告诉我们。"))
    asked = row.edition.questions
    form = _posted(request, asked) if request.method == "POST" else _preselected(request, asked)
    if request.method == "POST" and not form.above:
        count("survey_here", place(request))
        if _answer(form, token, asked):
            return HttpResponseRedirect(reverse("portal_survey", args=[token]), status=303)
    values = {"row": row, "form": form, "sections": _sections(asked), "anonymity": row.questionnaire.anonymity,
              "number": row.matter.number if row.matter else ""}  # fmt: skip
    return render(request, "survey", values, status=form.status)


def _posted(request: HttpRequest, asked: tuple[Question, ...]) -> Form:
    many = [q.key for q in asked if q.type == "many"]
    return posted(request, [*(q.key for q in asked if q.type != "many"), "anonymous", "wants_call"], many)


def _preselected(request: HttpRequest, asked: tuple[Question, ...]) -> Form:
    """What was touched in the mail or on the progress page is chosen already; sending it is the second touch."""
    touched = request.GET.get("s", "")
    return blank({asked[0].key: touched} if touched.isdecimal() and len(touched) < 3 else {})


def _answer(form: Form, token: str, asked: tuple[Question, ...]) -> Any:
    """Nothing of where it came from is recorded, not even the address: an answer may be nobody's."""
    with acting_as(Actor.customer(customer_id=None, name=_("答卷人"))):
        return run(
            form, _once_by_itself, token=token, given={q.key: form[q.key] for q in asked},
            anonymous=bool(form["anonymous"]), wants_call=bool(form["wants_call"]),
        )  # fmt: skip


def _once_by_itself(*, once: str, **given: Any) -> Any:
    """The invitation is what is used up, so a key of the form is not kept: it would remember the moment."""
    return answer_by_link(**given)


def _sections(asked: tuple[Question, ...]) -> list[tuple[str, list[Question]]]:
    """Questions about what one expects and what one found stand apart, each under its heading."""
    titles = {"expectation": _("先说说：好的服务单位应该怎样"), "perception": _("再说说：我们做得怎样")}
    found: list[tuple[str, list[Question]]] = []
    for q in asked:
        title = titles.get(q.side, "")
        if not found or found[-1][0] != title:
            found.append((title, []))
        found[-1][1].append(q)
    return found


def _thanks(request: HttpRequest, row: Any) -> HttpResponse:
    """The same however often the page is opened: the first answer stands."""
    now, answer = clock.now(), getattr(row, "answer", None)
    followup = answer.followup if answer else None
    values = {
        "row": row, "low": bool(answer and answer.low), "followup": followup,
        "expected": expected(followup, now) if followup else [],
        "case_token": links.case_token(followup.pk if followup else row.matter_id, now)
        if followup or (answer and row.matter_id) else "",
    }  # fmt: skip
    return render(request, "survey_done", values)
