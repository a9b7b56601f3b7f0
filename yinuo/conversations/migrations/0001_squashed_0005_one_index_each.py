"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("conversations", "0001_initial"),
        ("conversations", "0002_sender_checked"),
        ("conversations", "0003_sms"),
        ("conversations", "0004_reports"),
        ("conversations", "0005_one_index_each"),
    ]

    initial = True

    dependencies = [
        ("customers", "0005_phone_tails"),
        ("identity", "0002_absences"),
        ("identity", "__first__"),
        ("kernel", "0004_audit_reveals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "自助门户"),
                            ("email", "电子邮件"),
                            ("phone", "电话"),
                            ("visit", "来访"),
                            ("letter", "信函"),
                            ("api", "接口"),
                            ("note", "内部记录"),
                            ("sms", "短信"),
                        ],
                        max_length=8,
                    ),
                ),
                ("account", models.CharField(blank=True, max_length=80)),
                ("subject", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(choices=[("open", "待处理"), ("closed", "已处理")], default="open", max_length=6),
                ),
                ("thread_key", models.CharField(blank=True, max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="customers.customer",
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="customers.channelidentity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conversations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("unit", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit")),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["state", "-last_at", "-id"], name="conversation_inbox"),
                    models.Index(fields=["customer", "-last_at"], name="conversation_by_customer"),
                    models.Index(
                        condition=models.Q(("identity__isnull", False)),
                        fields=["identity"],
                        name="conversation_by_identity",
                    ),
                    models.Index(
                        condition=models.Q(("thread_key", ""), _negated=True),
                        fields=["thread_key"],
                        name="conversation_by_thread",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Interaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "自助门户"),
                            ("email", "电子邮件"),
                            ("phone", "电话"),
                            ("visit", "来访"),
                            ("letter", "信函"),
                            ("api", "接口"),
                            ("note", "内部记录"),
                            ("sms", "短信"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("in", "客户来"), ("out", "我方去"), ("internal", "内部")], max_length=8),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("information", "信息"),
                            ("consulting", "咨询"),
                            ("care", "关怀"),
                            ("complaint", "投诉"),
                            ("recovery", "投诉补救"),
                            ("objection", "异议"),
                            ("order", "订购"),
                            ("suggestion", "建议"),
                            ("praise", "表扬"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("author_name", models.CharField(blank=True, max_length=120)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("external_id", models.CharField(blank=True, max_length=300)),
                ("to_address", models.CharField(blank=True, max_length=254)),
                (
                    "delivery",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("queued", "待发送"),
                            ("sending", "发送中"),
                            ("sent", "已发出"),
                            ("delivered", "已送达"),
                            ("failed", "发送失败"),
                            ("bounced", "被退回"),
                            ("unreached", "未送达"),
                            ("suppressed", "未发送"),
                        ],
                        max_length=10,
                    ),
                ),
                ("delivery_note", models.CharField(blank=True, max_length=300)),
                ("unverified_sender", models.BooleanField(default=False)),
                ("unauthenticated", models.BooleanField(db_default=False, default=False)),
                ("search", django.contrib.postgres.search.SearchVectorField(default="")),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interactions",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="customers.customer"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["conversation", "at", "id"], name="interaction_thread"),
                    models.Index(fields=["customer", "-at"], name="interaction_by_customer"),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["external_id"],
                        name="interaction_by_external",
                    ),
                    models.Index(
                        condition=models.Q(("delivery__in", ["queued", "sending", "failed", "bounced"])),
                        fields=["delivery", "at"],
                        name="interaction_undelivered",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="interaction_search"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.BigIntegerField()),
                ("is_image", models.BooleanField(default=False)),
                ("upload_key", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField()),
                ("blob", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="kernel.blob")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="conversations.interaction",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("interaction", None)), fields=["upload_key"], name="attachment_unclaimed"
                    ),
                    models.Index(fields=["interaction"], name="attachment_by_interaction"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
