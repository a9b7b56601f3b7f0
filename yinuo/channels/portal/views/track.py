"""Looking up a case by number and code, having a code sent, opening the rest of a page with the code."""

import hmac

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yinuo.channels.portal import links
from yinuo.channels.portal.commands import redeem_code, send_code
from yinuo.channels.portal.forms import Form, blank, posted
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.queries import by_number, number_of
from yinuo.channels.portal.rules import QUERY_CODE_LENGTH, SENT_CODE_DIGITS, tidy_code, tidy_number
from yinuo.channels.portal.senders import ways
from yinuo.channels.portal.visitor import count, holder, lock, place, unlock
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Invalid, YinuoError


def track(request: HttpRequest) -> HttpResponse:
    """Number and code lead to the case. Wrong number and wrong code sound alike."""
    form = (
        posted(request, ("number", "code"))
        if request.method == "POST"
        else blank({"number": request.GET.get("number", "")[:20]})
    )
    if request.method == "POST":
        opened = _try(request, form)
        if opened:
            return opened
    return render(request, "track", {"form": form, "by_phone": "sms" in ways()}, status=form.status)


def _try(request: HttpRequest, form: Form) -> HttpResponse | None:
    number = tidy_number(form["number"])
    try:
        _filled(form, number)
        # the narrow count first: who guesses from one place keeps nobody else out of their case
        here = place(request)
        count("unlock_here", f"{number}:{here}")
        count("unlock_address", here)
        count("unlock_number", number)
        matter_id = by_number(number)
        if matter_id is None or not _good(request, matter_id, form["code"]):
            raise Invalid(_("编号和代码对不上，请核对后再试"), fields={"code": _("编号和代码对不上")})
    except YinuoError as error:
        form.refuse(error)
        return None
    return _open(request, matter_id)


def _filled(form: Form, number: str) -> None:
    wrong = {}
    if len(number) < 8:
        wrong["number"] = _("请填写回执上的编号，例如 TS261122-000123")
    if not tidy_code(form["code"]):
        wrong["code"] = _("请填写查询码或验证码")
    if wrong:
        raise Invalid(_("还差一点"), fields=wrong)


def _good(request: HttpRequest, matter_id: int, typed: str) -> bool:
    """Six characters: the code on the receipt, or (digits) the code sent a moment ago."""
    code = tidy_code(typed)
    if len(code) == QUERY_CODE_LENGTH and hmac.compare_digest(code, links.code_of(matter_id)):
        return True
    if len(code) != SENT_CODE_DIGITS or not code.isdecimal():
        return False
    with acting_as(holder(request, matter_id)):
        return bool(redeem_code(matter_id=matter_id, code=code))


def _open(request: HttpRequest, matter_id: int) -> HttpResponse:
    now = clock.now()
    response = HttpResponseRedirect(reverse("portal_case", args=[links.case_token(matter_id, now)]), status=303)
    unlock(request, response, matter_id, now)
    return response


def code(request: HttpRequest) -> HttpResponse:
    """Ask for a code, by phone or e-mail. The answer is the same whether or not there is such a case or an address."""
    form = posted(request, ("number",))
    number = tidy_number(form["number"])
    try:
        if len(number) < 8:
            raise Invalid(_("还差一点"), fields={"number": _("请填写回执上的编号，例如 TS261122-000123")})
        count("code_address", place(request))
        count("code_number", number)
    except YinuoError as error:
        form.refuse(error)
        return render(request, "track", {"form": form, "by_phone": "sms" in ways()}, status=form.status)
    matter_id = by_number(number)
    if matter_id is not None:
        with acting_as(holder(request, matter_id)):
            send_code(matter_id=matter_id)
    return render(request, "track", {"form": form, "by_phone": "sms" in ways(), "sent": True})


def open_case(request: HttpRequest, token: str) -> HttpResponse:
    """On the progress page: the code shows the rest."""
    matter_id = links.read_one(links.CASE, token)
    form = posted(request, ("code",))
    with acting_as(holder(request, matter_id)):
        form.typed["number"] = number_of(matter_id)
    opened = _try(request, form)
    return opened or render(request, "track", {"form": form, "by_phone": "sms" in ways()}, status=form.status)


def leave(request: HttpRequest) -> HttpResponse:
    """Forget the codes given in this browser."""
    response = HttpResponseRedirect(reverse("portal_home"), status=303)
    lock(response)
    return response
