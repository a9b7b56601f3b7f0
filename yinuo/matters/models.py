"""What we owe a customer. Every kind of matter shares this row: one worklist, one timeline, one scope rule."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import Scoped, among, staff_scope


class Matter(Scoped):
    """The supertype. A trade's own table uses this row's key as its own."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("投诉")
        ENQUIRY = "enquiry", _("咨询")
        SUGGESTION = "suggestion", _("建议")
        PRAISE = "praise", _("表扬")
        SERVICE_ORDER = "service_order", _("服务单")
        VISIT = "visit", _("拜访")

    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=14, choices=Kind)
    title = models.CharField(max_length=200)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="matters", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", models.PROTECT, null=True, related_name="matters", db_index=False
    )
    channel = models.CharField(max_length=8, blank=True)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="matters", db_index=False)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, db_index=False)
    state = models.CharField(max_length=20)
    open = models.BooleanField(default=True)
    priority = models.SmallIntegerField(default=1)
    severity = models.SmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    search = SearchVectorField(default="")
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """Owner, collaborator, the unit's subtree, everything, or because one has a task in it."""
        if actor.kind == "customer":
            return Q(**{prefix + "pk__in": sorted(actor.matter_ids)})
        if actor.matter_scope is Scope.ALL:
            return Q()
        helped = Collaborator.unscoped.filter(staff_id=actor.staff_key).values("matter_id")
        tasks = Task.unscoped.filter(Q(unit_id__in=sorted(actor.unit_ids)) | Q(assignee_id=actor.staff_key)).values(
            "matter_id"
        )
        return (
            staff_scope(actor, actor.matter_scope, prefix) | among(f"{prefix}pk", helped) | among(f"{prefix}pk", tasks)
        )

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            GinIndex(fields=["search"], name="matter_search"),
            # boards count by these two without looking at the wide rows: whose it is goes along
            models.Index(fields=["-opened_at", "-id"], include=["owner", "unit", "kind"], name="matter_newest"),
            models.Index(fields=["open", "-opened_at", "-id"], name="matter_open"),
            models.Index(
                fields=["closed_at"],
                include=["id", "owner", "unit", "open"],
                condition=Q(closed_at__isnull=False),
                name="matter_closed",
            ),
            models.Index(fields=["owner", "open", "-opened_at", "-id"], name="matter_by_owner"),
            models.Index(fields=["unit", "open", "-opened_at", "-id"], name="matter_by_unit"),
            models.Index(fields=["kind", "open", "-opened_at", "-id"], name="matter_by_kind"),
            models.Index(fields=["kind", "state", "-opened_at", "-id"], name="matter_by_state"),
            models.Index(fields=["customer", "-opened_at"], name="matter_by_customer"),
            models.Index(fields=["conversation"], name="matter_by_conversation"),
        ]
        constraints = [models.UniqueConstraint(fields=["number"], name="matter_number_once")]

    def __str__(self) -> str:
        return self.number


class Collaborator(Scoped):
    scope_parent = "matter"
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="collaborators", db_index=False)
    staff = models.ForeignKey("identity.Staff", models.CASCADE, db_index=False)
    since = models.DateTimeField()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["matter", "staff"], name="collaborator_once")]
        indexes = [models.Index(fields=["staff", "matter"], name="collaborator_by_staff")]


class Task(Scoped):
    """Work asked of a department or a person, with its own promise and proof."""

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已完成")
        CANCELED = "canceled", _("已取消")

    scope_parent = "matter"
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="tasks", db_index=False)
    kind = models.CharField(max_length=20, default="general")
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, db_index=False)
    assignee = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="tasks", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    result = models.TextField(blank=True)
    proof = models.ForeignKey("conversations.Interaction", models.PROTECT, null=True)
    created_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["matter", "state"], name="task_by_matter"),
            models.Index(fields=["unit", "state", "-created_at"], name="task_by_unit"),
            models.Index(fields=["assignee", "state", "-created_at"], name="task_by_assignee"),
        ]


class TimelineEntry(Scoped):
    """One line of a matter's story. `public` lines are those the customer may read on the tracking page."""

    scope_parent = "matter"
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_name = models.CharField(max_length=80)
    staff = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, db_index=False)
    interaction = models.ForeignKey("conversations.Interaction", models.PROTECT, null=True, db_index=False)
    task = models.ForeignKey(Task, models.SET_NULL, null=True, db_index=False)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    public = models.BooleanField(default=False)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """Whoever sees the matter; a customer only its public lines."""
        seen = super().visible_q(actor, prefix)
        return seen & Q(**{prefix + "public": True}) if actor.kind == "customer" else seen

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["matter", "at", "id"], name="timeline_by_matter"),
            models.Index(
                fields=["interaction"], condition=Q(interaction__isnull=False), name="timeline_by_interaction"
            ),
        ]


class Draft(Scoped):
    """What somebody has typed into a form and not yet sent. Seen by nobody else."""

    staff = models.ForeignKey("identity.Staff", models.CASCADE, db_index=False)
    key = models.CharField(max_length=80)
    data = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return Q(**{prefix + "staff_id": actor.staff_key})

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["staff", "key"], name="draft_once")]


class SavedView(Scoped):
    """A list's filters under a name; `shared` ones are seen by everyone."""

    staff = models.ForeignKey("identity.Staff", models.CASCADE, db_index=False)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return Q(**{prefix + "staff_id": actor.staff_key}) | Q(**{prefix + "shared": True})

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["staff", "page", "name"], name="saved_view_once")]
