"""Before somebody changes how they get in, they have just shown who they are: an open page on a desk is not enough."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yinuo.kernel import clock

PROVED = "proved"
LIFE = timedelta(minutes=15)


def unsure(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks, or None for who signed in, or answered it, some minutes ago."""
    last = max(request.session.get(PROVED, ""), request.session.get("began", ""))
    if last and datetime.fromisoformat(last) > clock.now() - LIFE:
        return None
    back = request.get_full_path() if request.method == "GET" else reverse("second_step")
    return HttpResponseRedirect(reverse("prove") + "?" + urlencode({"next": back}))


def proved(request: HttpRequest) -> None:
    request.session[PROVED] = clock.now().isoformat()
