"""What an answer to a customer is about: the matter or conversation named in an address, and what templates put in."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from yinuo.calendars.wording import day_text, moment_text
from yinuo.conversations.models import Conversation
from yinuo.identity.models import Unit
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Missing
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise


@dataclass(frozen=True)
class About:
    """Either may be missing. `words` are what suggestions are looked for by."""

    matter: Any = None
    conversation: Any = None

    @property
    def customer(self) -> Any:
        found = self.matter or self.conversation
        return found.customer if found else None

    @property
    def words(self) -> str:
        return str(self.matter.title if self.matter else self.conversation.subject if self.conversation else "")

    @property
    def kind(self) -> str:
        return str(self.matter.kind) if self.matter else ""

    @property
    def stage(self) -> str:
        return str(self.matter.state) if self.kind == Matter.Kind.COMPLAINT else ""

    @property
    def query(self) -> dict[str, int]:
        """Named again in an address or a form."""
        found = {"matter": self.matter, "conversation": self.conversation}
        return {name: row.pk for name, row in found.items() if row}


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else 0


def about(request: HttpRequest) -> About:
    """What the address names, or else what the page is about from which it was asked for. One statement at most."""
    params = request.GET
    if params.get("matter"):
        return About(matter=_matter(_number(params["matter"])))
    if params.get("conversation"):
        return About(conversation=_conversation(_number(params["conversation"])))
    name, number = _page_it_came_from(request)
    if name == "matter":
        return About(matter=_matter(number))
    return About(conversation=_conversation(number)) if name == "conversation" else About()


def _page_it_came_from(request: HttpRequest) -> tuple[str, int]:
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        found = resolve(urlsplit(came_from).path)
    except (Resolver404, ValueError):
        return "", 0
    given, name = found.kwargs, str(found.url_name or "")
    if "complaint_id" in given:
        return "matter", int(given["complaint_id"])
    noun = next((noun for noun in ("matter", "conversation") if name == noun or name.startswith(f"{noun}_")), "")
    return noun if "pk" in given else "", int(given.get("pk", 0)) if noun else 0


def _matter(number: int) -> Any:
    rows = Matter.objects.select_related("customer", "owner", "unit").defer("search", "customer__search")
    found = rows.filter(pk=number).first()
    if found is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    return found


def _conversation(number: int) -> Any:
    found = Conversation.objects.select_related("customer").defer("customer__search").filter(pk=number).first()
    if found is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    return found


def values(told: About, actor: Actor) -> dict[str, str]:
    """What is known for the variables of a template. Two statements at most."""
    matter = told.matter
    owed = {"matter_id": matter.pk} if matter else {"customer_id": told.customer.pk} if told.customer else None
    promise = Promise.objects.filter(outstanding=True, task=None, **owed).order_by("due_at").first() if owed else None
    unit = matter.unit if matter and matter.unit_id else Unit.objects.filter(pk=actor.unit_id or 0).first()
    today = clock.now().astimezone(clock.CST).date()
    return {
        "customer": told.customer.name if told.customer else "",
        "number": matter.number if matter else "",
        "title": told.words,
        "handler": matter.owner.name if matter and matter.owner else actor.name,
        "unit": unit.name if unit else "",
        "promised": moment_text(promise.due_at, today.year) if promise else "",
        "today": day_text(today, today.year),
        "me": actor.name,
    }
