"""Whom we ask: plans, and the invitations they or people make."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at, staff_scope
from yinuo.matters.models import Matter
from yinuo.surveys.models.questionnaire import OfTheHouse
from yinuo.surveys.rules.asking import REST_DAYS, TRIGGERS, VALID_DAYS


class SurveySetting(OfTheHouse):
    """One row: nobody is asked anything twice within `rest_days`; a link is good for `valid_days`."""

    rest_days = models.SmallIntegerField(default=REST_DAYS)
    valid_days = models.SmallIntegerField(default=VALID_DAYS)
    version = models.IntegerField(default=1)

    class Meta(OfTheHouse.Meta):
        abstract = False


class SurveyPlan(OfTheHouse):
    """Ask by itself: after something happened, or every so many months. Empty filters take everybody."""

    name = models.CharField(max_length=80)
    questionnaire = models.ForeignKey("surveys.Questionnaire", models.PROTECT, related_name="plans")
    trigger = models.CharField(max_length=40, choices=list(TRIGGERS.items()))
    delay_days = models.SmallIntegerField(default=0)
    sample = models.SmallIntegerField(default=100)
    grade = models.CharField(max_length=1, blank=True)
    status = models.CharField(max_length=12, blank=True)
    customer_kind = models.CharField(max_length=12, blank=True)
    #: The conditions of a saved customer list as they were when it was chosen, and what it was called.
    segment = models.TextField(blank=True, default="")
    segment_name = models.CharField(max_length=60, blank=True, default="")
    every_months = models.SmallIntegerField(null=True)
    next_on = models.DateField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    class Meta(OfTheHouse.Meta):
        abstract = False


class Invitation(Scoped):
    """One customer asked once. Of an anonymous answer it says only that it was given, not when nor which it is."""

    class State(models.TextChoices):
        PLANNED = "planned", _("待发出")
        SENT = "sent", _("已发出")
        TO_CALL = "to_call", _("待电话询问")
        ANSWERED = "answered", _("已答")
        EXPIRED = "expired", _("过期未答")
        CANCELED = "canceled", _("已取消")

    class Way(models.TextChoices):
        EMAIL = "email", _("邮件")
        SMS = "sms", _("短信")
        PORTAL = "portal", _("进展页面")
        PHONE = "phone", _("电话")

    edition = models.ForeignKey("surveys.Edition", models.PROTECT, related_name="invitations", db_index=False)
    questionnaire = models.ForeignKey("surveys.Questionnaire", models.PROTECT, related_name="+", db_index=False)
    plan = models.ForeignKey(SurveyPlan, models.SET_NULL, null=True, related_name="invitations")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey("matters.Matter", models.PROTECT, null=True, related_name="+", db_index=False)
    matter_kind = models.CharField(max_length=14, blank=True, choices=Matter.Kind)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    way = models.CharField(max_length=6, choices=Way, blank=True)
    wanted_way = models.CharField(max_length=6, choices=Way, blank=True)
    asked_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        return staff_scope(actor, actor.matter_scope, prefix)

    @property
    def open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.SENT, self.State.TO_CALL)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["state", "-due_at", "-id"], name="invitation_by_state"),
            models.Index(fields=["-due_at", "-id"], name="invitation_newest"),
            models.Index(fields=["customer", "-due_at"], name="invitation_by_customer"),
            models.Index(fields=["questionnaire", "sent_at"], name="invitation_by_questionnaire"),
            models.Index(fields=["matter", "state"], name="invitation_by_matter"),
            models.Index(fields=["edition"], name="invitation_by_edition"),
        ]
        constraints = [
            # after one thing is asked about one matter once
            models.UniqueConstraint(
                fields=["plan", "matter"], condition=Q(matter__isnull=False, plan__isnull=False),
                name="invitation_once_by_plan",
            )
        ]  # fmt: skip
