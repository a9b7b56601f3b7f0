"""Passing the progress on: the customer makes and ends the link, whoever gets it sees where the case is."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yinuo.channels.portal import queries
from yinuo.channels.portal.forms import posted
from yinuo.channels.portal.pages import render
from yinuo.channels.portal.sharing import share, shared_matter, stop_sharing
from yinuo.channels.portal.views.progress import whole
from yinuo.channels.portal.visitor import count, stranger
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as


def switch(request: HttpRequest, token: str) -> HttpResponse:
    """Make the link, or end it."""
    matter_id = whole(request, token)
    form = posted(request, ("off",))
    count("share_matter", matter_id)
    with acting_as(_one_case(request, matter_id)):
        if form["off"]:
            stop_sharing(matter_id=matter_id)
        elif not form.above:
            share(matter_id=matter_id)
    done = "unshared" if form["off"] else "shared"
    return HttpResponseRedirect(reverse("portal_case", args=[token]) + f"?done={done}#share", status=303)


def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Stage and dates, nothing else: not even read are names, words and files."""
    now = clock.now()
    matter_id = shared_matter(token, now)
    with acting_as(_one_case(request, matter_id)):
        values = {"case": queries.passed_on(matter_id, at=now)}
    return render(request, "shared", values)


def _one_case(request: HttpRequest, matter_id: int) -> Actor:
    """Somebody who sees this case alone and whose name nobody asks for."""
    nobody = stranger(request)
    return Actor.customer(
        customer_id=None, name=nobody.name, matter_ids=frozenset({matter_id}), ip=nobody.ip,
        request_id=nobody.request_id,
    )  # fmt: skip
