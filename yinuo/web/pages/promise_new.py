"""Promising something oneself: by a form, or in one click from what a reply just promised."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yinuo.calendars.queries import calendar_for
from yinuo.calendars.wording import moment_text
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Invalid, Missing
from yinuo.matters.models import Matter
from yinuo.promises import commands
from yinuo.promises.models import Promise
from yinuo.promises.queries import last_done, next_allowed, standards
from yinuo.promises.queries.standards import target_text
from yinuo.promises.rules.spoken import spoken_promises
from yinuo.promises.rules.standard import Sense
from yinuo.web.forms import promises as forms
from yinuo.web.forms.base import act, submit
from yinuo.web.render import go, render
from yinuo.web.routes import page


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A personal promise, from a matter, a conversation or a customer card."""
    about, subject = _about(request)
    form = forms.NewPromiseForm.of(request, _heard(request))
    if about and (sent := submit(request, form, commands.make_personal_promise, **about)):
        number = getattr(sent.result, "pk", sent.result)
        return go(request, "promise", number, toast=_("已记下，到时间会提醒您"))
    context = {
        "section": "promises",
        "form": form,
        "subject": subject,
        "about": about,
        "query": request.GET.urlencode(),
    }
    return render(request, "promises/new.jinja", context)


@require_http_methods(["GET", "POST"])
def by_standard(request: HttpRequest) -> HttpResponse:
    """A promise as a standard describes it: a delivery agreed, payment received, a sample that arrived."""
    about, subject = _about(request)
    form = forms.ByStandardForm.of(request)
    form.offer("standard", [(s.key, _offered(s, about)) for s in standards.by_hand()])
    if about and (sent := submit(request, form, commands.make_by_standard, **about)):
        number = getattr(sent.result, "pk", sent.result)
        return go(request, "promise", number, toast=_("已记下，到时间会提醒您"))
    query = request.GET.urlencode()
    context = {"section": "promises", "form": form, "subject": subject, "about": about, "query": query}
    return render(request, "promises/by_standard.jinja", context)


def _offered(standard: Any, about: dict[str, Any]) -> str:
    """What is to be chosen, with its time; where a gap is to be kept, from when on."""
    target = target_text(standard)
    if standard.spec.sense is not Sense.MINIMUM_GAP:
        return f"{standard.title}（{target}）"
    customer_id = _customer_of(about)
    free = next_allowed(standard.spec, last_done(customer_id, standard.spec.obligation)) if customer_id else None
    words = {"title": standard.title, "gap": target, "free": moment_text(free) if free else ""}
    if free is None or free <= clock.now():
        return _("%(title)s（至少间隔 %(gap)s）") % words
    return _("%(title)s（至少间隔 %(gap)s，%(free)s 起）") % words


def _customer_of(about: dict[str, Any]) -> int | None:
    rows: Any = Matter.objects.filter(pk=about.get("matter_id", 0))
    if "conversation_id" in about:
        rows = Conversation.objects.filter(pk=about["conversation_id"])
    found: int | None = about.get("customer_id") or rows.values_list("customer_id", flat=True).first()
    return found


def _heard(request: HttpRequest) -> dict[str, Any]:
    """Words handed over by a reply fill the form."""
    said = request.GET.get("text", "")[:2000]
    heard = spoken_promises(said, clock.now(), calendar_for(current_actor().unit_id)) if said else []
    return {"title": heard[0].words, "due_at": heard[0].due_at} if heard else {"title": said[:200]}


def _about(request: HttpRequest) -> tuple[dict[str, Any], str]:
    for key, model, argument in (
        ("matter", Matter, "matter_id"),
        ("conversation", Conversation, "conversation_id"),
        ("customer", Customer, "customer_id"),
    ):
        number = request.GET.get(key, "")
        if number.isascii() and number.isdigit() and len(number) < 18:
            row = model.objects.filter(pk=int(number)).first()
            if row is None:
                raise Missing(_("没有这个事项或客户，或您无权查看"))
            return {argument: row.pk}, str(
                getattr(row, "title", "") or getattr(row, "subject", "") or getattr(row, "name", "")
            )
    return {}, ""


@require_http_methods(["GET", "POST"])
def spoken(request: HttpRequest) -> HttpResponse:
    """What our last words in a matter or conversation promised and nobody has recorded; one click records it."""
    about, _subject = _about(request)
    if request.method == "POST" and about:
        title, due = request.POST.get("title", ""), _moment(request.POST.get("due_at", ""))
        act(request, commands.make_personal_promise, title=title, due_at=due, **about)
    found = []
    last = _last_words(about)
    if last:
        heard = spoken_promises(last.text, last.at, calendar_for(current_actor().unit_id))
        known = set(Promise.objects.filter(**about, obligation="personal").values_list("due_at", flat=True))
        found = [s for s in heard if s.due_at > clock.now() and s.due_at not in known]
    return render(request, "promises/spoken.jinja", {"found": found, "said": last}, part="spoken")


def _moment(text: str) -> datetime:
    sentence = _("时间不对，请重新填写")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not clock.of_our_time(found):
        raise Invalid(sentence, fields={"due_at": sentence})
    return found if found.tzinfo else found.replace(tzinfo=clock.CST)


def _last_words(about: dict[str, Any]) -> Any:
    """What this person last wrote to the customer there."""
    mine = Interaction.objects.filter(direction="out", author_id=current_actor().staff_key)
    if "matter_id" in about:
        mine = mine.filter(conversation__matters=about["matter_id"])
    elif "conversation_id" in about:
        mine = mine.filter(conversation_id=about["conversation_id"])
    else:
        return None
    return mine.defer("search", "html").order_by("-at", "-pk").first()


routes = [
    page("promises/new/", new, needs="promise.make", name="promise_new"),
    page("promises/by-standard/", by_standard, needs="promise.make", name="promise_by_standard"),
    page("promises/spoken/", spoken, needs="promise.make", name="promise_spoken"),
]
