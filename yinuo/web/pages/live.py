"""The ticket by which an open page may listen to the live gateway."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from yinuo.conversations.models import Conversation
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.tokens import sign
from yinuo.matters.models import Matter
from yinuo.web.middleware import live_url
from yinuo.web.routes import SIGNED_IN, page

LIFE = timedelta(minutes=5)
MAX_TOPICS = 60


@require_GET
def ticket(request: HttpRequest) -> HttpResponse:
    """A short signed ticket naming the topics this person may hear. One statement per kind of topic asked for."""
    actor = current_actor()
    wanted = set(request.GET.get("topics", "").split()[:MAX_TOPICS])
    heard = {f"staff:{actor.staff_id}", *(f"unit:{unit}" for unit in actor.unit_ids)}
    if actor.may("conversation.read"):
        heard.add("inbox")
    if actor.may("mailbox.manage"):
        heard.add("mail")
    if actor.may("matter.read"):
        heard |= {topic for topic in wanted if topic == "tasks" or topic.startswith("matters:")}
    if actor.may("promise.read"):
        heard |= wanted & {"promises"}
    heard |= {f"matter:{pk}" for pk in _visible(Matter, _ids(wanted, "matter"))}
    heard |= {f"conversation:{pk}" for pk in _visible(Conversation, _ids(wanted, "conversation"))}
    gateway = live_url(request)
    payload = {"staff": actor.staff_id, "name": actor.name, "topics": sorted(heard), "at": _at(request, heard)}
    return JsonResponse(
        {
            "me": actor.staff_id,
            "url": gateway and gateway.rstrip("/") + "/events",
            "ticket": sign("live", payload, clock.now() + LIFE),
        }
    )


def _at(request: HttpRequest, heard: set[str]) -> str:
    """What the page is about: its other readers are told who is there."""
    at = request.GET.get("at", "")
    return at if at in heard and at.startswith("matter:") else ""


def _ids(topics: set[str], kind: str) -> list[int]:
    numbers = [topic.partition(":")[2] for topic in topics if topic.startswith(kind + ":")]
    return [int(number) for number in numbers if number.isdecimal() and len(number) < 19]


def _visible(model, ids: list[int]):
    return model.objects.filter(pk__in=ids).values_list("pk", flat=True) if ids else ()


routes = [page("live-ticket/", ticket, needs=SIGNED_IN, name="live_ticket")]
