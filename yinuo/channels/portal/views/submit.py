"""Writing to us: what happened, what is wanted, how to reach you. One page, a receipt."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yinuo.channels.portal import links
from yinuo.channels.portal.arrival import check, submit
from yinuo.channels.portal.forms import Form, blank, check_human, posted, run
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.rules import KINDS, MAX_CONTENT, MAX_FILES, WISHES
from yinuo.channels.portal.views.uploads import keep_files, waiting
from yinuo.channels.portal.visitor import count, unlock
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing, YinuoError

FIELDS = ("content", "demand", "name", "phone", "email", "product", "batch", "occurred_on", "wants_leader")
LISTS = ("wishes",)


def write(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Missing("")
    form = posted(request, FIELDS, LISTS) if request.method == "POST" else blank()
    if request.method == "POST":
        keep_files(request, form)
        done = None if form.above else _submit(request, form, kind)
        if done:
            return _receipt(request, done)
    values = {
        "kind": KINDS[kind], "form": form, "wishes": WISHES.items(), "files": waiting(form), "max_content": MAX_CONTENT,
        "max_files": MAX_FILES,
    }  # fmt: skip
    return render(request, "write", values, status=form.status)


def _submit(request: HttpRequest, form: Form, kind: str) -> dict[str, Any] | None:
    """None when something is missing. A second press of the button is let through to the same receipt."""
    names = form.typed if kind == "complaint" else ("content", "name", "phone", "email")
    typed = {name: form[name] for name in names if name != "wants_leader"}
    try:
        _clean, identities = check(kind=kind, at=clock.now(), **typed)
        check_human(request, form)
        for _what, value in identities:
            count("submit_contact", value)
    except YinuoError as error:
        form.refuse(error)
        return None
    typed["wants_leader"] = bool(form["wants_leader"])
    done: dict[str, Any] | None = run(form, submit, kind=kind, upload_key=form.ticket.upload_key, **typed)
    return done


def _receipt(request: HttpRequest, done: dict[str, Any]) -> HttpResponse:
    now = clock.now()
    token = links.case_token(done["matter_id"], now)
    response = HttpResponseRedirect(reverse("portal_case", args=[token]) + "?new=1", status=303)
    unlock(request, response, done["matter_id"], now)
    return response
