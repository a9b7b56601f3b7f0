"""One's own second step: set up, changed, taken away. Who must have one and has none is led here first."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yinuo.identity import commands
from yinuo.identity.agents import device_of
from yinuo.identity.codes import address_of, new_secret
from yinuo.identity.commands.steps import opened, sealed
from yinuo.identity.entering import TRIES, WINDOW
from yinuo.identity.passkeys import asked_to_make
from yinuo.identity.queries import entry_rules
from yinuo.identity.second_step import due_at, passkeys_of, steps_of
from yinuo.identity.sessions import mark
from yinuo.kernel import clock
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.throttle import count_try
from yinuo.web.challenge import asked, taken
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.entry import AnswerForm, CodeForm
from yinuo.web.owing import OWES_STEP, SECOND_STEP, owing
from yinuo.web.proof import unsure
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page

#: In the session: the secret of an app that is being set up, sealed.
SECRET = "app_secret"  # noqa: S105 - a name
MAKE = "make"


def surely(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for who has just shown who they are."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return unsure(request) or never_cache(view)(request, *args, **kwargs)

    return run


@surely
def show(request: HttpRequest) -> HttpResponse:
    """What there is, and what can be added."""
    me: Any = request.user
    context = {"steps": steps_of(me.pk), "keys": passkeys_of(me.pk), "due": due_at(me, entry_rules())}
    return render(request, "auth/second_step.jinja", {**context, "owing": owing(request)})


@surely
@sensitive_post_parameters("code")
def app(request: HttpRequest) -> HttpResponse:
    """The QR code, and a code of the app as proof that it took."""
    me: Any = request.user
    kept = request.session.get(SECRET) or sealed(new_secret())
    request.session[SECRET] = kept
    secret, form = opened(kept), CodeForm.of(request)
    if request.method == "POST":
        count_try(f"code-app:{me.pk}", limit=TRIES, window=WINDOW, at=clock.now())
    sent = submit(request, form, commands.add_code_app, secret=secret, keep=mark(request.session.session_key))
    if sent:
        request.session.pop(SECRET, None)
        return _gained(request, sent.result)
    address = address_of(secret, login=me.username, house=settings.COMPANY_NAME or _("一诺"))
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
    words = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    context = {"form": form, "picture": picture, "words": words, "owing": owing(request)}
    return render(request, "auth/code_app.jinja", context)


@surely
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    me: Any = request.user
    return asked(request, asked_to_make(me, passkeys_of(me.pk)), MAKE)


@surely
@require_POST
def passkey_add(request: HttpRequest) -> HttpResponse:
    form = AnswerForm.of(request)
    if not form.is_valid():
        return go(request, "second_step", toast=_("通行密钥没有建成，请再试一次"), tone="danger")
    name = form.cleaned_data["name"] or device_of(request.headers.get("User-Agent", ""))
    try:
        challenge, keep = taken(request, MAKE), mark(request.session.session_key)
        codes = commands.add_passkey(answer=form.cleaned_data["reply"], challenge=challenge, name=name, keep=keep)
    except YinuoError as wrong:
        return go(request, "second_step", toast=wrong.message, tone="danger")
    return _gained(request, codes)


def _gained(request: HttpRequest, codes: list[str] | None) -> HttpResponse:
    """One is in by more than a password now: under a new key, and owing nothing."""
    request.session.pop(OWES_STEP, None)
    request.session.cycle_key()
    return _codes(request, codes) if codes else go(request, "second_step", toast=_("已经设好，下次登录起生效"))


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown once; kept as hashes only."""
    return render(request, "auth/recovery_codes.jinja", {"codes": codes, "owing": owing(request)})


@surely
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    sent = act(request, commands.renew_recovery_codes)
    if sent.repeated:  # they are not given twice
        return go(request, "second_step", toast=_("恢复码只显示一次；没有记下的话，请再换一批"), tone="warning")
    return _codes(request, sent.result)


@surely
@require_POST
def app_remove(request: HttpRequest) -> HttpResponse:
    act(request, commands.remove_code_app)
    return go(request, "second_step", toast=_("验证码应用已停用"))


@surely
@require_POST
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, commands.remove_passkey, passkey_id=pk)
    return go(request, "second_step", toast=_("这把通行密钥已删除"))


OWED = (SECOND_STEP,)
routes = [
    page("security/second-step/", show, needs=SIGNED_IN, settles=OWED, name="second_step"),
    page("security/second-step/app/", app, needs=SIGNED_IN, settles=OWED, name="code_app"),
    page("security/second-step/app/remove/", app_remove, needs=SIGNED_IN, name="code_app_remove"),
    page("security/second-step/codes/", renew, needs=SIGNED_IN, name="recovery_codes"),
    page("security/passkeys/options/", passkey_options, needs=SIGNED_IN, settles=OWED, name="passkey_options"),
    page("security/passkeys/", passkey_add, needs=SIGNED_IN, settles=OWED, name="passkey_add"),
    page("security/passkeys/<int:pk>/remove/", passkey_remove, needs=SIGNED_IN, name="passkey_remove"),
]
