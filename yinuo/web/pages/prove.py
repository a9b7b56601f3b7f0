"""Showing once more who one is, before changing how one gets in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from yinuo.identity.entering import TRIES, WINDOW
from yinuo.kernel import clock
from yinuo.kernel.throttle import count_try
from yinuo.web.forms.entry import PresentPasswordForm
from yinuo.web.letting_in import target_of
from yinuo.web.owing import SECOND_STEP, owing
from yinuo.web.proof import proved
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page


@never_cache
@sensitive_post_parameters("password")
def prove(request: HttpRequest) -> HttpResponse:
    """The password; who has none leaves and comes in anew."""
    me: Any = request.user
    way = str(request.session.get("way", ""))
    form, target = PresentPasswordForm.of(request), target_of(request)
    if request.method == "POST":
        count_try(f"password:{me.pk}", limit=TRIES, window=WINDOW, at=clock.now())
        if form.is_valid() and me.check_password(form.cleaned_data["password"]):
            proved(request)
            return go(request, target)
        if form.is_valid():
            form.add_error("password", _("密码不对"))
            form.answer = 422
    context = {
        "form": form,
        "next": target,
        "owing": owing(request),
        "able": me.has_usable_password() and not way.startswith("sso"),
    }
    return render(request, "auth/prove.jinja", context)


routes = [page("security/prove/", prove, needs=SIGNED_IN, name="prove", settles=(SECOND_STEP,))]
