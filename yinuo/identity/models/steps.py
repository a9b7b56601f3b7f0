"""What somebody shows besides a password: a code of an app on their phone, a passkey, a recovery code."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yinuo.identity.models.people import Staff


class CodeApp(models.Model):
    """The app that shows a new code every 30 seconds. The secret is sealed; a code is good once: `last_step`."""

    staff = models.OneToOneField(Staff, models.CASCADE, related_name="code_app")
    secret = models.CharField(max_length=300)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()


class Passkey(models.Model):
    """A key on a device, and the public half of it. `handle` is what the device knows its owner by."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential = models.TextField(unique=True)
    handle = models.CharField(max_length=100)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    transports = ArrayField(models.CharField(max_length=20), default=list)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """One of ten, good once, for when the phone is gone. Only its hash is kept."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="recovery_codes", db_index=False)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "hash"], name="recovery_code_once")]
