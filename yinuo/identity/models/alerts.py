"""What its owner is told about an account, and from where the account is usually used."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from yinuo.identity.models.people import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at


class KnownPlace(models.Model):
    """A device or a network from which somebody has signed in before."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="places", db_index=False)
    kind = models.CharField(max_length=8)
    mark = models.CharField(max_length=60)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "kind", "mark"], name="known_place_once")]


class SecurityEvent(Scoped):
    """Something about how an account is got into. `told` are those who see it; `addresses` get it by mail too, and
    `mailed` have it.
    """

    class Kind(models.TextChoices):
        NEW_PLACE = "new_place", _("在新的设备或地方登录")
        GUESSED = "guessed", _("有人输对了密码，没有通过第二步")
        PASSWORD = "password", _("密码改了")
        PASSWORD_RESET = "reset", _("密码被重设")
        STEP_ADDED = "step_added", _("两步登录多了一种方式")
        STEP_REMOVED = "step_gone", _("两步登录少了一种方式")
        CODES = "codes", _("恢复码换了一批")
        STEP_RESET = "step_reset", _("两步登录被重设")
        EMAIL = "email", _("账号的邮箱改了")
        LINKED = "linked", _("公司账号连到了这里的账号")
        LOCKED = "locked", _("账号已锁定")
        UNLOCKED = "unlocked", _("账号已解锁")

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="security_events", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=60, blank=True)
    by_name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    told = ArrayField(models.BigIntegerField(), default=list)
    addresses = ArrayField(models.EmailField(), default=list)
    mailed = ArrayField(models.EmailField(), default=list)
    mail_problem = models.CharField(max_length=300, blank=True)
    disowned_at = models.DateTimeField(null=True)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> models.Q:
        """Those who were told: the owner, and of a lock who can undo it."""
        if actor.kind == "system":
            return models.Q()
        if actor.staff_id is None:
            return nobody_at(prefix)
        return models.Q(**{f"{prefix}told__contains": [actor.staff_key]})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            GinIndex(fields=["told"], name="security_event_told"),
            models.Index(fields=["staff", "-at"], name="security_event_by_staff"),
        ]
