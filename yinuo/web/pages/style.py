"""The living style page: every component in every state, the colours with their contrast, the icons.

A macro of `templates/components` that is not shown here fails `tests/test_style.py`: add it to a file of
`templates/style/parts` (a new file is a new section; its sample data is made in `samples`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yinuo.conversations.models import Channel, Interaction
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing
from yinuo.web.forms.style import STATES, sample
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.middleware import content_policy
from yinuo.web.reads import tokens
from yinuo.web.reads.ways import Way
from yinuo.web.render import go, render, say
from yinuo.web.routes import SIGNED_IN, page

PARTS = Path(__file__).resolve().parent.parent / "templates/style/parts"
ORDER = ("tokens", "basic", "forms", "lists", "record", "charts", "moving")
TITLES = {
    "tokens": gettext_lazy("颜色、字号、图标"),
    "basic": gettext_lazy("小部件"),
    "forms": gettext_lazy("表单"),
    "lists": gettext_lazy("列表"),
    "record": gettext_lazy("记录"),
    "charts": gettext_lazy("数字与图表"),
    "moving": gettext_lazy("抽屉、对话框、提示"),
}
VIEWS = {
    "page": gettext_lazy("整页"),
    "both": gettext_lazy("浅色与深色"),
    "phone": gettext_lazy("手机宽度"),
}
THEMES = ("light", "dark")
TONES = ("success", "info", "warning", "danger")


@dataclass
class SampleList(Listing):
    """A list of given rows: nothing is read from the database."""

    given: Sequence[Any] = ()

    def __post_init__(self) -> None:
        self.q, self.sort, self.chosen = "", self.sorts[0], {"state": "open"} if self.filters else {}
        self.rows, self.count = list(self.given), len(self.given)
        self.older, self.newer = ("x", "y") if self.given else ("", "")


def _all(found: Any, _value: str) -> Any:
    return found


def listing(request: HttpRequest, rows: Sequence[Any]) -> SampleList:
    """A list with and without rows."""
    states = (("open", _("办理中")), ("closed", _("已结案")))
    return SampleList(
        request, None, given=rows, search=lambda found, _q: found, placeholder=_("客户、单号"),  # type: ignore[arg-type]
        sorts=(Sort("due", _("到期"), "due_at"), Sort("due-", _("到期"), "-due_at")),
        filters=(
            Filter("state", _("状态"), states, _all), Filter("kind", _("类型"), states, _all, compact=True),
        ) if rows else (),
        columns=(
            Column(_("事项")), Column(_("客户")), Column(_("到期"), sort="due"),
            Column(_("金额"), cls="num", wide=True),
        ),
        empty=_("还没有事项。客户来电、来信后，会出现在这里。"),
    )  # fmt: skip


def unpaged(found: SampleList) -> SampleList:
    """A list of one page."""
    found.older = found.newer = ""
    return found


def charts() -> dict[str, Any]:
    """A figure in each tone, and a chart of each shape."""

    def cell(value: int) -> SimpleNamespace:
        return SimpleNamespace(value=value, text=str(value), rows=value, cut=True)

    figures = [
        SimpleNamespace(
            label=label,
            about=_("为什么是这个数"),
            cell=cell(n),
            tone=tone,
            hint=hint,
            beside=((_("上期"), cell(n + 2)),),
        )
        for n, (label, tone, hint) in enumerate(
            ((_("已到期"), "late", _("比昨天多 1")), (_("快到期"), "soon", ""), (_("按时"), "ok", "")), 1
        )
    ]
    weeks = [
        SimpleNamespace(label=label, tone="", cells=[cell(n), cell(5 - n)])
        for n, label in enumerate((_("周一"), _("周二"), _("周三"), _("周四")))
    ]
    drawn = [
        SimpleNamespace(
            key=f"style-{shape}",
            shape=shape,
            title=title,
            about=_("图和表说的是同样的数"),
            percent=(),
            plain=(),
            axis=_("星期"),
            heads=[_("收到"), _("办结")],
            lines=lines,
        )
        for shape, title, lines in (
            ("line", _("走势"), weeks),
            ("rank", _("排名"), weeks),
            ("line", _("没有数的图"), []),
        )
    ]
    drawn[2].key = "style-none"
    return {"figures": figures, "drawn": drawn, "to_style": lambda _cell: reverse("style")}


def samples(request: HttpRequest) -> dict[str, Any]:
    """What the sections show."""
    now, hour = clock.now(), timedelta(hours=1)
    chips: tuple[tuple[str, Any, dict[str, Any]], ...] = (
        ("open", now + 50 * hour, {}), ("open", now + hour, {}), ("open", now - hour / 2, {}),
        ("broken", now - 30 * hour, {}), ("paused", now + hour, {}), ("kept", now, {"kept_at": now - hour}),
        ("broken", now - 3 * hour, {"kept_at": now - hour}),
        ("renewed", now, {"kept_at": now - hour}), ("waived", now, {}), ("open", None, {}),
    )  # fmt: skip
    titles = (_("三桶渗漏，要求换货"), _("发票抬头写错"), _("送货晚了一天"))
    rows = [
        SimpleNamespace(
            title=t, number=f"TS2611-{n:04d}", customer=_("王秀兰"), due_at=now + n * 3 * hour, amount=n * 860, mark=m
        )
        for n, (t, m) in enumerate(zip(titles, ("", "is-new", "is-at"), strict=True))
    ]  # fmt: skip
    picture = SimpleNamespace(pk=1, name=_("现场照片"), is_image=True, size=1, href=static("img/mark.svg"))
    paper = SimpleNamespace(pk=2, name="slip.svg", is_image=False, size=20480, href=static("img/mark.svg"))
    calls: tuple[dict[str, Any], ...] = (
        {"title": _("来电"), "direction": "in", "ico": "phone", "actor_name": _("王秀兰")},
        {"title": _("回信"), "direction": "out", "ico": "mail", "attachments": [picture, paper]},
        {"badge": _("同意"), "tone": "ok", "ico": "rubber-stamp"},
        {"kind": "held", "direction": "out", "ico": "hourglass", "badge": _("待发送"), "tone": "soon", "held": True},
    )
    entries = [
        {"id": n, "at": now - n * hour, "kind": "note", "actor_name": _("林晓雯"), "text": titles[n % 3], **more}
        for n, more in enumerate(calls, 1)
    ]  # fmt: skip
    steps = [(_("受理"), "done"), (_("调查"), "now"), (_("审批"), "skipped"), (_("执行"), "todo")]
    unsent = Interaction(at=now, channel=Channel.EMAIL, delivery="failed", delivery_note="550 mailbox unavailable")
    to, nobody = (
        _("将发往 %(address)s") % {"address": "w***l@example.cn"},
        _("这位客户没有可以发送的邮箱地址，请改用其他方式"),
    )
    ways = [
        Way("mail", to, last=unsent), Way("mail", to, _("演示邮箱：只在系统里看得到，不会真的发出"), "soon"),
        Way("mail", _("电子邮件"), nobody, "late"),
    ]  # fmt: skip
    return {
        "ways": ways,
        "chips": chips, "warn_at": now - hour, "hour": hour, "now": now, "entries": entries, "files": [picture, paper],
        "stages": [{"label": label, "state": state, "tip": label} for label, state in steps],
        "forms": {state: sample(request, state) for state in STATES}, "tones": TONES,
        "full": listing(request, rows), "bare": listing(request, ()), "picks": unpaged(listing(request, rows)),
        **charts(), "colours": tokens.colours(), "pairs": tokens.pairs(), "icons": tokens.icons(),
    }  # fmt: skip


def sections() -> list[tuple[str, Any]]:
    """Every file of `style/parts`, those of the known order first."""
    found = {path.stem for path in PARTS.glob("*.jinja")}
    names = [*ORDER, *sorted(found - set(ORDER))]
    return [(name, TITLES.get(name, name)) for name in names]


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """The page, or frames of it: light beside dark, or as a telephone shows it."""
    view, theme = request.GET.get("view", "page"), request.GET.get("theme", "")
    view = view if view in VIEWS else "page"
    here = {"view": view, "views": VIEWS, "parts": sections(), "section": "settings", "themes": THEMES}
    if theme in THEMES:
        here["themed"] = theme
    response = render(request, "style/style.jinja", {**here, **(samples(request) if view == "page" else {})})
    response.headers["Content-Security-Policy"] = content_policy(request) + "; frame-src 'self'"
    return response


@require_GET
def plain(request: HttpRequest, theme: str) -> HttpResponse:
    """The components alone, for a frame of ours."""
    if theme not in THEMES:
        raise Missing(_("没有这种配色"))
    response = render(request, "style/plain.jinja", {"parts": sections(), "themed": theme, **samples(request)})
    policy = content_policy(request).replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_GET
def piece(request: HttpRequest, name: str) -> HttpResponse:
    """What a button of the page fetches: the drawer, a dialog, the time, a toast of each tone."""
    if name in TONES:
        return say(_("这是一条提示"), tone=name)
    if name not in ("drawer", "dialog", "now"):
        raise Missing(_("没有这个样例"))
    return render(
        request, "style/piece.jinja", {"form": sample(request, "piece"), "now": clock.now(), "what": name}, part=name
    )


@require_POST
def pretend(request: HttpRequest) -> HttpResponse:
    """Where the samples' forms go: nothing is kept."""
    return go(request, "style", toast=_("只是样例，没有保存任何内容"), tone="info")


routes = [
    page("style/", style, needs=SIGNED_IN, name="style"),
    page("style/plain/<str:theme>/", plain, needs=SIGNED_IN, name="style_plain"),
    page("style/piece/<str:name>/", piece, needs=SIGNED_IN, name="style_piece"),
    page("style/pretend/", pretend, needs=SIGNED_IN, name="style_pretend"),
]
