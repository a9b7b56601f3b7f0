"""A questionnaire and its editions. An edition somebody was asked with is never changed."""

from django.db import models
from django.db.models import Q

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at
from yinuo.surveys.rules.asking import ANONYMITY, OPENS, LowRule
from yinuo.surveys.rules.questions import KINDS, Question, questions


class OfTheHouse(Scoped):
    """Not about a customer: colleagues may read it, nobody outside."""

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return nobody_at(prefix) if actor.kind == "customer" else Q()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"


class Questionnaire(OfTheHouse):
    """What stays the same over its editions: its name, its kind, and what a low score leads to."""

    kind = models.CharField(max_length=8, choices=list(KINDS.items()))
    name = models.CharField(max_length=80)
    shipped = models.CharField(max_length=20, blank=True)
    anonymity = models.CharField(max_length=6, choices=list(ANONYMITY.items()), default="named")
    low_at_most = models.FloatField(null=True)
    low_with_comment = models.FloatField(null=True)
    opens = models.CharField(max_length=10, choices=list(OPENS.items()), default="suggestion")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    @property
    def low_rule(self) -> LowRule:
        return LowRule(self.low_at_most, self.low_with_comment)

    class Meta(OfTheHouse.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["shipped"], condition=~Q(shipped=""), name="questionnaire_shipped_once")
        ]

    def __str__(self) -> str:
        return self.name


class Edition(OfTheHouse):
    """One wording of a questionnaire. `sent` once somebody was asked with it: from then on it stays as it is."""

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="editions", db_index=False)
    number = models.SmallIntegerField()
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True)
    thanks = models.CharField(max_length=500, blank=True)
    content = models.JSONField(default=list)
    sent = models.BooleanField(default=False)
    created_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    @property
    def questions(self) -> tuple[Question, ...]:
        return questions(self.content)

    class Meta(OfTheHouse.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["questionnaire", "number"], name="survey_edition_once")]
