"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("approvals", "0001_initial"), ("approvals", "0002_handed_over"), ("approvals", "0003_one_index_each")]

    initial = True

    dependencies = [
        ("identity", "__first__"),
        ("matters", "0002_one_index_each"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.BigIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("reason", models.TextField(blank=True)),
                ("payload", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待审"),
                            ("approved", "同意"),
                            ("rejected", "驳回"),
                            ("withdrawn", "撤回"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="matters.matter",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["state", "-created_at", "-id"], name="approval_by_state"),
                    models.Index(fields=["matter", "-id"], name="approval_by_matter"),
                    models.Index(fields=["subject_type", "subject_id"], name="approval_by_subject"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("up_to", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("steps", models.JSONField(default=list)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "up_to"], name="approval_rule_by_kind")],
            },
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.SmallIntegerField()),
                ("rung", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待审"),
                            ("approved", "同意"),
                            ("rejected", "驳回"),
                            ("withdrawn", "撤回"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("comment", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
                ("handed_reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("handed_at", models.DateTimeField(null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="approvals.approval",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval_steps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["staff", "state", "-approval"], name="approval_step_by_staff")],
                "constraints": [models.UniqueConstraint(fields=("approval", "seq"), name="approval_step_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
