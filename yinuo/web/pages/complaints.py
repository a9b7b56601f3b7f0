"""投诉: the list and the board by stage."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yinuo.complaints.queries import listing as queries
from yinuo.complaints.rules import choices
from yinuo.complaints.states import STAGE_LABELS, Stage
from yinuo.customers.models import Customer
from yinuo.identity.queries import units
from yinuo.matters.queries import narrowed, saved_views
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import render
from yinuo.web.routes import page

READ = ("complaint.handle", "report.read")
STAGES = [(s.value, STAGE_LABELS[s]) for s in Stage]
STAGE_TONES = {"closed": "ok", "withdrawn": "plain", "rejected": "plain", "merged": "plain", "escalated_out": "late"}
SEVERITY_TONES = {"serious": "soon", "critical": "late"}
OWNERS = [("mine", gettext_lazy("我负责的")), ("none", gettext_lazy("无人负责"))]


def _same(rows: Any, value: str) -> Any:
    """Narrowed already: the query was made from the whole address."""
    return rows


def filters(owner_name: str = "") -> tuple[Filter, ...]:
    yes = [("1", gettext_lazy("是"))]
    return (
        Filter(
            "open",
            gettext_lazy("状态"),
            [("1", gettext_lazy("办理中")), ("0", gettext_lazy("已了结"))],
            _same,
            default="1",
        ),
        Filter("who", gettext_lazy("负责人"), OWNERS, _same),
        Filter("overdue", gettext_lazy("有逾期承诺"), yes, _same),
        Filter("stage", gettext_lazy("阶段"), STAGES, _same, compact=True),
        Filter("severity", gettext_lazy("严重程度"), choices.Severity.choices, _same, compact=True),
        Filter("grade", gettext_lazy("客户级别"), Customer.Grade.choices, _same, compact=True),
        Filter(
            "kind", gettext_lazy("类别"), [*choices.Kind.choices, ("none", gettext_lazy("未评审"))], _same, compact=True
        ),
        Filter("channel", gettext_lazy("渠道"), choices.Channel.choices, _same, compact=True),
    )


SORTS = (
    Sort("new", gettext_lazy("收到"), "-received_at"),
    Sort("new-", gettext_lazy("收到"), "received_at"),
    Sort("due", gettext_lazy("最近承诺"), "f_due", nullable=True),
    Sort("stage", gettext_lazy("阶段停留"), "stage_since"),
    Sort("stage-", gettext_lazy("阶段停留"), "-stage_since"),
)
COLUMNS = (
    Column(gettext_lazy("投诉")),
    Column(gettext_lazy("客户")),
    Column(gettext_lazy("阶段"), "stage"),
    Column(gettext_lazy("最近承诺"), "due"),
    Column(gettext_lazy("严重程度"), wide=True),
    Column(gettext_lazy("负责人"), wide=True),
    Column(gettext_lazy("收到"), "new", wide=True),
)
#: Figures of the report link here with filters that have no chip of their own; they are shown so they can be removed.
EXTRA = {
    "owner": gettext_lazy("指定负责人"),
    "unit": gettext_lazy("部门"),
    "customer": gettext_lazy("指定客户"),
    "subkind": gettext_lazy("细类"),
    "judgement": gettext_lazy("判断"),
    "product": gettext_lazy("产品"),
    "risk": gettext_lazy("风险"),
    "received_from": gettext_lazy("收到不早于"),
    "received_to": gettext_lazy("收到不晚于"),
    "satisfaction": gettext_lazy("满意度"),
    "on_time": gettext_lazy("承诺履行"),
    "library": gettext_lazy("案例库"),
    "reopened": gettext_lazy("重新处理过"),
    "called_back": gettext_lazy("已回访"),
    "agreed": gettext_lazy("有协议补偿"),
}


def chosen(params: QueryDict) -> dict[str, str]:
    """The filters of an address, in the words of the query."""
    found = {name: params.get(name, "") for name in queries.FILTERS if name != "q" and params.get(name)}
    if any(name in params for name in EXTRA) and "open" not in params:
        found["open"] = ""
    else:
        found["open"] = params.get("open", "1")
    who = params.get("who", "")
    if who == "mine":
        found["mine"] = "1"
    elif who == "none":
        found["owner"] = "none"
    return found


def extra_chips(request: HttpRequest, listing: Listing) -> list[dict[str, Any]]:
    """Conditions without a chip of their own, and several values at once in one that has."""
    own = {f.name: f.label for f in listing.filters if "," in request.GET.get(f.name, "")}
    return [
        {"label": label, "value": extra_value(name, request.GET[name]), "off": listing.link(**{name: None})}
        for name, label in {**EXTRA, **own}.items()
        if request.GET.get(name)
    ]


def extra_value(name: str, value: str) -> str:
    labels: dict[str, Any] = {
        "subkind": choices.Subkind,
        "judgement": choices.Judgement,
        "risk": choices.Risk,
        "severity": choices.Severity,
        "satisfaction": choices.Satisfaction,
        "kind": choices.Kind,
        "channel": choices.Channel,
    }
    if value == "none":
        return _("无")
    if name in labels:
        return "、".join(queries.label(labels[name], v) or v for v in value.split(","))
    if name == "on_time":
        return _("都按时") if value == "1" else _("有违约")
    return _("是") if value == "1" and name in ("library", "reopened", "called_back", "agreed") else value


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    params = chosen(request.GET)
    listing = Listing(
        request,
        lambda: queries.listed(params),
        plan=("complaints", *sorted(params.items())),
        columns=COLUMNS,
        sorts=SORTS,
        filters=_filters_for(request),
        placeholder=gettext_lazy("编号、内容、客户、电话尾号"),
        search=lambda found, q: narrowed(found, q, "matter__search"),
        empty=gettext_lazy("没有办理中的投诉。客户来电时按 c 键登记一件。"),
    )
    return render(
        request,
        "complaints/list.jinja",
        {
            "section": "complaints",
            "listing": listing,
            "extra": extra_chips(request, listing),
            "views": saved_views("complaints"),
            "stage_tones": STAGE_TONES,
            "severity_tones": SEVERITY_TONES,
            "tab": "list",
        },
    )


def _filters_for(request: HttpRequest) -> tuple[Filter, ...]:
    """The report's links mean all states unless they say so."""
    found = filters()
    if any(request.GET.get(name) for name in EXTRA) and "open" not in request.GET:
        return (Filter(found[0].name, found[0].label, found[0].choices, _same), *found[1:])
    return found


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    params = chosen(request.GET)
    listing = _Chips(request)
    return render(
        request,
        "complaints/board.jinja",
        {
            "section": "complaints",
            "columns": queries.board(params),
            "listing": listing,
            "units": units(),
            "tab": "board",
            "severity_tones": SEVERITY_TONES,
        },
    )


class _Chips:
    """The filter chips of the board: those of the list that make sense there."""

    search = None
    q = ""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.filters = [f for f in filters() if f.name not in ("open", "stage")]
        self.chosen = {f.name: request.GET[f.name] for f in self.filters if request.GET.get(f.name)}
        self.count_text = ""

    def link(self, **changes: Any) -> str:
        params = self.request.GET.copy()
        for key, value in changes.items():
            params.pop(key, None)
            if value not in (None, ""):
                params[key] = str(value)
        return "?" + params.urlencode()


routes = [
    page("complaints/", index, needs=READ, name="complaints"),
    page("complaints/board/", board, needs=READ, name="complaint_board"),
]
