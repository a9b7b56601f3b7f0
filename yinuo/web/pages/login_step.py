"""The second step, and the passkey that is both at once. Nobody is signed in here yet."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yinuo.identity.commands import note_guessing, step_by_code, step_by_passkey, step_by_recovery
from yinuo.identity.entering import DEVICE, TRIES_PER_NETWORK, WINDOW, count_entry
from yinuo.identity.models import Staff
from yinuo.identity.passkeys import asked_to_use
from yinuo.identity.second_step import passkeys_of, steps_of
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.address import address_of, network_of
from yinuo.kernel.errors import TooMany, YinuoError
from yinuo.kernel.throttle import count_try
from yinuo.web.challenge import asked, taken
from yinuo.web.forms.entry import AnswerForm, CodeForm, RecoveryForm
from yinuo.web.letting_in import WAY_PASSKEY, expected, let_in, refuse_local, target_of
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, page

SYSTEM = Actor.system("login")
STEP, ALONE = "step", "alone"


@never_cache
@sensitive_post_parameters("code")
def step(request: HttpRequest) -> HttpResponse:
    """A code of the app, a recovery code, or the button for a passkey."""
    found = expected(request)
    if found is None:
        return go(request, "login", toast=_("等得太久了，请重新登录"), tone="warning")
    staff, pending = found
    steps = steps_of(staff.pk)
    recovery = "recovery" in request.GET or (not steps.app and not steps.passkeys)
    form = (RecoveryForm if recovery else CodeForm).of(request)
    if request.method == "POST" and form.is_valid():
        command = step_by_recovery if recovery else step_by_code
        passed = _tried(request, form, staff, lambda: command(staff_id=staff.pk, by=SYSTEM, **form.values()))
        if passed:
            way = f"{pending['way']}+{'recovery' if recovery else 'code'}"
            return let_in(request, passed, way=way, target=pending["target"])
    return _shown(request, staff, form, recovery=recovery)


def _shown(request: HttpRequest, staff: Staff, form: Any, *, recovery: bool) -> HttpResponse:
    context = {"form": form, "person": staff, "steps": steps_of(staff.pk), "recovery": recovery}
    return render(request, "auth/step.jinja", context)


def _tried(request: HttpRequest, form: Any, staff: Staff, passing: Callable[[], Staff]) -> Staff | None:
    """Counted by the same guards as passwords before it is looked at."""
    try:
        network = network_of(address_of(request))
        count_entry(staff.username, network, request.COOKIES.get(DEVICE, ""), clock.now(), what="step")
        return passing()
    except YinuoError as wrong:
        if isinstance(wrong, TooMany):
            agent = request.headers.get("User-Agent", "")
            note_guessing(staff_id=staff.pk, ip=address_of(request), agent=agent, by=SYSTEM)
        form.refuse(wrong)
        return None


@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What the browser is asked: a key of who is half way in, or of anybody it knows."""
    count_try(f"passkey-ask:{network_of(address_of(request))}", limit=TRIES_PER_NETWORK, window=WINDOW, at=clock.now())
    found = expected(request) if request.GET.get("for") == STEP else None
    if found:
        return asked(request, asked_to_use(passkeys_of(found[0].pk), alone=False), STEP)
    return asked(request, asked_to_use(alone=True), ALONE)


@never_cache
@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """The browser's answer: as the second step, or as the only one."""
    found = expected(request) if request.GET.get("for") == STEP else None
    form = AnswerForm.of(request)
    if found:
        staff, pending = found
        passed = form.is_valid() and _tried(request, form, staff, lambda: _answered(request, form, STEP, staff.pk))
        if passed:
            return let_in(request, passed, way=f"{pending['way']}+passkey", target=pending["target"])
        shown = CodeForm.of(request, unsent=True)
        shown.answer, shown.problem = form.answer, " ".join(str(one) for one in form.non_field_errors())
        return _shown(request, staff, shown, recovery=False)
    try:
        count_try(f"passkey:{network_of(address_of(request))}", limit=TRIES_PER_NETWORK, window=WINDOW, at=clock.now())
        if form.is_valid():
            staff = _answered(request, form, ALONE, None)
            refuse_local(staff)
            return let_in(request, staff, way=WAY_PASSKEY, target=target_of(request))
    except YinuoError as wrong:
        return go(request, "login", toast=wrong.message, tone="danger")
    return go(request, "login")


def _answered(request: HttpRequest, form: Any, purpose: str, staff_id: int | None) -> Staff:
    challenge = taken(request, purpose)
    answer = form.cleaned_data["reply"]
    return step_by_passkey(answer=answer, challenge=challenge, staff_id=staff_id, by=SYSTEM)


routes = [
    page("login/step/", step, needs=PUBLIC, name="login_step"),
    page("login/passkey/options/", options, needs=PUBLIC, name="login_passkey_options"),
    page("login/passkey/", by_passkey, needs=PUBLIC, name="login_passkey"),
]
