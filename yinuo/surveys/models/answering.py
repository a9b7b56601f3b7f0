"""What was answered. An anonymous answer has a number drawn by lot and a month: it joins no invitation."""

import secrets

from django.db import models
from django.db.models import Q

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at, staff_scope
from yinuo.matters.models import Matter
from yinuo.surveys.models.asking import Invitation


def by_lot() -> int:
    """A number that tells nothing of the order in which answers came; small enough for JavaScript."""
    return secrets.randbits(52) + 1


class SurveyAnswer(Scoped):
    """One answer. The first one given by a link stays."""

    id = models.BigIntegerField(primary_key=True, default=by_lot)
    edition = models.ForeignKey("surveys.Edition", models.PROTECT, related_name="answers")
    questionnaire = models.ForeignKey("surveys.Questionnaire", models.PROTECT, related_name="+", db_index=False)
    invitation = models.OneToOneField(Invitation, models.PROTECT, null=True, related_name="answer")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+", db_index=False)
    matter = models.ForeignKey("matters.Matter", models.PROTECT, null=True, related_name="+", db_index=False)
    matter_kind = models.CharField(max_length=14, blank=True, choices=Matter.Kind)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    anonymous = models.BooleanField(default=False)
    on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=6, choices=Invitation.Way)
    values = models.JSONField(default=dict)
    score = models.FloatField(null=True)
    comment = models.TextField(blank=True)
    low = models.BooleanField(default=False)
    wants_call = models.BooleanField(default=False)
    followup = models.ForeignKey("matters.Matter", models.SET_NULL, null=True, related_name="+", db_index=False)
    entered_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        return staff_scope(actor, actor.matter_scope, prefix)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["questionnaire", "-on", "-id"], name="survey_answer_by_questionnaire"),
            models.Index(fields=["-on", "-id"], name="survey_answer_newest"),
            models.Index(fields=["matter"], name="survey_answer_by_matter"),
            models.Index(fields=["customer", "-on"], name="survey_answer_by_customer"),
            models.Index(fields=["followup"], condition=Q(followup__isnull=False), name="survey_answer_by_followup"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymous=False)
                | Q(invitation=None, customer=None, matter=None, owner=None, answered_at=None, followup=None),
                name="survey_anonymous_is_nobodys",
            )
        ]


class SurveyMark(Scoped):
    """One countable thing of an answer (`rules.scoring.Mark`)."""

    scope_parent = "answer"
    answer = models.ForeignKey(SurveyAnswer, models.CASCADE, related_name="marks", db_index=False)
    key = models.CharField(max_length=40)
    number = models.FloatField(null=True)
    option = models.CharField(max_length=80, blank=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["answer", "key"], name="survey_mark_by_answer")]


class LowNotice(Scoped):
    """Whom we told that somebody was not satisfied who did not say who they are. Day only, no words, no score."""

    questionnaire = models.ForeignKey("surveys.Questionnaire", models.CASCADE, related_name="+")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    told = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    on = models.DateField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return nobody_at(prefix) if actor.kind == "customer" else Q(**{prefix + "told_id": actor.staff_key})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["told", "-on"], name="low_notice_by_person")]
