"""What is not said to a customer and what is said instead, as data a person edits."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at


class WordingRule(Scoped):
    """One rule. `code` names one that came with the product; the company's own have none. `phrases` and `instead` hold
    one on each line; `kinds` (of interaction) and `channels` empty: everywhere.
    """

    class Category(models.TextChoices):
        NEVER = "never", _("七句禁语")
        BLAME = "blame", _("指责客户")
        REFUSAL = "refusal", _("生硬拒绝")
        OVER_PROMISE = "over_promise", _("过度承诺")
        JARGON = "jargon", _("行话")
        HABIT = "habit", _("习惯用语")

    class Level(models.TextChoices):
        HINT = "hint", _("提示")
        WARN = "warn", _("不妥")
        BLOCK = "block", _("须主管同意")

    code = models.CharField(max_length=60, blank=True)
    phrases = models.TextField()
    category = models.CharField(max_length=12, choices=Category)
    why = models.CharField(max_length=300)
    instead = models.TextField(blank=True)
    level = models.CharField(max_length=5, choices=Level, default=Level.HINT)
    kinds = models.JSONField(default=list, blank=True)
    channels = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)

    @property
    def says(self) -> list[str]:
        return self.phrases.split("\n")

    @property
    def better(self) -> list[str]:
        return self.instead.split("\n") if self.instead else []

    @property
    def fields(self) -> dict[str, Any]:
        """What a person edits."""
        names = ("phrases", "category", "why", "instead", "level", "active")
        sets = {"kinds": sorted(self.kinds), "channels": sorted(self.channels)}
        return {name: getattr(self, name) for name in names} | sets

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return nobody_at(prefix) if actor.kind == "customer" else Q()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="wording_rule_once")]


class WordingEdition(Scoped):
    """One row: a number no earlier state of the rules had. Whoever changes them holds it; none is overlooked."""

    no = models.BigIntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return nobody_at(prefix) if actor.kind == "customer" else Q()

    class Meta:
        base_manager_name = "unscoped"


class WordingPass(Scoped):
    """Somebody with the right to do so agreed that these very words may be said by this person, and why."""

    staff = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    granted_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    granted_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return Q(**{prefix + "staff_id": actor.staff_key}) | Q(**{prefix + "granted_by_id": actor.staff_key})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["staff", "digest"], name="wording_pass_by_words")]
