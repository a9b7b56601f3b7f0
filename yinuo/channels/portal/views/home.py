"""The front door: four things one may bring, and where to look up a case."""

from django.http import HttpRequest, HttpResponse

from yinuo.channels.portal.pages import render
from yinuo.channels.portal.rules import KINDS


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home", {"kinds": KINDS.values()})
