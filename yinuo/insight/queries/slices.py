"""What can be counted. A figure and the list it opens come from the same rows, so that they never disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.models import CorrectiveAction, ExternalEscalation, Publication
from yinuo.insight.queries.frame import Frame
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.queries.board import in_group, settled

Rows = QuerySet[Any]
#: The promises by which a customer hears from us for the first time.
FIRST_ANSWERS = ("answer", "first_answer", "acknowledgement")
#: What an empty key of a dimension is called in an address.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one kind (`of`: "matter" or "promise"); `timely`: they depend on the period, else on this moment."""

    of: str
    label: Any
    rows: Callable[[Frame], Rows]
    timely: bool = True


def matters(frame: Frame) -> Rows:
    """The matters the actor may see, within all but the period."""
    return Matter.objects.filter(_narrowed(frame, "", ""))


def promises(rows: Rows, frame: Frame) -> Rows:
    """Of these promises those the frame leaves: by the unit that owes, and by the matter they are about."""
    return rows.filter(_narrowed(frame, "", "matter__"))


def _narrowed(frame: Frame, unit: str, matter: str) -> Q:
    wanted = Q()
    if frame.unit is not None:
        wanted &= Q(**{f"{unit}unit_id__in": sorted(frame.unit_ids)})
    for name, path in (("trade", "kind"), ("channel", "channel"), ("kind", "complaint__kind")):
        if value := getattr(frame, name):
            wanted &= Q(**{matter + path: value})
    return wanted


def _received(frame: Frame) -> Rows:
    return matters(frame).filter(opened_at__gte=frame.since, opened_at__lt=frame.until)


def _closed(frame: Frame) -> Rows:
    return matters(frame).filter(open=False, closed_at__gte=frame.since, closed_at__lt=frame.until)


def _with(model: Any, moment: str, **more: Any) -> Callable[[Frame], Rows]:
    """Matters of which some row of `model` says that something happened in the period."""

    def rows(frame: Frame) -> Rows:
        within = {f"{moment}__gte": frame.since, f"{moment}__lt": frame.until}
        return matters(frame).filter(Exists(model.unscoped.filter(complaint=OuterRef("pk"), **within, **more)))

    return rows


def _escalated(frame: Frame) -> Rows:
    told = PromiseEvent.unscoped.filter(kind="escalated", at__gte=frame.since, at__lt=frame.until)
    return matters(frame).filter(pk__in=told.filter(promise__matter__isnull=False).values("promise__matter_id"))


def _group(name: str) -> Callable[[Frame], Rows]:
    def rows(frame: Frame) -> Rows:
        return promises(in_group(Promise.objects.filter(outstanding=True), name, frame.at), frame)

    return rows


def _settled(*states: str) -> Callable[[Frame], Rows]:
    def rows(frame: Frame) -> Rows:
        return promises(settled(frame.since, frame.until).filter(state__in=states), frame)

    return rows


def _responded(frame: Frame) -> Rows:
    heard = Promise.objects.filter(
        kept_at__gte=frame.since, kept_at__lt=frame.until, obligation__in=FIRST_ANSWERS, made_at__lte=F("kept_at")
    )
    return promises(heard, frame)


SLICES: dict[str, Slice] = {
    "received": Slice("matter", _("收到的事项"), _received),
    "closed": Slice("matter", _("办结的事项"), _closed),
    "open": Slice("matter", _("办理中的事项"), lambda f: matters(f).filter(open=True), timely=False),
    "reopened": Slice("matter", _("重新处理的投诉"), lambda f: _received(f).filter(complaint__reopened__gt=0)),
    "complaints": Slice("matter", _("收到的投诉"), lambda f: _received(f).filter(kind=Matter.Kind.COMPLAINT)),
    "recurred": Slice("matter", _("复查发现再次发生"), _with(CorrectiveAction, "checked_at", recurrence="recurred")),
    "checked": Slice("matter", _("做过复查"), _with(CorrectiveAction, "checked_at")),
    "escalated": Slice("matter", _("承诺升级过的事项"), _escalated),
    "external": Slice("matter", _("外部升级"), _with(ExternalEscalation, "at")),
    "published": Slice("matter", _("内部通报"), _with(Publication, "at")),
    "rated": Slice("matter", _("客户作了评价"), lambda f: _closed(f).filter(complaint__satisfaction__gte=1)),
    "satisfied": Slice("matter", _("客户满意"), lambda f: _closed(f).filter(complaint__satisfaction__gte=4)),
    "unhappy": Slice("matter", _("客户不满意"), lambda f: _closed(f).filter(complaint__satisfaction__lte=2)),
    "paid": Slice("matter", _("有协议补偿"), lambda f: _closed(f).filter(complaint__agreed_total__gt=0)),
    "late": Slice("promise", _("已逾期的承诺"), _group("broken"), timely=False),
    "risk": Slice("promise", _("有风险的承诺"), _group("risk"), timely=False),
    "today": Slice("promise", _("今天到期的承诺"), _group("today"), timely=False),
    "due": Slice("promise", _("到期的承诺"), _settled("kept", "renewed", "broken")),
    "kept": Slice("promise", _("按时兑现的承诺"), _settled("kept", "renewed")),
    "broken": Slice("promise", _("违约的承诺"), _settled("broken")),
    "responded": Slice("promise", _("首次响应"), _responded),
}


