"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("sms", "0001_initial"), ("sms", "0002_reports")]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
    ]

    operations = [
        migrations.CreateModel(
            name="SmsMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=40, unique=True)),
                ("code", models.CharField(blank=True, max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "待发送"), ("sent", "已发出"), ("failed", "发送失败")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("receipt", models.CharField(blank=True, max_length=100)),
                ("queued_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "report",
                    models.CharField(
                        blank=True,
                        choices=[("delivered", "已送达"), ("undelivered", "未送达")],
                        db_default="",
                        default="",
                        max_length=11,
                    ),
                ),
                ("reported_at", models.DateTimeField(null=True)),
                ("asks", models.SmallIntegerField(db_default=0, default=0)),
                ("next_ask_at", models.DateTimeField(null=True)),
                (
                    "interaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sms_message",
                        to="conversations.interaction",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["state", "-queued_at"], name="sms_by_state"),
                    models.Index(
                        condition=models.Q(("next_ask_at__isnull", False)), fields=["next_ask_at"], name="sms_to_ask"
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
