"""What a customer is worth to us: what they bought, their grade, and the rules somebody set for both."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from yinuo.customers.models.customer import Customer
from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at


class GradeChange(Scoped):
    """A grade proposed by rule or person and confirmed by a person; keeps who, when and why."""

    scope_parent = "customer"
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="grade_changes", db_index=False)
    old_grade = models.CharField(max_length=1, blank=True)
    new_grade = models.CharField(max_length=1)
    reason = models.CharField(max_length=300)
    proposed_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    refused = models.BooleanField(default=False)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["customer", "-id"], name="grade_change_by_customer")]


class Purchase(Scoped):
    """Something a customer bought from us."""

    scope_parent = "customer"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="purchases", db_index=False)
    bought_on = models.DateField()
    what = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    author = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["customer", "-bought_on", "-id"], name="purchase_by_customer")]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="purchase_amount_not_negative")]


class CustomerRule(Scoped):
    """One version of a rule about customers; the newest of its kind is in force, the others are how it came about."""

    class Kind(models.TextChoices):
        GRADE = "grade", _("级别建议")
        REVEALS = "reveals", _("查看明文提醒")

    kind = models.CharField(max_length=8, choices=Kind)
    no = models.IntegerField()
    values = models.JSONField()
    reason = models.CharField(max_length=300)
    saved_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> models.Q:
        """Colleagues may know by what rule they work."""
        return nobody_at(prefix) if actor.kind == "customer" else models.Q()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["kind", "no"], name="customer_rule_once")]
