"""A row of somebody's day, put aside until a time, with the reason."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, staff_scope


class Snooze(Scoped):
    """One person leaves a promise, or a task no promise stands for, until `until`. It hides the row from that person's
    day and from nobody else's, and it moves no deadline. `due_at` is when the promise was due at that time: should it
    be due sooner now, the row is back (`rules/snoozing.py`).
    """

    class Reason(models.TextChoices):
        CUSTOMER = "customer", _("等客户回音")
        DEPARTMENT = "department", _("等部门结果")
        GOODS = "goods", _("等货、等材料")
        APPOINTMENT = "appointment", _("约好了时间再办")
        OTHER = "other", _("其他")

    staff = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    promise = models.ForeignKey("promises.Promise", models.CASCADE, null=True, related_name="snoozes", db_index=False)
    task = models.ForeignKey("matters.Task", models.CASCADE, null=True, related_name="snoozes", db_index=False)
    until = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """One's own, and those of the people one answers for."""
        return staff_scope(actor, actor.matter_scope, prefix, owner="staff_id", unit="staff__unit_id")

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["promise", "staff"], name="snooze_promise_once"),
            models.UniqueConstraint(fields=["task", "staff"], name="snooze_task_once"),
            models.CheckConstraint(
                condition=Q(promise__isnull=True, task__isnull=False, due_at__isnull=True)
                | Q(promise__isnull=False, task__isnull=True, due_at__isnull=False),
                name="snooze_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["staff", "until"], name="snooze_by_staff")]

    @property
    def why(self) -> str:
        """The reason in words."""
        return "：".join(part for part in (self.get_reason_display(), self.note) if part)
