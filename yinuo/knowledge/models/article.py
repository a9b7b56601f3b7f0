"""An article as readers see it, and its editions: the one being written, the one in force, those before it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import Scoped, nobody_at


class Content(models.Model):
    """What somebody writes and somebody else lets pass."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("文章")
        PROCEDURE = "procedure", _("流程")
        PRODUCT = "product", _("产品知识")
        CASE = "case", _("案例")

    class Visibility(models.TextChoices):
        INTERNAL = "internal", _("仅内部使用")
        QUOTABLE = "quotable", _("可以引用给客户")

    #: What is compared, copied from edition to article, and shown to whose save came too late.
    FIELDS = ("title", "body", "kind", "category", "keywords", "matters", "visibility", "unit_id")

    title = models.CharField(max_length=120)
    body = models.TextField()
    kind = models.CharField(max_length=9, choices=Kind)
    category = models.CharField(max_length=40, blank=True)
    keywords = ArrayField(models.CharField(max_length=40), default=list)
    matters = ArrayField(models.CharField(max_length=14), default=list)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.INTERNAL)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.FIELDS}


class Article(Content, Scoped):
    """What readers see: the edition in force, or, while there has been none, the one being written.

    `unit`: only that unit and those below it read it; none: everybody.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        REVIEW = "review", _("待审")
        PUBLISHED = "published", _("已发布")
        EXPIRED = "expired", _("过期")
        RETIRED = "retired", _("停用")

    SHOWN = (State.PUBLISHED, State.EXPIRED)

    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    owner = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    review_by = models.DateField(null=True)
    warned = models.BooleanField(default=False)
    edition = models.IntegerField(default=0)
    used = models.IntegerField(default=0)
    helpful = models.IntegerField(default=0)
    unhelpful = models.IntegerField(default=0)
    retired_reason = models.CharField(max_length=300, blank=True)
    search = SearchVectorField(default="")
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """Who lets articles pass sees all; a reader what is published to their unit; the owner theirs, always."""
        if actor.kind == "customer" or not actor.may("knowledge.read"):
            return nobody_at(prefix)
        if actor.may("knowledge.publish"):
            return Q()
        shown = Q(**{f"{prefix}state__in": list(cls.SHOWN)})
        if actor.matter_scope is not Scope.ALL:
            me = Unit.objects.filter(pk=actor.unit_id or 0, path__startswith=OuterRef("path"))
            above = Unit.objects.filter(Exists(me)).values("pk")
            below = Q(**{f"{prefix}unit_id__in": sorted(actor.unit_ids)})
            shown &= Q(**{f"{prefix}unit_id__isnull": True}) | below | Q(**{f"{prefix}unit_id__in": above})
        return shown | Q(**{f"{prefix}owner_id": actor.staff_key})

    @property
    def stale(self) -> bool:
        """Nobody has looked at it again by the day they should have."""
        return self.state == self.State.EXPIRED

    @property
    def quotable(self) -> bool:
        return self.visibility == self.Visibility.QUOTABLE

    def __str__(self) -> str:
        return self.title

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            GinIndex(fields=["search"], name="article_search"),
            models.Index(fields=["-changed_at", "-id"], name="article_newest"),
            models.Index(fields=["state", "-changed_at", "-id"], name="article_by_state"),
            models.Index(fields=["state", "review_by", "id"], name="article_due"),
            models.Index(fields=["-used", "-id"], name="article_used"),
            models.Index(fields=["owner", "-changed_at"], name="article_by_owner"),
        ]


class Edition(Content, Scoped):
    """One version. At most one of an article is open: being written, or waiting to be let pass."""

    class State(models.TextChoices):
        WRITING = "writing", _("撰写中")
        REVIEW = "review", _("待审")
        PUBLISHED = "published", _("现行")
        REPLACED = "replaced", _("已被替换")

    OPEN = (State.WRITING, State.REVIEW)

    scope_parent = "article"
    article = models.ForeignKey(Article, models.CASCADE, related_name="editions", db_index=False)
    number = models.IntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WRITING)
    note = models.CharField(max_length=300, blank=True)
    writers = ArrayField(models.BigIntegerField(), default=list)
    written_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=500, blank=True)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """As the article; what is not in force yet is for those who write and those who let pass."""
        through = Article.visible_q(actor, f"{prefix}article__")
        if actor.may("knowledge.publish") or actor.may("knowledge.write"):
            return through
        return through & ~Q(**{f"{prefix}state__in": list(cls.OPEN)})

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="edition_once"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state__in=["writing", "review"]), name="edition_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["-written_at", "-id"], condition=Q(state="review"), name="edition_to_review"),
        ]
