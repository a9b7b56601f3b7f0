"""Rows the kernel keeps: the audit and its seals, notices for open pages, once-keys, stored files."""

from django.db import models
from django.db.models.functions import Now

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at


class AuditEntry(Scoped):
    """One thing somebody did. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    command = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60, blank=True)
    matter_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> models.Q:
        return models.Q() if actor.may("audit.read") else nobody_at(prefix)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"]),
            models.Index(
                fields=["matter_id", "-id"],
                condition=models.Q(matter_id__isnull=False),
                name="audit_by_matter",
            ),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["command", "-id"], name="audit_by_command"),
            # how many masked fields somebody looked at in the last hour is asked at every look
            models.Index(
                fields=["actor_id", "at"], condition=models.Q(command="customer.reveal"), name="audit_reveals"
            ),
        ]


class AuditSeal(models.Model):
    """The hash chain over audit entries, in order of sealing: `hash` = SHA-256(previous hash + entry). Append-only."""

    id = models.BigAutoField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())


class Notice(models.Model):
    """What open pages may want to hear of one transaction: [name, topic] pairs, kept a day for replay. No content."""

    id = models.BigAutoField(primary_key=True)
    events = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    at = models.DateTimeField()
    xact = models.BigIntegerField(db_default=models.Func(function="yinuo_xact", output_field=models.BigIntegerField()))

    class Meta:
        indexes = [
            models.Index(fields=["xact", "id"], name="notice_replay"),
            models.Index(fields=["at"], name="notice_age"),
        ]


class Once(models.Model):
    """A used once-key and what its command returned."""

    id = models.BigAutoField(primary_key=True)
    command = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    result = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["command", "key"], name="once_key")]
        indexes = [models.Index(fields=["at"], name="once_age")]


class Blob(models.Model):
    """A stored file, named by the SHA-256 of its bytes. Never changed, never trusted."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField(db_default=Now())


class Throttle(models.Model):
    """How often something was tried in the current window, by key (for log-ins, portal submissions, codes)."""

    key = models.CharField(max_length=160, primary_key=True)
    window_start = models.DateTimeField()
    count = models.IntegerField(default=0)
