"""What was said, on whichever channel: threads, single interactions and the files that came with them."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at, staff_scope


class Channel(models.TextChoices):
    PORTAL = "portal", _("自助门户")
    EMAIL = "email", _("电子邮件")
    PHONE = "phone", _("电话")
    VISIT = "visit", _("来访")
    LETTER = "letter", _("信函")
    API = "api", _("接口")
    NOTE = "note", _("内部记录")
    SMS = "sms", _("短信")


#: Channels on which a queued reply reaches the customer by itself; on any other a person has to say it.
TELLS_ITSELF = frozenset({Channel.EMAIL, Channel.PORTAL})


class Conversation(Scoped):
    """A thread of interactions with one customer on one channel."""

    class State(models.TextChoices):
        OPEN = "open", _("待处理")
        CLOSED = "closed", _("已处理")

    channel = models.CharField(max_length=8, choices=Channel)
    account = models.CharField(max_length=80, blank=True)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="conversations", db_index=False)
    identity = models.ForeignKey("customers.ChannelIdentity", models.SET_NULL, null=True, db_index=False)
    subject = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="conversations")
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    thread_key = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        return staff_scope(actor, actor.matter_scope, prefix)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["state", "-last_at", "-id"], name="conversation_inbox"),
            models.Index(fields=["-last_at", "-id"], name="conversation_newest"),
            models.Index(fields=["customer", "-last_at"], name="conversation_by_customer"),
            models.Index(fields=["identity"], condition=Q(identity__isnull=False), name="conversation_by_identity"),
            models.Index(fields=["thread_key"], condition=~Q(thread_key=""), name="conversation_by_thread"),
        ]


class Interaction(Scoped):
    """One contact: a message, a call, a visit, a letter, or an internal note. Never edited."""

    scope_parent = "conversation"

    class Direction(models.TextChoices):
        IN = "in", _("客户来")
        OUT = "out", _("我方去")
        INTERNAL = "internal", _("内部")

    class Kind(models.TextChoices):
        INFORMATION = "information", _("信息")
        CONSULTING = "consulting", _("咨询")
        CARE = "care", _("关怀")
        COMPLAINT = "complaint", _("投诉")
        RECOVERY = "recovery", _("投诉补救")
        OBJECTION = "objection", _("异议")
        ORDER = "order", _("订购")
        SUGGESTION = "suggestion", _("建议")
        PRAISE = "praise", _("表扬")

    class Delivery(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发出")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("发送失败")
        BOUNCED = "bounced", _("被退回")
        UNREACHED = "unreached", _("未送达")
        SUPPRESSED = "suppressed", _("未发送")

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="interactions", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    direction = models.CharField(max_length=8, choices=Direction)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    at = models.DateTimeField()
    author = models.ForeignKey("identity.Staff", models.SET_NULL, null=True)
    author_name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    external_id = models.CharField(max_length=300, blank=True)
    to_address = models.CharField(max_length=254, blank=True)
    delivery = models.CharField(max_length=10, choices=Delivery, blank=True)
    delivery_note = models.CharField(max_length=300, blank=True)
    unverified_sender = models.BooleanField(default=False)
    #: The channel could check who sent this, and it did not hold: it speaks for nobody we know.
    unauthenticated = models.BooleanField(default=False, db_default=False)
    search = SearchVectorField(default="")

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["conversation", "at", "id"], name="interaction_thread"),
            models.Index(fields=["customer", "-at"], name="interaction_by_customer"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="interaction_by_external"),
            models.Index(
                fields=["delivery", "at"],
                condition=Q(delivery__in=["queued", "sending", "failed", "bounced"]),
                name="interaction_undelivered",
            ),
            GinIndex(fields=["search"], name="interaction_search"),
        ]


class Attachment(Scoped):
    """A file that came with an interaction. Uploaded first under an `upload_key`, claimed when the form is sent."""

    interaction = models.ForeignKey(Interaction, models.PROTECT, null=True, related_name="attachments", db_index=False)
    blob = models.ForeignKey("kernel.Blob", models.PROTECT)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    is_image = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True)
    upload_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        # said to a customer and seen with it; "all" is an empty filter, which must not vanish beside an "or"
        said = Q(**{f"{prefix}interaction__isnull": False})
        through = said & Interaction.visible_q(actor, f"{prefix}interaction__")
        if actor.staff_id:
            through |= Q(**{f"{prefix}interaction": None, f"{prefix}uploaded_by_id": actor.staff_id})
        return through

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["upload_key"], condition=Q(interaction=None), name="attachment_unclaimed"),
            models.Index(fields=["interaction"], name="attachment_by_interaction"),
        ]


class HeldMessage(Scoped):
    """Words to a customer that go out later: after the seconds in which one may think better of it, at a chosen time,
    or once a supervisor has agreed. `values` are the arguments of `command`, which is run as the author when it is due.
    """

    class Kind(models.TextChoices):
        UNDO = "undo", _("刚按下发送")
        LATER = "later", _("稍后发送")
        ASKED = "asked", _("请主管同意")

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        ASKED = "asked", _("等主管同意")
        SENT = "sent", _("已发出")
        RECALLED = "recalled", _("已撤回")
        RETURNED = "returned", _("没有发出")

    author = models.ForeignKey("identity.Staff", models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey("identity.Unit", models.SET_NULL, null=True, db_index=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="held", db_index=False)
    #: The matter whose page shows it; matters lie above this layer.
    matter_number = models.BigIntegerField(null=True)
    command = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    text = models.TextField()
    kind = models.CharField(max_length=5, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    pressed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    page = models.CharField(max_length=200, blank=True)
    draft_key = models.CharField(max_length=80, blank=True)
    upload_key = models.CharField(max_length=64, blank=True)
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        return staff_scope(actor, actor.matter_scope, prefix, owner="author_id")

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="held_due"),
            models.Index(fields=["author", "-id"], name="held_by_author"),
            models.Index(fields=["matter_number"], condition=Q(state__in=["waiting", "asked"]), name="held_by_matter"),
            models.Index(fields=["conversation"], condition=Q(state__in=["waiting", "asked"]), name="held_by_thread"),
        ]
