"""看板: the supervisor's and the leader's board, and the rows behind each of their figures."""

from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.complaints.rules.choices import Kind
from yinuo.conversations.models import Channel
from yinuo.identity.queries import units
from yinuo.insight.commands.exporting import export_board
from yinuo.insight.printing import as_pdf, prints
from yinuo.insight.queries.dimensions import LABELS
from yinuo.insight.queries.figures import Board, Cell
from yinuo.insight.queries.frame import Frame, preset_labels, read_frame
from yinuo.insight.queries.leader import leader_board
from yinuo.insight.queries.naming import Names
from yinuo.insight.queries.slices import read_cut
from yinuo.insight.queries.team import oldest, team_board
from yinuo.kernel import clock
from yinuo.kernel.errors import Invalid, Missing
from yinuo.matters.models import Matter
from yinuo.matters.queries import narrowed
from yinuo.web.listing import Column, Listing, Sort
from yinuo.web.render import go, render
from yinuo.web.routes import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The period a board opens with.
USUAL = {"team": "d30", "leader": "month"}


def address(cell: Cell) -> str:
    """Where the rows of a number are."""
    return f"{reverse('board_rows')}?{urlencode(cell.cut.query())}" if cell.cut else ""


def tools(frame: Frame, everywhere: list[Any]) -> dict[str, Any]:
    """What the filters above a board offer and have chosen."""
    return {
        "frame": frame,
        "presets": [*preset_labels().items(), ("own", _("自选"))],
        "units": everywhere,
        "kinds": Kind.choices,
        "channels": Channel.choices,
        "trades": Matter.Kind.choices,
        "tabs": [
            {"key": key, "label": label, "href": f"{reverse(f'board_{key}')}?{urlencode(frame.choosing())}"}
            for key, label in (("team", _("班组看板")), ("leader", _("经营看板")))
        ]
        + [{"key": "reports", "label": _("投诉月报"), "href": reverse("reports")}],
    }


def read(request: HttpRequest, key: str) -> tuple[Board, list[Any]]:
    """The board an address asks for, and all units."""
    everywhere = units()
    params = request.POST if request.method == "POST" else request.GET
    frame = read_frame(params.dict(), everywhere, clock.now(), usual=USUAL[key])
    return (team_board if key == "team" else leader_board)(frame, everywhere), everywhere


def forms() -> dict[str, str]:
    """As what files a board can be had."""
    return {"xlsx": _("导出 XLSX"), **({"pdf": _("导出 PDF")} if prints() else {})}


def show(request: HttpRequest, key: str, **more: Any) -> HttpResponse:
    board, everywhere = read(request, key)
    context = {
        **tools(board.frame, everywhere),
        "section": "board_team",
        "board": board,
        "address": address,
        "oldest": oldest(board.frame) if key == "team" else None,
        "now": board.frame.at,
        "forms": forms(),
        **more,
    }
    return render(request, "boards/board.jinja", context, status=422 if board.frame.wrong else 0)


@require_GET
def team(request: HttpRequest) -> HttpResponse:
    return show(request, "team")


@require_GET
def leader(request: HttpRequest) -> HttpResponse:
    return show(request, "leader")


@require_POST
def export(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The board as a file: exactly what is shown, under the same address."""
    if key not in USUAL or form not in forms():
        raise Missing(_("没有这样的看板"))
    board, _everywhere = read(request, key)
    if board.frame.wrong:
        raise Invalid(" ".join(board.frame.wrong))
    made = export_board(board=board, form=form)
    content = made if form == "xlsx" else as_pdf(board, request.actor, board.frame.at)  # type: ignore[attr-defined]
    name = f"{board.title}-{board.frame.period.first}-{board.frame.period.last}.{form}"
    answer = HttpResponse(content, content_type=XLSX if form == "xlsx" else "application/pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """What a figure counts, as a list."""
    if "what" not in request.GET:
        return go(request, "board_team")
    everywhere = units(active=False)
    frame = read_frame(request.GET.dict(), everywhere, clock.now(), usual="d30")
    cut = read_cut(request.GET, frame)
    if cut is None or frame.wrong:
        raise Missing(" ".join(frame.wrong) or _("这个数字已经没有了，请从看板上重新点开"))
    of_matters = cut.slice.of == "matter"
    related = ("customer", "owner", "unit") if of_matters else ("matter", "customer", "owner", "unit", "standard")
    listing = Listing(
        request,
        cut.rows().select_related(*related),
        search=_search_matters if of_matters else _search_promises,
        placeholder=_("编号、内容、客户、电话尾号") if of_matters else _("承诺、客户、单号"),
        sorts=_sorts(of_matters),
        columns=(
            Column(_("事项") if of_matters else _("承诺")),
            Column(_("客户"), wide=True),
            Column(_("负责人")),
            Column(_("部门"), wide=True),
            Column(_("登记") if of_matters else _("到期"), sort="new", cls="nowrap"),
            Column(_("办结") if of_matters else _("结果"), cls="nowrap"),
        ),
        empty=_("没有符合的记录"),
    )
    chips = [(LABELS[cut.by], Names(everywhere).of(cut.by, cut.key))] if cut.by else []
    context = {
        **tools(frame, everywhere), "section": "board_team", "listing": listing, "cut": cut, "chips": chips,
        "of_matters": of_matters, "narrowing": _narrowing(frame, everywhere), "now": frame.at,
    }  # fmt: skip
    return render(request, "boards/rows.jinja", context)


def _sorts(of_matters: bool) -> tuple[Sort, ...]:
    field = "opened_at" if of_matters else "due_at"
    return Sort("new", _("最近"), f"-{field}"), Sort("new-", _("最早"), field)


def _search_matters(found: Any, words: str) -> Any:
    return narrowed(found, words)


def _search_promises(found: Any, words: str) -> Any:
    return found.filter(
        Q(title__icontains=words) | Q(customer__name__icontains=words) | Q(matter__number__icontains=words)
    )


def _narrowing(frame: Frame, everywhere: list[Any]) -> list[tuple[Any, str]]:
    """What narrows the list, in words."""
    names = {"kind": Kind, "channel": Channel, "trade": Matter.Kind}
    labels = {"kind": _("投诉类别"), "channel": _("渠道"), "trade": _("事项类型")}
    chosen = {name: getattr(frame, name) for name in names if getattr(frame, name)}
    found = [(labels[name], str(names[name](value).label)) for name, value in chosen.items()]
    if frame.unit:
        found.append((_("部门"), next(u.name for u in everywhere if u.pk == frame.unit)))
    return found


routes = [
    page("boards/team/", team, needs="report.read", name="board_team"),
    page("boards/leader/", leader, needs="report.read", name="board_leader"),
    page("boards/<str:key>/export/<str:form>/", export, needs="report.export", name="board_export"),
    page("boards/rows/", rows, needs="report.read", name="board_rows"),
]
