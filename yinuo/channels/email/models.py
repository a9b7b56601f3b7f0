"""Mailboxes, the raw messages that came through them, and the messages on their way out."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from yinuo.conversations.models import Conversation, Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.models import Blob
from yinuo.kernel.scope import Scoped, everyone, nobody_at


class Mailbox(Scoped):
    """One address customers write to, and the servers behind it. Passwords are stored sealed."""

    class Security(models.TextChoices):
        TLS = "tls", _("TLS 加密")
        STARTTLS = "starttls", _("STARTTLS 升级加密")
        NONE = "none", _("不加密（仅限本机或内网）")

    name = models.CharField(max_length=80)
    address = models.CharField(max_length=254, unique=True)
    active = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    # The demo company's: while it has no server to send by, its mail is shown in the conversation and goes nowhere.
    rehearsal = models.BooleanField(default=False, db_default=False)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True)

    imap_host = models.CharField(max_length=200, blank=True)
    imap_port = models.IntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    imap_user = models.CharField(max_length=254, blank=True)
    imap_password = models.TextField(blank=True)
    imap_folder = models.CharField(max_length=200, default="INBOX")
    take_existing = models.BooleanField(default=False)

    smtp_host = models.CharField(max_length=200, blank=True)
    smtp_port = models.IntegerField(default=465)
    smtp_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    smtp_user = models.CharField(max_length=254, blank=True)
    smtp_password = models.TextField(blank=True)
    verify_certificate = models.BooleanField(default=True)
    # The name our own receiving server signs Authentication-Results with; empty: senders are not checked.
    authserv_id = models.CharField(max_length=200, blank=True, db_default="", default="")

    signature = models.TextField(blank=True)
    plus_addressing = models.BooleanField(default=False)
    receipt_enabled = models.BooleanField(default=True)
    receipt_text = models.TextField(blank=True)
    receipt_every_hours = models.IntegerField(default=24)

    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    # What the server took in later than this, by its own clock, is ours to read; null: everything it holds.
    reads_after = models.DateTimeField(null=True)
    # Up to this number the folder was numbered anew, so that its numbers do not tell old mail from new.
    renumbered_to = models.BigIntegerField(default=0, db_default=0)
    synced_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_since = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return everyone() if actor.may("mailbox.manage") else nobody_at(prefix)

    @property
    def rehearses(self) -> bool:
        return self.rehearsal and not self.smtp_host

    def __str__(self) -> str:
        return self.address

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="mailbox_one_default"),
        ]


class RawMessage(Scoped):
    """The exact bytes of a message, stored before anybody tries to understand them."""

    class State(models.TextChoices):
        STORED = "stored", _("待解析")
        UNDERSTOOD = "understood", _("已入库")
        FAILED = "failed", _("未能解析")
        IGNORED = "ignored", _("无需处理")

    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="messages", db_index=False)
    external_id = models.CharField(max_length=120)
    blob = models.ForeignKey(Blob, models.PROTECT)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    attempts = models.IntegerField(default=0)
    stored_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    silent = models.BooleanField(default=False)

    message_id = models.CharField(max_length=300, blank=True)
    content_key = models.CharField(max_length=64, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    nature = models.CharField(max_length=16, blank=True)
    #: What the sender quoted of earlier mails; the words of the interaction are the new ones alone.
    quoted = models.TextField(blank=True, default="", db_default="")
    problems = ArrayField(models.CharField(max_length=40), default=list)
    interaction = models.ForeignKey(Interaction, models.PROTECT, null=True, related_name="raw_messages", db_index=False)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.may("mailbox.manage"):
            return everyone()
        return Interaction.visible_q(actor, f"{prefix}interaction__")

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "external_id"], name="raw_message_once"),
            models.UniqueConstraint(fields=["mailbox", "blob"], name="raw_message_once_by_content"),
        ]
        indexes = [
            models.Index(fields=["stored_at", "id"], condition=Q(state="stored"), name="raw_message_waiting"),
            models.Index(fields=["-stored_at", "-id"], condition=Q(state="failed"), name="raw_message_failed"),
            models.Index(fields=["mailbox", "-stored_at", "-id"], name="raw_message_by_mailbox"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="raw_message_by_id"),
            models.Index(fields=["content_key"], condition=~Q(content_key=""), name="raw_message_by_key"),
            models.Index(fields=["interaction"], name="raw_message_by_interaction"),
        ]


class OutboundMessage(Scoped):
    """A message on its way out: one row per interaction, one Message-ID over all attempts."""

    scope_parent = "interaction"

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("发送失败")
        BOUNCED = "bounced", _("被退回")
        SUPPRESSED = "suppressed", _("未发送")

    interaction = models.OneToOneField(Interaction, models.PROTECT, related_name="outbound_message")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="outbound")
    message_id = models.CharField(max_length=300, unique=True)
    to_address = models.CharField(max_length=254)
    automatic = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state__in=["queued", "sending"]), name="outbound_due"
            ),
            models.Index(fields=["to_address", "-queued_at"], name="outbound_by_address"),
        ]


class Participant(Scoped):
    """An address a person has accepted as belonging to a conversation besides the customer's own."""

    scope_parent = "conversation"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="mail_participants", db_index=False)
    address = models.CharField(max_length=254)
    accepted_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["conversation", "address"], name="mail_participant_once")]
