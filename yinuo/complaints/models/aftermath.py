"""After the case: root cause, responsibility, repair of the relation, improvement, publication, thanks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.models.complaint import CaseRow
from yinuo.complaints.rules import choices
from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import nobody_at


class CorrectiveAction(CaseRow):
    """A root cause, what is done about it, and a check at a date whether it happened again."""

    root_cause = models.TextField(_("根因"))
    action = models.TextField(_("纠正措施"))
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("完成期限"))
    done_at = models.DateTimeField(null=True)
    done_note = models.TextField(blank=True)
    check_on = models.DateField(_("复查日期"))
    recurrence = models.CharField(max_length=10, choices=choices.Recurrence, blank=True)
    checked_at = models.DateTimeField(null=True)
    check_note = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        indexes = [models.Index(fields=["check_on"], condition=Q(checked_at=None), name="corrective_to_check")]
        constraints = [
            models.CheckConstraint(condition=Q(check_on__gte=models.F("due_on")), name="corrective_check_after_due")
        ]


class Responsibility(CaseRow):
    """Who answers for the fault. The step is proposed by the ladder; a person decides."""

    staff = models.ForeignKey("identity.Staff", models.PROTECT, related_name="responsibilities", db_index=False)
    fault = models.TextField(_("过错事实"))
    state = models.CharField(
        max_length=8, choices=choices.ResponsibilityState, default=choices.ResponsibilityState.PROPOSED
    )
    decided_before = models.SmallIntegerField(default=0)
    proposed_step = models.CharField(max_length=9, choices=choices.DisciplineStep)
    step = models.CharField(max_length=9, choices=choices.DisciplineStep, blank=True)
    decided_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        indexes = [models.Index(fields=["staff", "state"], name="responsibility_of_staff")]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "staff"], condition=~Q(state="cleared"), name="responsibility_once_per_case"
            )
        ]

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """Only those who propose or decide, and the person concerned."""
        seen = super().visible_q(actor, prefix)
        if actor.may("complaint.supervise") or actor.may("complaint.responsibility"):
            return seen
        return seen & Q(**{f"{prefix}staff_id": actor.staff_id or 0})


class RepairPlan(CaseRow):
    """How the relation with the customer is mended."""

    goal = models.TextField(_("目标"))
    steps = models.TextField(_("步骤"))
    owner = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    result = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)


class Improvement(CaseRow):
    """A demand on product or policy, reported upward with a proposal."""

    title = models.CharField(max_length=120)
    demand = models.TextField(_("客户诉求"))
    suggestion = models.TextField(_("改进建议"))
    addressed_to = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=choices.ImprovementState, default=choices.ImprovementState.SUBMITTED)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)


class Publication(CaseRow):
    """A case made known inside the company, without the customer's name."""

    title = models.CharField(max_length=120)
    text = models.TextField()
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """The whole company reads it, or the unit it is addressed to and those below."""
        if actor.kind == "customer":
            return nobody_at(prefix)
        if actor.kind == "system" or actor.matter_scope is Scope.ALL:
            return Q()
        return Q(**{f"{prefix}unit__isnull": True}) | Q(**{f"{prefix}unit_id__in": sorted(actor.unit_ids)})


class Reward(CaseRow):
    """Thanks to a customer whose complaint helped us."""

    reason = models.TextField()
    thanks = models.TextField()
    gift = models.CharField(max_length=120, blank=True)
    worth = models.DecimalField(max_digits=10, decimal_places=2, default=0)

    class Meta(CaseRow.Meta):
        constraints = [models.CheckConstraint(condition=Q(worth__gte=0), name="reward_worth_positive")]
