"""Service standards as versioned data."""

from functools import cached_property

from django.db import models
from django.db.models import Q

from yinuo.promises.rules.reading import read_standard
from yinuo.promises.rules.standard import StandardSpec


class Standard(models.Model):
    """One version of a service standard. Rows never change except for `in_force`; promises name their version.

    Everybody may know our standards, so it is not scoped.
    """

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    in_force = models.BooleanField(default=True)
    pack = models.CharField(max_length=30, blank=True)
    trigger = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    data = models.JSONField()
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="standard_version"),
            models.UniqueConstraint(fields=["key"], condition=Q(in_force=True), name="standard_in_force"),
        ]
        indexes = [models.Index(fields=["trigger"], condition=Q(in_force=True), name="standard_by_trigger")]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def spec(self) -> StandardSpec:
        return read_standard(self.data)
