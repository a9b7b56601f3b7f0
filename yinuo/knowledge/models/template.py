"""Ready words with gaps for what differs from one customer to the next."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.conversations.models import Channel
from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at

_GIVEN = (Channel.EMAIL, Channel.PORTAL, Channel.PHONE, Channel.VISIT, Channel.LETTER, Channel.SMS)


class ReplyTemplate(Scoped):
    """One's own, or everybody's. `stage` is the code of a complaint's stage it is meant for, as the trade names it."""

    CHANNELS = [("", _("不限")), *((channel.value, channel.label) for channel in _GIVEN)]

    name = models.CharField(max_length=60)
    text = models.TextField()
    stage = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=8, choices=CHANNELS, blank=True)
    shared = models.BooleanField(default=False)
    owner = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    used = models.IntegerField(default=0)
    search = SearchVectorField(default="")
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer" or not actor.may("knowledge.read"):
            return nobody_at(prefix)
        if actor.kind == "system":
            return Q()
        return Q(**{f"{prefix}shared": True}) | Q(**{f"{prefix}owner_id": actor.staff_key})

    def __str__(self) -> str:
        return self.name

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="template_newest"),
            models.Index(fields=["owner", "-changed_at"], name="template_by_owner"),
        ]
