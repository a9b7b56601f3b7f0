"""What happens to a promise: announcements and notes, requests to change it, what its breach costs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.scope import Scoped


class PromiseEvent(Scoped):
    """One thing that happened to a promise, once: the database refuses the same rung of a kind twice."""

    scope_parent = "promise"
    promise = models.ForeignKey("promises.Promise", models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=20)
    rung = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField()
    at = models.DateTimeField()
    late = models.BooleanField(default=False)
    told_as = models.CharField(max_length=12, blank=True)
    told = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["promise", "kind", "rung"], name="promise_event_once")]
        indexes = [models.Index(fields=["told", "-at"], condition=Q(told__isnull=False), name="promise_event_told")]


class PromiseChange(Scoped):
    """A request to extend or waive a promise: reason, approval, the customer told, and only then the change."""

    scope_parent = "promise"

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("延期")
        WAIVER = "waiver", _("豁免")

    class State(models.TextChoices):
        PENDING = "pending", _("待审")
        APPROVED = "approved", _("已同意，待告知客户")
        APPLIED = "applied", _("已生效")
        REJECTED = "rejected", _("驳回")
        LAPSED = "lapsed", _("已失效")

    promise = models.ForeignKey("promises.Promise", models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=500)
    old_due_at = models.DateTimeField()
    new_due_at = models.DateTimeField(null=True)
    new_amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    #: What `new_amount` counts in; empty before this was kept.
    clock = models.CharField(max_length=14, blank=True, default="", db_default="")
    explanation = models.TextField(blank=True)
    requested_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey("conversations.Interaction", models.PROTECT, null=True, related_name="+")
    told_how = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                fields=["promise"], condition=Q(state__in=["pending", "approved"]), name="promise_change_one_at_a_time"
            )
        ]


class Compensation(Scoped):
    """What a broken promise costs: at most one per promise, decided by approval, then paid or given."""

    scope_parent = "promise"

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审")
        APPROVED = "approved", _("同意，待支付")
        REJECTED = "rejected", _("驳回")
        SETTLED = "settled", _("已支付")

    promise = models.OneToOneField("promises.Promise", models.CASCADE, related_name="compensation")
    kind = models.CharField(max_length=12)
    late_days = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    capped = models.BooleanField(default=False)
    text = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    task = models.ForeignKey("matters.Task", models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["task"], condition=Q(task__isnull=False), name="compensation_by_task")]

    @property
    def to_pay_by_hand(self) -> bool:
        """Approved money that no task pays: there was no case, or no finance department, to give it to."""
        return self.state == self.State.APPROVED and (self.task is None or self.task.state == "canceled")
