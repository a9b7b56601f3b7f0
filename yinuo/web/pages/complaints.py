"""投诉: the list, the board by stage, and registering one while the customer is on the phone."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.complaints.commands.registration import register
from yinuo.complaints.queries import listing as queries
from yinuo.complaints.queries.guidance import guidance
from yinuo.complaints.queries.searching import similar_cases
from yinuo.complaints.rules import choices
from yinuo.complaints.states import STAGE_LABELS, Stage
from yinuo.customers.models import Customer
from yinuo.customers.queries import duplicates
from yinuo.identity.queries import units
from yinuo.kernel.search import matching
from yinuo.kernel.text import mask_email, mask_phone
from yinuo.matters.queries import saved_views
from yinuo.web.forms.base import submit
from yinuo.web.forms.complaint_register import RegisterForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.render import go, render
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
        Filter("open", gettext_lazy("状态"), [("1", gettext_lazy("办理中")), ("0", gettext_lazy("已了结"))], _same, default="1"),
        Filter("who", gettext_lazy("负责人"), OWNERS, _same),
        Filter("overdue", gettext_lazy("有逾期承诺"), yes, _same),
        Filter("stage", gettext_lazy("阶段"), STAGES, _same, compact=True),
        Filter("severity", gettext_lazy("严重程度"), choices.Severity.choices, _same, compact=True),
        Filter("grade", gettext_lazy("客户级别"), Customer.Grade.choices, _same, compact=True),
        Filter("kind", gettext_lazy("类别"), [*choices.Kind.choices, ("none", gettext_lazy("未评审"))], _same, compact=True),
        Filter("channel", gettext_lazy("渠道"), choices.Channel.choices, _same, compact=True),
    )


SORTS = (
    Sort("new", gettext_lazy("收到"), "-received_at"), Sort("new-", gettext_lazy("收到"), "received_at"),
    Sort("due", gettext_lazy("最近承诺"), "f_due", nullable=True),
    Sort("stage", gettext_lazy("阶段停留"), "stage_since"), Sort("stage-", gettext_lazy("阶段停留"), "-stage_since"),
)
COLUMNS = (
    Column(gettext_lazy("投诉")), Column(gettext_lazy("客户")), Column(gettext_lazy("阶段"), "stage"),
    Column(gettext_lazy("最近承诺"), "due"), Column(gettext_lazy("严重程度"), wide=True),
    Column(gettext_lazy("负责人"), wide=True), Column(gettext_lazy("收到"), "new", wide=True),
)
#: Figures of the report link here with filters that have no chip of their own; they are shown so they can be removed.
EXTRA = {
    "owner": gettext_lazy("指定负责人"), "unit": gettext_lazy("部门"), "customer": gettext_lazy("指定客户"),
    "subkind": gettext_lazy("细类"), "judgement": gettext_lazy("判断"), "product": gettext_lazy("产品"),
    "risk": gettext_lazy("风险"), "received_from": gettext_lazy("收到不早于"), "received_to": gettext_lazy("收到不晚于"),
    "satisfaction": gettext_lazy("满意度"), "on_time": gettext_lazy("承诺履行"), "library": gettext_lazy("案例库"),
    "reopened": gettext_lazy("重新处理过"),
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
    return [{"label": label, "value": extra_value(name, request.GET[name]), "off": listing.link(**{name: None})}
            for name, label in {**EXTRA, **own}.items() if request.GET.get(name)]


def extra_value(name: str, value: str) -> str:
    labels: dict[str, Any] = {
        "subkind": choices.Subkind, "judgement": choices.Judgement, "risk": choices.Risk, "severity": choices.Severity,
        "satisfaction": choices.Satisfaction, "kind": choices.Kind, "channel": choices.Channel,
    }
    if value == "none":
        return _("无")
    if name in labels:
        return "、".join(queries.label(labels[name], v) or v for v in value.split(","))
    if name == "on_time":
        return _("都按时") if value == "1" else _("有违约")
    return _("是") if value == "1" and name in ("library", "reopened") else value


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    params = chosen(request.GET)
    rows = queries.listed(params)
    listing = Listing(
        request, rows, columns=COLUMNS, sorts=SORTS, filters=_filters_for(request), placeholder=gettext_lazy("编号、内容、客户、电话尾号"),
        search=lambda found, q: matching(found, q, "matter__search"),
        empty=gettext_lazy("没有办理中的投诉。客户来电时按 c 键登记一件。"),
    )
    return render(request, "complaints/list.jinja", {
        "section": "complaints", "listing": listing, "extra": extra_chips(request, listing), "views": saved_views("complaints"),
        "stage_tones": STAGE_TONES, "severity_tones": SEVERITY_TONES, "tab": "list",
    })


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
    return render(request, "complaints/board.jinja", {
        "section": "complaints", "columns": queries.board(params), "listing": listing, "units": units(), "tab": "board",
        "severity_tones": SEVERITY_TONES,
    })


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


# --- registering ---------------------------------------------------------------------------------------------

MASKS = {"phone": mask_phone, "email": mask_email}
WHY = {"phone": gettext_lazy("电话相同"), "email": gettext_lazy("邮箱相同"), "name": gettext_lazy("同名"),
       "uscc": gettext_lazy("信用代码相同"), "wechat": gettext_lazy("微信相同")}


def recognise(phone: str, name: str, picked: str = "", email: str = "") -> dict[str, Any]:
    """Who this may be, for the form; the sole verified match by phone is chosen already."""
    phone, name = phone.strip(), name.strip()
    looked = len(phone) >= 7 or len(name) >= 2
    pairs = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value]
    found = duplicates(name=name if len(name) >= 2 else "", identities=pairs) if looked else []
    sure = [d for d in found if d.by == "phone"]
    who = []
    for d in found[:5]:
        chosen_one = str(d.customer.pk) == picked if picked else len(sure) == 1 and d is sure[0]
        bits = [d.customer.get_kind_display(), d.customer.region, d.customer.get_status_display()]
        open_rows = queries.complaints_page({"customer": str(d.customer.pk), "open": "1"}, size=3).rows if chosen_one else []
        who.append({"customer": d.customer, "why": WHY.get(d.by, d.by), "verified": d.by == "phone", "chosen": chosen_one,
                    "line": " · ".join(b for b in bits if b), "open": open_rows})
    return {"who": who, "looked": looked, "new_allowed": not sure}


@require_GET
def who(request: HttpRequest) -> HttpResponse:
    got = request.GET
    found = recognise(got.get("phone", "")[:40], got.get("name", "")[:80], got.get("customer_id", ""))
    return render(request, "complaints/who.jinja", found)


@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("content", "")[:4000]
    exclude = request.GET.get("exclude", "")
    cases = similar_cases(text, exclude_id=int(exclude) if exclude.isdecimal() else None) if len(text.strip()) >= 4 else []
    return render(request, "complaints/similar.jinja", {"similar": cases, "looked_similar": len(text.strip()) >= 4})


@require_http_methods(["GET", "POST"])
def registration(request: HttpRequest) -> HttpResponse:
    got = request.GET
    prefilled = any(got.get(name) for name in ("customer_id", "phone", "conversation_id"))
    initial = {"channel": "phone", "customer_kind": "person", "severity": "ordinary",
               **{name: got[name] for name in RegisterForm.base_fields if got.get(name)}}
    form = RegisterForm.of(request, initial)
    sent = submit(request, form, register)
    if sent:
        pk = sent.result if sent.repeated else sent.result.pk
        return go(request, "complaint", pk, toast=_("已登记。请把编号告诉客户，并复述一遍。"))
    values = {name: str(form[name].value() or "") for name in ("phone", "name", "email", "content", "customer_id")}
    known = recognise(values["phone"], values["name"], values["customer_id"], values["email"])
    cases = similar_cases(values["content"]) if len(values["content"]) >= 4 else []
    return render(request, "complaints/register.jinja", {
        "section": "complaints", "form": form, "prefilled": prefilled, "guide": guidance(Stage.RECEIVED),
        "similar": cases, "looked_similar": bool(cases), **known,
    })


routes = [
    page("complaints/", index, needs=READ, name="complaints"),
    page("complaints/board/", board, needs=READ, name="complaint_board"),
    page("complaints/register/", registration, needs="complaint.register", name="complaint_register"),
    page("complaints/register/who/", who, needs="complaint.register", name="complaint_who"),
    page("complaints/register/similar/", similar, needs=READ, name="complaint_similar"),
]
