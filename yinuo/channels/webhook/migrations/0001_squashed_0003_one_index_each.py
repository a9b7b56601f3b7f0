"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("webhook", "0001_initial"), ("webhook", "0002_sealed_secrets"), ("webhook", "0003_one_index_each")]

    initial = True

    dependencies = [
        ("identity", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("url", models.CharField(max_length=500)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("secret", models.TextField()),
                ("former_secret", models.TextField(blank=True, db_default="", default="")),
                ("former_until", models.DateTimeField(null=True)),
                ("active", models.BooleanField(default=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("disabled_at", models.DateTimeField(null=True)),
                ("disabled_why", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.CharField(max_length=40)),
                ("event", models.CharField(max_length=60)),
                ("payload", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "待发送"), ("delivered", "已送达"), ("failed", "已放弃")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="webhook.endpoint",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
                    models.Index(fields=["created_at"], name="webhook_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("endpoint", "message_id"), name="webhook_message_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("status", models.IntegerField(null=True)),
                ("response", models.TextField(blank=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("took_ms", models.IntegerField(default=0)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="webhook.delivery",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["delivery", "id"], name="webhook_tries")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
