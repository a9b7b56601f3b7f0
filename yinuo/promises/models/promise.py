"""A promise: a dated obligation, with one column the clock looks at."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yinuo.calendars.spans import ClockKind, Span
from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import Scoped, staff_scope
from yinuo.matters.models import Matter
from yinuo.promises.rules.happenings import BY_HAND
from yinuo.promises.rules.moments import because
from yinuo.promises.rules.plan import Point, Watched, read_points
from yinuo.promises.rules.standard import StandardSpec
from yinuo.promises.states import State


class Promise(Scoped):
    """What we owe somebody by when. Only promise commands write `wakes_at`, the one column the clock reads.

    `outstanding` is true while something is still owed: open, paused, or broken and not yet fulfilled.
    A renewed promise has a successor whose `previous` it is; `cycle` counts the rounds. `amount` is what is
    allowed in all, in the clock's days or hours; the due time is `starts_at` plus `span_seconds` on that clock
    (a pause moves the one and shortens the other), or was named by a person when that is null. `warned` says
    that the plan in force has warned already.
    """

    class States(models.TextChoices):
        OPEN = State.OPEN.value, _("进行中")
        PAUSED = State.PAUSED.value, _("暂停")
        KEPT = State.KEPT.value, _("已履行")
        RENEWED = State.RENEWED.value, _("已续期")
        WAIVED = State.WAIVED.value, _("已豁免")
        BROKEN = State.BROKEN.value, _("已违约")

    class Clocks(models.TextChoices):
        CALENDAR_HOURS = ClockKind.CALENDAR_HOURS.value, _("自然小时")
        WORKING_HOURS = ClockKind.WORKING_HOURS.value, _("工作小时")
        CALENDAR_DAYS = ClockKind.CALENDAR_DAYS.value, _("自然日")
        WORKING_DAYS = ClockKind.WORKING_DAYS.value, _("工作日")

    matter = models.ForeignKey("matters.Matter", models.CASCADE, null=True, related_name="promises", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, related_name="promises", db_index=False
    )
    conversation = models.ForeignKey("conversations.Conversation", models.PROTECT, null=True, db_index=False)
    task = models.ForeignKey("matters.Task", models.CASCADE, null=True, related_name="promises", db_index=False)
    standard = models.ForeignKey(
        "promises.Standard", models.PROTECT, null=True, related_name="promises", db_index=False
    )
    obligation = models.CharField(max_length=60)
    #: The row within the case it is about ("corrective:7"), where there may be several; such are our own business.
    about = models.CharField(max_length=40, blank=True, default="", db_default="")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="promises", db_index=False)
    #: Whose it was when it broke: a hand-over afterwards moves the work, not the blame.
    broken_owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, db_index=False)
    state = models.CharField(max_length=8, choices=States, default=States.OPEN)
    outstanding = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    wakes_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)
    explanation = models.TextField()
    provisional = models.BooleanField(default=False)
    clock = models.CharField(max_length=14, choices=Clocks)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    span_seconds = models.BigIntegerField(null=True)
    at_stake = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    plan = models.JSONField(default=list)
    warned = models.BooleanField(default=False, db_default=False)
    plan_no = models.PositiveSmallIntegerField(default=0)
    calendar_version = models.BigIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    remaining_seconds = models.BigIntegerField(null=True)
    cycle = models.PositiveIntegerField(default=1)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    made_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """Those one owes or one's unit owes, and those of every matter one may see."""
        if actor.kind == "customer":
            return Q(**{prefix + "matter_id__in": sorted(actor.matter_ids)})
        if actor.matter_scope is Scope.ALL:
            return Q()
        return _owed(actor, prefix) | Matter.visible_q(actor, f"{prefix}matter__")

    @classmethod
    def near_q(cls, actor: Actor) -> Q | None:
        """Those one owes or one's unit owes: no look at the matter is needed."""
        return None if actor.kind == "customer" or actor.matter_scope is Scope.ALL else _owed(actor)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["wakes_at"], condition=Q(wakes_at__isnull=False), name="promise_wakes"),
            models.Index(
                fields=["due_at", "id"], include=["state"], condition=Q(outstanding=True), name="promise_board"
            ),
            models.Index(fields=["due_at", "id"], condition=Q(outstanding=True, warned=True), name="promise_at_risk"),
            models.Index(fields=["due_at", "id"], condition=Q(state="paused"), name="promise_paused"),
            models.Index(fields=["owner", "due_at", "id"], condition=Q(outstanding=True), name="promise_by_owner"),
            models.Index(fields=["unit", "due_at", "id"], condition=Q(outstanding=True), name="promise_by_unit"),
            models.Index(fields=["standard", "outstanding", "due_at"], name="promise_by_standard"),
            models.Index(fields=["matter", "outstanding", "due_at"], name="promise_by_matter"),
            models.Index(fields=["customer", "-due_at"], name="promise_by_customer"),
            models.Index(
                fields=["conversation"], condition=Q(conversation__isnull=False), name="promise_by_conversation"
            ),
            models.Index(fields=["task"], condition=Q(task__isnull=False), name="promise_by_task"),
            models.Index(fields=["due_at", "state"], name="promise_due"),
            models.Index(fields=["kept_at"], condition=Q(kept_at__isnull=False), name="promise_kept"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(wakes_at=None) | Q(outstanding=True, state__in=["open", "broken"]),
                name="promise_wakes_only_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "paused"], outstanding=True)
                | Q(state__in=["kept", "renewed"], outstanding=False, kept_at__isnull=False)
                | Q(state="waived", outstanding=False)
                | Q(state="broken", outstanding=True, kept_at=None)
                | Q(state="broken", outstanding=False),
                name="promise_outstanding_fits_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["kept", "renewed"]) | Q(kept_at__lte=F("due_at")), name="promise_kept_in_time"
            ),
            models.CheckConstraint(
                condition=Q(state="paused", paused_at__isnull=False, remaining_seconds__isnull=False)
                | ~Q(state="paused") & Q(paused_at=None, remaining_seconds=None),
                name="promise_paused_keeps_the_rest",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def rated_owner(self) -> Any:
        """Whose on-time rate it counts in."""
        return self.broken_owner if self.state == State.BROKEN else self.owner

    @property
    def by_hand(self) -> bool:
        """Whether it waits for a person to say that it was kept."""
        return self.outstanding and self.obligation in BY_HAND

    @property
    def clock_kind(self) -> ClockKind:
        return ClockKind(self.clock)

    @property
    def span(self) -> Span | None:
        seconds = self.span_seconds
        return None if seconds is None else Span(self.clock_kind, timedelta(seconds=seconds))

    @property
    def left(self) -> Span | None:
        """What is left of a paused promise."""
        seconds = self.remaining_seconds
        return None if seconds is None else Span(self.clock_kind, timedelta(seconds=seconds))

    @property
    def points(self) -> tuple[Point, ...]:
        return read_points(self.plan)

    @property
    def spec(self) -> StandardSpec:
        """The rule the promise follows: its standard's, or for a personal promise without one, a bare one."""
        if self.standard:
            return self.standard.spec
        return StandardSpec(
            "personal", self.title, "personal", "personal", self.clock_kind, Decimal(self.amount) or Decimal(1)
        )

    def waited(self, happened: Collection[str]) -> bool:
        """Whether the customer was waited for since it began, given the kinds of what happened to it."""
        return "resumed" in happened and self.starts_at > self.made_at

    def began(self, happened: Collection[str]) -> datetime:
        """From when it counted at first: a pause moves `starts_at`."""
        return self.made_at if self.waited(happened) else self.starts_at

    def opening(self, happened: Collection[str], *, extended: bool = False) -> str:
        """How the sentence about its time opens: what was granted, or left out, beyond its standard."""
        extended = extended or ("extended" in happened and self.amount > self.spec.amount)
        return because(extended, self.waited(happened))

    def watched(self, announced: frozenset[tuple[str, int]]) -> Watched:
        return Watched(State(self.state), self.points, announced, fulfilled=not self.outstanding)


def _owed(actor: Actor, prefix: str = "") -> Q:
    return staff_scope(actor, actor.matter_scope, prefix)
