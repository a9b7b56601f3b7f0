"""Two files of one customer made one."""

from django.db import models
from django.db.models import Q

from yinuo.customers.models.customer import Customer
from yinuo.kernel.scope import Scoped


class CustomerMerge(Scoped):
    """Two files of one customer made one. `moved` says which rows went over and what was filled in, so that the
    merge can be taken back: exactly those rows return, and what came since stays.
    """

    scope_parent = "survivor"
    survivor = models.ForeignKey(Customer, models.PROTECT, related_name="merges", db_index=False)
    absorbed = models.ForeignKey(Customer, models.PROTECT, related_name="absorptions")
    reason = models.CharField(max_length=300)
    moved = models.JSONField(default=dict)
    merged_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField()
    split_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    split_at = models.DateTimeField(null=True)
    split_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(split_at=None), name="customer_merged_once")
        ]
        indexes = [models.Index(fields=["survivor", "-id"], name="merge_by_survivor")]
