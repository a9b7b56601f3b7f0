"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("email", "0001_initial"),
        ("email", "0002_sender_checked"),
        ("email", "0003_quoted"),
        ("email", "0004_rehearsal"),
        ("email", "0005_one_index_each"),
        ("email", "0006_reading_position"),
    ]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
        ("identity", "0002_absences"),
        ("identity", "__first__"),
        ("kernel", "0004_audit_reveals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("address", models.CharField(max_length=254, unique=True)),
                ("active", models.BooleanField(default=True)),
                ("is_default", models.BooleanField(default=False)),
                ("rehearsal", models.BooleanField(db_default=False, default=False)),
                ("imap_host", models.CharField(blank=True, max_length=200)),
                ("imap_port", models.IntegerField(default=993)),
                (
                    "imap_security",
                    models.CharField(
                        choices=[
                            ("tls", "TLS 加密"),
                            ("starttls", "STARTTLS 升级加密"),
                            ("none", "不加密（仅限本机或内网）"),
                        ],
                        default="tls",
                        max_length=8,
                    ),
                ),
                ("imap_user", models.CharField(blank=True, max_length=254)),
                ("imap_password", models.TextField(blank=True)),
                ("imap_folder", models.CharField(default="INBOX", max_length=200)),
                ("take_existing", models.BooleanField(default=False)),
                ("smtp_host", models.CharField(blank=True, max_length=200)),
                ("smtp_port", models.IntegerField(default=465)),
                (
                    "smtp_security",
                    models.CharField(
                        choices=[
                            ("tls", "TLS 加密"),
                            ("starttls", "STARTTLS 升级加密"),
                            ("none", "不加密（仅限本机或内网）"),
                        ],
                        default="tls",
                        max_length=8,
                    ),
                ),
                ("smtp_user", models.CharField(blank=True, max_length=254)),
                ("smtp_password", models.TextField(blank=True)),
                ("verify_certificate", models.BooleanField(default=True)),
                ("authserv_id", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("signature", models.TextField(blank=True)),
                ("plus_addressing", models.BooleanField(default=False)),
                ("receipt_enabled", models.BooleanField(default=True)),
                ("receipt_text", models.TextField(blank=True)),
                ("receipt_every_hours", models.IntegerField(default=24)),
                ("uidvalidity", models.BigIntegerField(default=0)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("reads_after", models.DateTimeField(null=True)),
                ("renumbered_to", models.BigIntegerField(db_default=0, default=0)),
                ("synced_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                ("trouble_since", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("unit", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit")),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("is_default",), name="mailbox_one_default"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="OutboundMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=300, unique=True)),
                ("to_address", models.CharField(max_length=254)),
                ("automatic", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "待发送"),
                            ("sending", "发送中"),
                            ("sent", "已发出"),
                            ("failed", "发送失败"),
                            ("bounced", "被退回"),
                            ("suppressed", "未发送"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                (
                    "interaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outbound_message",
                        to="conversations.interaction",
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outbound",
                        to="email.mailbox",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "sending"])),
                        fields=["next_try_at", "id"],
                        name="outbound_due",
                    ),
                    models.Index(fields=["to_address", "-queued_at"], name="outbound_by_address"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_participants",
                        to="conversations.conversation",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "address"), name="mail_participant_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RawMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=120)),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "待解析"),
                            ("understood", "已入库"),
                            ("failed", "未能解析"),
                            ("ignored", "无需处理"),
                        ],
                        default="stored",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("attempts", models.IntegerField(default=0)),
                ("stored_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
                ("silent", models.BooleanField(default=False)),
                ("message_id", models.CharField(blank=True, max_length=300)),
                ("content_key", models.CharField(blank=True, max_length=64)),
                ("sender", models.CharField(blank=True, max_length=254)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("nature", models.CharField(blank=True, max_length=16)),
                ("quoted", models.TextField(blank=True, db_default="", default="")),
                (
                    "problems",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="kernel.blob")),
                (
                    "interaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="raw_messages",
                        to="conversations.interaction",
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="email.mailbox",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "stored")), fields=["stored_at", "id"], name="raw_message_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")), fields=["-stored_at", "-id"], name="raw_message_failed"
                    ),
                    models.Index(fields=["mailbox", "-stored_at", "-id"], name="raw_message_by_mailbox"),
                    models.Index(
                        condition=models.Q(("message_id", ""), _negated=True),
                        fields=["message_id"],
                        name="raw_message_by_id",
                    ),
                    models.Index(
                        condition=models.Q(("content_key", ""), _negated=True),
                        fields=["content_key"],
                        name="raw_message_by_key",
                    ),
                    models.Index(fields=["interaction"], name="raw_message_by_interaction"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("mailbox", "external_id"), name="raw_message_once"),
                    models.UniqueConstraint(fields=("mailbox", "blob"), name="raw_message_once_by_content"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
