"""大屏: large figures on a wall, for who is signed in and, by a link that shows and does nothing else, for a screen."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.identity.models import Unit
from yinuo.identity.queries import units
from yinuo.insight.commands.displays import create_display, open_display, revoke_display
from yinuo.insight.models import Display
from yinuo.insight.queries.frame import below, frame_of, read_frame
from yinuo.insight.queries.keeping import display_actor, display_of, display_token, displays
from yinuo.insight.queries.wall import wall
from yinuo.insight.rules.period import preset
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.address import address_of, network_of
from yinuo.kernel.errors import Invalid
from yinuo.kernel.throttle import count_try
from yinuo.kernel.tokens import sign
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.insight import DisplayForm
from yinuo.web.listing import Column, Listing, Sort
from yinuo.web.middleware import live_url
from yinuo.web.render import go, render
from yinuo.web.routes import PUBLIC, page

#: A screen asks every fifteen seconds, and when something happens; a hall may have a dozen behind one address.
TRIES, WINDOW = 300, timedelta(minutes=1)
#: What a screen may hear: that something changed, nothing about whom.
TOPICS = ["matters:complaint", "promises"]
TICKET = timedelta(minutes=5)


@require_GET
def own_wall(request: HttpRequest) -> HttpResponse:
    """For who is signed in; narrowed as the boards are."""
    frame = read_frame(request.GET.dict(), everywhere := units(), clock.now(), usual="today")
    name = next((u.name for u in everywhere if u.pk == frame.unit), "")
    context = {
        "figures": wall(frame),
        "name": name,
        "now": frame.at,
        "ticket": "live_ticket",
        "token": "",
        "ended": False,
    }
    return render(request, "boards/wall.jinja", context, part=_part(request))


@require_GET
def screen(request: HttpRequest, token: str) -> HttpResponse:
    """For a screen that holds a link. Four statements, one of them counting the tries."""
    ip = address_of(request)
    count_try(f"screen:{network_of(ip)}", limit=TRIES, window=WINDOW, at=clock.now())
    found = _display(token, ip)
    if found is None:
        return _ended(request)
    row, actor = found
    part = _part(request)
    if not part:  # switched on, not only brought up to date
        open_display(display_id=row.pk, by=_product(ip))
    with acting_as(actor):
        now = clock.now()
        inside = below(row.unit_id, Unit.objects.all()) if row.unit_id else frozenset()
        today = preset("today", now.astimezone(clock.CST).date())
        figures = wall(frame_of(today, now, row.unit_id, inside))
    context = {
        "figures": figures,
        "name": row.name,
        "now": now,
        "ticket": "screen_ticket",
        "token": token,
        "ended": False,
    }
    answer = render(request, "boards/wall.jinja", context, part=part)
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_GET
def screen_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """By which a screen hears that something has changed."""
    ip = address_of(request)
    count_try(f"screen:{network_of(ip)}", limit=TRIES, window=WINDOW, at=clock.now())
    if _display(token, ip) is None:
        return JsonResponse({}, status=403)
    gateway = live_url(request)
    payload = {"staff": None, "name": "", "topics": TOPICS, "at": ""}
    return JsonResponse(
        {
            "me": None,
            "url": gateway and gateway.rstrip("/") + "/events",
            "ticket": sign("live", payload, clock.now() + TICKET),
        }
    )


def _display(token: str, ip: str) -> tuple[Display, Actor] | None:
    """The screen of a link and as whom it looks; None when the link no longer shows anything."""
    try:
        row = display_of(token, clock.now())
    except Invalid:
        return None
    actor = display_actor(row, ip)
    return (row, actor) if actor else None


def _ended(request: HttpRequest) -> HttpResponse:
    context = {"figures": [], "name": "", "now": clock.now(), "ticket": "", "token": "", "ended": True}
    return render(request, "boards/wall.jinja", context, part=_part(request), status=410)


def _part(request: HttpRequest) -> str:
    return "live" if request.headers.get("X-Part") == "live" else ""


def _product(ip: str) -> Actor:
    """The product itself, saying from where it was asked."""
    return Actor("system", None, "wall", frozenset({"*"}), ip=ip)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The links there are. Two statements."""
    listing = Listing(
        request,
        displays(),
        sorts=(Sort("new", _("最新"), "-created_at"),),
        columns=(
            Column(_("屏幕")), Column(_("部门"), wide=True), Column(_("建立人"), wide=True), Column(_("有效期至")),
            Column(_("最近打开")), Column(""),
        ),
        empty=_("还没有显示链接。电视上不用登录，建一个链接打开就行。"),
    )  # fmt: skip
    context = {
        "section": "board_team", "listing": listing, "now": clock.now(), "may": request.actor.may("report.export"),  # type: ignore[attr-defined]
        "link": lambda row: request.build_absolute_uri(f"/screen/{display_token(row)}/"),
    }  # fmt: skip
    return render(request, "boards/displays.jinja", context)


def new(request: HttpRequest) -> HttpResponse:
    form = DisplayForm.of(request, {"days": 90})
    if submit(request, form, create_display):
        return go(request, "displays", toast=_("显示链接已建立，在电视的浏览器里打开它"))
    about = _(
        "拿到链接的人不用登录就能看到大屏上的数字：件数和按时率，没有客户姓名、电话和事项内容。"
        "您停用、不能再看报表或收回链接后，屏幕随即停止显示。"
    )
    words = {"title": _("新建显示链接"), "crumb": _("大屏"), "submit": _("建立"), "about": about}
    return render(request, "boards/form.jinja", {"section": "board_team", "form": form, "back": "displays", **words})


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    act(request, revoke_display, display_id=pk)
    return go(request, "displays", toast=_("已收回，屏幕会在半分钟内停止显示"))


routes = [
    page("boards/wall/", own_wall, needs="report.read", name="board_wall"),
    page("boards/displays/", index, needs="report.read", name="displays"),
    page("boards/displays/new/", new, needs="report.export", name="display_new"),
    page("boards/displays/<int:pk>/revoke/", revoke, needs="report.export", name="display_revoke"),
    page("screen/<str:token>/", screen, needs=PUBLIC, name="screen"),
    page("screen/<str:token>/ticket/", screen_ticket, needs=PUBLIC, name="screen_ticket"),
]
