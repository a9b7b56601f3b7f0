"""Callback, review, external escalation, leader reception: other people looking at the case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.models.complaint import CaseRow
from yinuo.complaints.rules import choices

FIVE = [(int(value), label) for value, label in choices.Satisfaction.choices]


class Callback(CaseRow):
    """One attempt to hear how it went. `by` empty: the customer rated by link."""

    shown_to_customer = True
    cycle = models.SmallIntegerField(default=0)
    via = models.CharField(max_length=8, choices=choices.Channel)
    reached = models.BooleanField()
    satisfaction = models.SmallIntegerField(choices=FIVE, null=True)
    outcome = models.SmallIntegerField(_("结果公平"), null=True)
    process = models.SmallIntegerField(_("过程公平"), null=True)
    treatment = models.SmallIntegerField(_("态度公平"), null=True)
    comment = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(reached=False, satisfaction__isnull=True)
                | Q(reached=True, satisfaction__range=(1, 5))
                & (Q(outcome__isnull=True) | Q(outcome__range=(1, 5)))
                & (Q(process__isnull=True) | Q(process__range=(1, 5)))
                & (Q(treatment__isnull=True) | Q(treatment__range=(1, 5))),
                name="callback_scores_1_5",
            )
        ]


class Review(CaseRow):
    """Somebody else looks again (复核), asked for by the customer or by one of us."""

    shown_to_customer = True
    asked_by = models.CharField(max_length=80)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=choices.ReviewState, default=choices.ReviewState.PENDING)
    reviewer = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta(CaseRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(state="pending"), name="review_one_pending")
        ]


class ExternalEscalation(CaseRow):
    """An outside body has the case: which, under what reference, and what it decided."""

    body = models.CharField(_("受理机构"), max_length=120)
    reference = models.CharField(_("受理编号"), max_length=80, blank=True)
    reason = models.TextField(blank=True)
    answer_by = models.DateField(_("要求答复日期"), null=True)
    result = models.TextField(blank=True)
    result_at = models.DateTimeField(null=True)

    class Meta(CaseRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(result_at=None), name="external_one_running")
        ]


class LeaderReception(CaseRow):
    """The customer asks for a leader; the reception office books one; the result is written down."""

    shown_to_customer = True
    state = models.CharField(max_length=9, choices=choices.ReceptionState, default=choices.ReceptionState.REQUESTED)
    topic = models.TextField(blank=True)
    leader = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="receptions", db_index=False)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=120, blank=True)
    result = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        indexes = [models.Index(fields=["leader", "starts_at"], name="reception_calendar")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="booked")
                | Q(leader__isnull=False, starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
                name="reception_booked_has_time",
            )
        ]
