"""Where help is: the keys, the tour on one's own data, the first settings, the interface for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.identity.commands import see_tour
from yinuo.kernel.actor import Actor, current_actor
from yinuo.web.render import render
from yinuo.web.routes import SIGNED_IN, page

LATE = ".y-owed[data-group=late] li"


def help_page(request: HttpRequest) -> HttpResponse:
    """The keys, and where to begin."""
    return render(request, "help/help.jinja")


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The five steps of this person: where each is shown, at what it points, and in which words."""
    return JsonResponse({"steps": steps(current_actor())})


def steps(actor: Actor) -> list[dict[str, Any]]:
    """`page`: where it is shown; `follow`: the row of that page it opens; `at`: what it points at, if it is there."""
    day = reverse("day")
    first = {
        "title": _("工作台：每天先看这里"),
        "text": _("您答应客户的、派给您的，都排在这里，最先到期的在最前。"),
        "at": ".y-owed, #day-owed",
        "page": day,
    }
    return [first, *(_managing() if _manages_only(actor) else _working(day)), *_everywhere()]


def _manages_only(actor: Actor) -> bool:
    return actor.may("staff.manage") and not actor.may("matter.handle")


def _working(day: str) -> list[dict[str, Any]]:
    return [
        {
            "title": _("承诺：还剩多久，写在每一行"),
            "text": _("红色是已经超期，橙色是快到期。指着它能看到到期的时间，以及按哪条规定算出来的。"),
            "at": f"{LATE} .y-chip, .y-owed li .y-chip",
            "page": day,
        },
        {
            "title": _("下一步：打开一件，只做这一步"),
            "text": _("一件事打开后，左边是经过，“现在要做”里只有这一步要填的，填完自动到下一步。"),
            "at": "#case-now, main aside",
            "follow": f"{LATE}[data-href], .y-owed li[data-href]",
        },
    ]


def _managing() -> list[dict[str, Any]]:
    start = reverse("start")
    return [
        {
            "title": _("设置：部门、员工、标准、邮箱"),
            "text": _("谁能做什么、什么事多久之内办到，都在“设置”里定。改动会留在审计里。"),
            "at": f".y-rail a[href='{reverse('settings')}']",
        },
        {
            "title": _("开张清单：还差什么一目了然"),
            "text": _("八步把公司搭起来，每一步做没做成，看的是真实数据。"),
            "at": "[data-start]",
            "page": start,
        },
    ]


def _everywhere() -> list[dict[str, Any]]:
    return [
        {
            "title": _("找人、找单、找功能"),
            "text": _("按 / 搜索：姓名两个字、拼音首字母、电话后四位都行。按 Ctrl K 直接去任何一页、做任何一件事。"),
            "at": "[data-palette], #global-search",
        },
        {
            "title": _("帮助在这里"),
            "text": _("忘了就按 ?：快捷键、这份介绍都能再看一遍。"),
            "at": "[data-help], .y-who",
        },
    ]


@require_POST
def tour_seen(request: HttpRequest) -> HttpResponse:
    """Gone through or skipped: it does not come by itself again."""
    see_tour()
    return HttpResponse(status=204)


routes = [
    page("help/", help_page, needs=SIGNED_IN, name="help"),
    page("tour/", tour, needs=SIGNED_IN, name="tour"),
    page("tour/seen/", tour_seen, needs="self.use", name="tour_seen"),
]
