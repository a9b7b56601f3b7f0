"""Reading what was typed. Meaning is checked by the commands; here only the shape of a form is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yinuo.channels.portal import proof
from yinuo.channels.portal.visitor import count, place
from yinuo.kernel import clock
from yinuo.kernel.errors import AlreadyDone, Invalid, YinuoError

#: A field people do not see. What fills it is a program.
TRAP = "fax"


@dataclass(slots=True)
class Form:
    """Typed values by field, a sentence for each wrong one, and one above them all."""

    typed: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    above: str = ""
    status: int = 200
    ticket: proof.Ticket = field(default_factory=lambda: proof.issue(clock.now()))

    def __getitem__(self, name: str) -> Any:
        return self.typed.get(name, "")

    def refuse(self, error: YinuoError) -> None:
        self.status, self.above = error.status, error.message
        self.wrong.update(error.fields)


def blank(typed: Mapping[str, Any] | None = None) -> Form:
    return Form(dict(typed or {}))


def posted(request: HttpRequest, names: Iterable[str], lists: Iterable[str] = ()) -> Form:
    """The form as it was sent. An expired ticket is renewed, so what was typed and chosen can be sent again."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in names}
    typed.update({name: request.POST.getlist(name)[:20] for name in lists})
    ticket = proof.read(request.POST.get("ticket", ""))
    if ticket is None:
        form = Form(typed, ticket=proof.renew(request.POST.get("ticket", ""), clock.now()))
        form.refuse(
            Invalid(_("这一页打开太久了，请再点一次提交，您写的内容都还在；选过的照片若已不在下面，请重新选择"))
        )
        return form
    return Form(typed, ticket=ticket)


def check_human(request: HttpRequest, form: Form) -> None:
    """A solved puzzle, or patience: without one the form waits a moment and few are taken from one address."""
    address = place(request)
    if request.POST.get(TRAP, ""):
        raise Invalid(_("有一栏标着“请留空”，请把它清空后再提交"), fields={TRAP: _("请把这一栏清空")})
    if proof.solved(form.ticket.token, request.POST.get("proof", "")):
        count("submit_address", address)
        return
    proof.check_wait(form.ticket, clock.now())
    count("submit_unproved", address)


def run(form: Form, command: Any, /, **values: Any) -> Any:
    """The command's result, once, however often the form is sent; None when it was refused (the form says why)."""
    try:
        return command(**values, once=form.ticket.key)
    except AlreadyDone as done:
        return done.result
    except YinuoError as error:
        form.refuse(error)
        return None
