"""Signing in at the company's identity provider: there and back; and its settings."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yinuo.identity import openid
from yinuo.identity import queries as identity
from yinuo.identity.commands import enter_by_sign_on, link_sign_on, set_sign_on
from yinuo.identity.entering import TRIES_PER_NETWORK, WINDOW
from yinuo.identity.models import Staff
from yinuo.identity.sign_on import provider, sign_on, subject_of
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.address import address_of, network_of
from yinuo.kernel.errors import Missing, YinuoError
from yinuo.kernel.throttle import count_try
from yinuo.web.forms.base import submit
from yinuo.web.forms.sign_on import SignOnForm, SubjectForm
from yinuo.web.letting_in import WAY_SIGN_ON, first_step, let_in, target_of
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, page

KEPT = "sign_on"
TESTS = 10


def back_address() -> str:
    return f"{settings.PUBLIC_URL}{reverse('login_sign_on_back')}"


@never_cache
@require_GET
def there(request: HttpRequest) -> HttpResponse:
    """Off to the provider; what came back is compared with what this session remembers."""
    row = sign_on()
    if not row.active:
        raise Missing(_("没有这一页，或者它不在您能看到的范围内。"))
    count_try(f"sign-on:{network_of(address_of(request))}", limit=TRIES_PER_NETWORK, window=WINDOW, at=clock.now())
    try:
        url, kept = openid.begun(provider(row), back_address(), clock.now())
    except YinuoError as wrong:
        return go(request, "login", toast=wrong.message, tone="danger")
    request.session[KEPT] = {**kept, "target": target_of(request)}
    return HttpResponseRedirect(url)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """From the provider. What this session remembers is good for one return."""
    row, kept = sign_on(), request.session.pop(KEPT, {})
    if not row.active:
        raise Missing(_("没有这一页，或者它不在您能看到的范围内。"))
    try:
        claims = openid.ended(provider(row), kept, request.GET.dict(), back_address(), clock.now())
        staff = enter_by_sign_on(claims=dict(claims), by=Actor.system("login"))
        entering: Any = first_step if row.asks_step else let_in
        answer: HttpResponse = entering(request, staff, way=WAY_SIGN_ON, target=kept["target"])
        return answer
    except YinuoError as wrong:
        return go(request, "login", toast=wrong.message, tone="danger")


def edit(request: HttpRequest) -> HttpResponse:
    """The provider, and what becomes of who comes from there."""
    row = sign_on()
    fields = ("active", "name", "issuer", "client_id", "match", "creates", "unit_id", "asks_step", "only", "keeper_id")
    form = SignOnForm.of(request, {name: getattr(row, name) for name in fields}, version=row.version)
    form.offer("unit_id", [("", _("不选")), *((unit.pk, unit.name) for unit in identity.units())])
    able = Staff.objects.filter(is_active=True, roles__grants__contains=["staff.manage"]).distinct().order_by("name")
    form.offer("keeper_id", [("", _("不选")), *((one.pk, one.name) for one in able if not one.is_integration)])
    if submit(request, form, set_sign_on, stale=True):
        return go(request, "sign_on", toast=_("单点登录的设置已保存"))
    context = {"section": "settings", "form": form, "row": row, "back": back_address()}
    return render(request, "settings/sign_on.jinja", context)


@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Whether the saved provider answers as it should. Counted: it connects to an address somebody typed."""
    count_try(f"sign-on-test:{current_actor().staff_key}", limit=TESTS, window=WINDOW, at=clock.now())
    row = sign_on()
    try:
        found = openid.discovered(openid.checked(row.issuer), clock.now(), fresh=True)
        provider(row)
    except YinuoError as wrong:
        return go(request, "sign_on", toast=wrong.message, tone="danger")
    told = _("登录服务答得上来，有 %(n)s 把签名密钥。请再用自己的账号从登录页试一次。") % {"n": len(found.keys.keys)}
    return go(request, "sign_on", toast=told)


def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Who somebody is at the provider."""
    person, row = Staff.objects.filter(pk=pk).first(), sign_on()
    if person is None or not row.issuer:
        raise Missing(_("没有这位员工，或没有设单点登录"))
    form = SubjectForm.of(request, {"subject": subject_of(pk, row.issuer)})
    if submit(request, form, link_sign_on, staff_id=pk):
        return go(request, "person", pk, toast=_("单点登录的编号已保存"))
    title = _("%(name)s 的单点登录编号") % {"name": person.name}
    context = {"section": "settings", "form": form, "title": title, "person": person, "row": row}
    return render(request, "settings/sign_on_link.jinja", context)


routes = [
    page("login/sso/", there, needs=PUBLIC, name="login_sign_on"),
    page("login/sso/back/", back, needs=PUBLIC, name="login_sign_on_back"),
    page("settings/entry/sign-on/", edit, needs="staff.manage", name="sign_on"),
    page("settings/entry/sign-on/test/", test, needs="staff.manage", name="sign_on_test"),
    page("settings/staff/<int:pk>/sign-on/", link, needs="staff.manage", name="person_sign_on"),
]
