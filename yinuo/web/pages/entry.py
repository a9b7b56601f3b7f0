"""Signing in and out, and one's own preferences."""

from django import forms
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yinuo.identity.commands import set_preferences
from yinuo.identity.entering import DEVICE, count_entry
from yinuo.identity.models import Staff
from yinuo.identity.sign_on import sign_on
from yinuo.kernel import clock
from yinuo.kernel.address import network_of
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid, TooMany
from yinuo.web.forms.base import PageForm, line
from yinuo.web.letting_in import WAY_PASSWORD, first_step, target_of
from yinuo.web.middleware import address_of
from yinuo.web.owing import PAGES, settled_at
from yinuo.web.pages.language import came_from, remember
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, SIGNED_IN, page


class LoginForm(PageForm):
    username = line(gettext_lazy("登录名"), length=60, autocomplete="username", autofocus=True)
    password = forms.CharField(
        label=gettext_lazy("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The login page. Tries are counted before the password is looked at."""
    target = target_of(request)
    if request.user.is_authenticated:
        owes = request.owes  # type: ignore[attr-defined]
        return go(request, settled_at(owes) if owes else target)
    form = LoginForm.of(request)
    if request.method == "POST" and form.is_valid():
        staff = _recognised(request, form)
        if staff is not None:
            try:
                return first_step(request, staff, way=WAY_PASSWORD, target=target)
            except (Denied, Invalid) as wrong:
                form.refuse(wrong)
    return render(
        request, "auth/login.jinja", {"form": form, "next": target if target != "/" else "", "sign_on": sign_on()}
    )


def _recognised(request: HttpRequest, form: LoginForm) -> Staff | None:
    name = form.cleaned_data["username"].strip().lower()
    try:
        count_entry(name, network_of(address_of(request)), request.COOKIES.get(DEVICE, ""), clock.now())
    except TooMany as wrong:
        form.refuse(wrong)
        return None
    with permit_writes("login"):  # a password kept under an older hash is hashed anew
        staff = authenticate(request, username=name, password=form.cleaned_data["password"])
    if staff is None:
        alone = _("登录名或密码不对。本公司用单点登录，请按上面的按钮。")
        form.add_error(None, alone if sign_on().only else _("登录名或密码不对。忘记密码请联系管理员重设。"))
        form.answer = 422
        return None
    return staff


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave. What was typed as drafts stays on the server."""
    logout(request)
    return go(request, "login", toast=_("您已退出登录"))


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Light or dark, Chinese or English."""
    me: Staff = request.user  # type: ignore[assignment]
    theme = request.POST.get("theme") or me.theme
    language = request.POST.get("language") or me.language
    set_preferences(theme=theme, language=language)
    return remember(go(request, came_from(request)), language)


routes = [
    page("login/", sign_in, needs=PUBLIC, name="login"),
    page("logout/", sign_out, needs=SIGNED_IN, name="logout", settles=PAGES),
    page("preferences/", preferences, needs=SIGNED_IN, name="preferences"),
]
