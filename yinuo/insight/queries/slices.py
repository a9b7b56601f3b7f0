"""What can be counted. A figure and the list it opens come from the same rows, so that they never disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.models import CorrectiveAction, ExternalEscalation, Publication
from yinuo.insight.queries.dimensions import DIMENSIONS, NONE, answers
from yinuo.insight.queries.frame import Frame
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.queries.board import in_group, settled

Rows = QuerySet[Any]
#: The promises by which a customer hears from us for the first time.
FIRST_ANSWERS = ("answer", "first_answer", "acknowledgement")


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of one kind (`of`: "matter" or "promise"); `timely`: they depend on the period, else on this moment.

    Some are those rows of a base of which `when` is true (all of them when it is None).
    """

    of: str
    label: Any
    rows: Callable[[Frame], Rows]
    timely: bool = True
    base: str = ""
    when: Q | None = None


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


def _complaints(frame: Frame) -> Rows:
    return _received(frame).filter(kind=Matter.Kind.COMPLAINT)


def _closed(frame: Frame) -> Rows:
    return matters(frame).filter(open=False, closed_at__gte=frame.since, closed_at__lt=frame.until)


def _marked(frame: Frame) -> Rows:
    """What was closed, with what the customer thought of it: as told in the callback, else as a survey was answered."""
    latest = answers().filter(matter=OuterRef("pk")).order_by("-on", "-pk").values("score")[:1]
    answered = When(pk__in=answers().values("matter"), then=Subquery(latest))
    told = Cast("complaint__satisfaction", FloatField())
    rows: Rows = _closed(frame).annotate(t_mark=Coalesce(told, Case(answered, output_field=FloatField())))
    return rows


def _settled(frame: Frame) -> Rows:
    return promises(settled(frame.since, frame.until), frame)


def _decided_at() -> Any:
    kept = Q(state__in=("kept", "renewed"), kept_at__isnull=False)
    return Case(When(kept, then=F("kept_at")), default=F("due_at"))


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


def _responded(frame: Frame) -> Rows:
    heard = Promise.objects.filter(
        kept_at__gte=frame.since, kept_at__lt=frame.until, obligation__in=FIRST_ANSWERS, made_at__lte=F("kept_at")
    )
    return promises(heard, frame)


@dataclass(frozen=True, slots=True)
class Base:
    """Rows of a period and the moment by which they lie in it; slices of one base are counted in one look at them."""

    of: str
    rows: Callable[[Frame], Rows]
    moment: Callable[[], Any]


BASES = {
    "received": Base("matter", _received, lambda: F("opened_at")),
    "complaints": Base("matter", _complaints, lambda: F("opened_at")),
    "closed": Base("matter", _closed, lambda: F("closed_at")),
    "marked": Base("matter", _marked, lambda: F("closed_at")),
    "settled": Base("promise", _settled, _decided_at),
}


def _part(base: str, label: Any, when: Q | None = None) -> Slice:
    """The rows of a base, or those of which something is true."""
    known = BASES[base]
    return Slice(known.of, label, lambda f: known.rows(f).filter(when or Q()), base=base, when=when)


SLICES: dict[str, Slice] = {
    "received": _part("received", _("收到的事项")),
    "closed": _part("closed", _("办结的事项")),
    "open": Slice("matter", _("办理中的事项"), lambda f: matters(f).filter(open=True), timely=False),
    "complaints": _part("complaints", _("收到的投诉")),
    "reopened": _part("complaints", _("重新处理的投诉"), Q(complaint__reopened__gt=0)),
    "recurred": Slice("matter", _("复查发现再次发生"), _with(CorrectiveAction, "checked_at", recurrence="recurred")),
    "checked": Slice("matter", _("做过复查"), _with(CorrectiveAction, "checked_at")),
    "escalated": Slice("matter", _("承诺升级过的事项"), _escalated),
    "external": Slice("matter", _("外部升级"), _with(ExternalEscalation, "at")),
    "published": Slice("matter", _("内部通报"), _with(Publication, "at")),
    "rated": _part("marked", _("客户作了评价"), Q(t_mark__gte=1)),
    "told": _part("marked", _("回访时作了评价"), Q(complaint__satisfaction__gte=1)),
    "told_satisfied": _part("marked", _("回访时满意"), Q(complaint__satisfaction__gte=4)),
    "answered": _part("marked", _("只在问卷里作了评价"), Q(complaint__satisfaction=None, t_mark__gte=1)),
    "answered_satisfied": _part("marked", _("只在问卷里满意"), Q(complaint__satisfaction=None, t_mark__gte=4)),
    "satisfied": _part("marked", _("客户满意"), Q(t_mark__gte=4)),
    "unhappy": _part("marked", _("客户不满意"), Q(t_mark__lte=2)),
    "paid": _part("marked", _("有协议补偿"), Q(complaint__agreed_total__gt=0)),
    "late": Slice("promise", _("已逾期的承诺"), _group("broken"), timely=False),
    "risk": Slice("promise", _("有风险的承诺"), _group("risk"), timely=False),
    "today": Slice("promise", _("今天到期的承诺"), _group("today"), timely=False),
    "due": _part("settled", _("到期的承诺")),
    "kept": _part("settled", _("按时兑现的承诺"), Q(state__in=("kept", "renewed"))),
    "broken": _part("settled", _("违约的承诺"), Q(state="broken")),
    "responded": Slice("promise", _("首次响应"), _responded),
}


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