def _text(path: str) -> Any:
    return Coalesce(Cast(F(path), TextField()), Value(""), output_field=TextField())


def _reason(prefix: str) -> Any:
    """The finer kind where one was chosen, else the kind."""
    fine, coarse = f"{prefix}complaint__subkind", f"{prefix}complaint__kind"
    named = {"output_field": TextField()}
    return Case(
        When(**{f"{prefix}complaint__isnull": True}, then=Value("", **named)),
        When(**{fine: ""}, then=Case(
            When(**{coarse: ""}, then=Value("", **named)), default=Concat(Value("kind:"), F(coarse), **named))),
        default=Concat(Value("sub:"), F(fine), **named),
        **named,
    )  # fmt: skip


#: By what rows may be told apart, per kind of row.
DIMENSIONS: dict[str, dict[str, Callable[[], Any]]] = {
    "matter": {
        "channel": lambda: _text("channel"), "trade": lambda: _text("kind"), "owner": lambda: _text("owner_id"),
        "unit": lambda: _text("unit_id"), "reason": lambda: _reason(""),
    },
    "promise": {
        "owner": lambda: _text("owner_id"), "unit": lambda: _text("unit_id"),
        "standard": lambda: _text("standard__key"), "trade": lambda: _text("matter__kind"),
        "channel": lambda: _text("matter__channel"),
    },
}  # fmt: skip
LABELS = {
    "channel": _("渠道"), "trade": _("事项类型"), "owner": _("负责人"), "unit": _("部门"), "reason": _("原因"),
    "standard": _("服务标准"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cut:
    """Which rows a figure counts: a slice over a frame, perhaps one key of a dimension (`key` "" is: without one)."""

    what: str
    frame: Frame
    by: str = ""
    key: str = ""

    @property
    def slice(self) -> Slice:
        return SLICES[self.what]

    def rows(self) -> Rows:
        rows = self.slice.rows(self.frame)
        if self.by:
            rows = rows.annotate(t_key=DIMENSIONS[self.slice.of][self.by]()).filter(t_key=self.key)
        return rows

    def query(self) -> dict[str, str]:
        """The address of its rows."""
        frame = self.frame.address() if self.slice.timely else self.frame.narrowing()
        return {"what": self.what, **({"by": self.by, "key": self.key or NONE} if self.by else {}), **frame}


def read_cut(params: Any, frame: Frame) -> Cut | None:
    """The cut of an address, None when it names none."""
    what, by, key = (params.get(name, "")[:80].replace("\x00", "") for name in ("what", "by", "key"))
    if what not in SLICES or (by and by not in DIMENSIONS[SLICES[what].of]):
        return None
    return Cut(what, frame, by, "" if key == NONE or not by else key)


def named(rows: Rows, name: str, by: str, of: str) -> Rows:
    """Rows to count by the keys of a dimension: see `tally`."""
    key = DIMENSIONS[of][by]() if by else Value("", output_field=TextField())
    found: Rows = rows.order_by().annotate(t_name=Value(name, output_field=CharField()), t_key=key)
    return found.values("t_name", "t_key")


def moment_of(what: str) -> str:
    """By which moment rows of a slice lie in the period."""
    return "closed_at" if what in ("closed", "rated", "satisfied", "unhappy", "paid") else "opened_at"


def bucketed(what: str, frames: list[Frame], name: str) -> Rows:
    """Rows of a slice over all the frames (which follow each other), keyed by the first day of theirs."""
    whole = frames[0].over(type(frames[0].period)(frames[0].period.first, frames[-1].period.last))
    rows = SLICES[what].rows(whole)
    if SLICES[what].of == "promise":
        kept = Q(state__in=("kept", "renewed"), kept_at__isnull=False)
        when: Any = Case(When(kept, then=F("kept_at")), default=F("due_at"))
    else:
        when = F(moment_of(what))
    key = _bucket(when, frames)
    found: Rows = rows.order_by().annotate(t_when=when)
    found = found.annotate(t_name=Value(name, output_field=CharField()), t_key=key)
    return found.values("t_name", "t_key")


def _bucket(when: Any, frames: list[Frame]) -> Any:
    named = {"output_field": TextField()}
    return Case(
        *(When(t_when__lt=f.until, then=Value(f.period.first.isoformat(), **named)) for f in frames[:-1]),
        default=Value(frames[-1].period.first.isoformat(), **named), **named,
    )  # fmt: skip
