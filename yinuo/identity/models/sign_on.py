"""Signing in at the company's identity provider (OpenID Connect)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yinuo.identity.models.people import Staff, Unit


class SignOn(models.Model):
    """One row: the provider, and what becomes of who comes from there. The secret is sealed."""

    class Match(models.TextChoices):
        EMAIL = "email", _("第一次按邮箱认人，以后按编号")
        SUBJECT = "subject", _("只认管理员连好的编号")

    active = models.BooleanField(default=False)
    name = models.CharField(max_length=40)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    secret = models.CharField(max_length=600, blank=True)
    match = models.CharField(max_length=8, choices=Match, default=Match.EMAIL)
    #: Unknown people get an account without any role, in this unit.
    creates = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    #: Our own second step is asked as well.
    asks_step = models.BooleanField(default=False)
    #: No other way in, but for the one administrator who keeps a password for the day the provider is down.
    only = models.BooleanField(default=False)
    keeper = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(only=False) | models.Q(keeper__isnull=False), name="sign_on_has_a_keeper"
            )
        ]


class SignOnLink(models.Model):
    """Who somebody is at the provider: the subject, which never changes and is never given to another."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="sign_on_links")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="sign_on_subject_once")]
