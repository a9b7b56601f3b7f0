"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("matters", "0001_initial"), ("matters", "0002_one_index_each")]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
        ("customers", "0005_phone_tails"),
        ("identity", "0002_absences"),
        ("identity", "__first__"),
    ]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE matters_number",
            reverse_sql="DROP SEQUENCE matters_number",
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("complaint", "投诉"),
                            ("enquiry", "咨询"),
                            ("suggestion", "建议"),
                            ("praise", "表扬"),
                            ("service_order", "服务单"),
                            ("visit", "拜访"),
                        ],
                        max_length=14,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("channel", models.CharField(blank=True, max_length=8)),
                ("state", models.CharField(max_length=20)),
                ("open", models.BooleanField(default=True)),
                ("priority", models.SmallIntegerField(default=1)),
                ("severity", models.SmallIntegerField(default=0)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("last_activity_at", models.DateTimeField()),
                ("search", django.contrib.postgres.search.SearchVectorField(default="")),
                ("version", models.IntegerField(default=1)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="matters",
                        to="customers.customer",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="matters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="matter_search"),
                    models.Index(fields=["-opened_at", "-id"], name="matter_newest"),
                    models.Index(fields=["open", "-opened_at", "-id"], name="matter_open"),
                    models.Index(fields=["owner", "open", "-opened_at", "-id"], name="matter_by_owner"),
                    models.Index(fields=["unit", "open", "-opened_at", "-id"], name="matter_by_unit"),
                    models.Index(fields=["kind", "open", "-opened_at", "-id"], name="matter_by_kind"),
                    models.Index(fields=["kind", "state", "-opened_at", "-id"], name="matter_by_state"),
                    models.Index(fields=["customer", "-opened_at"], name="matter_by_customer"),
                    models.Index(fields=["conversation"], name="matter_by_conversation"),
                ],
                "constraints": [models.UniqueConstraint(fields=("number",), name="matter_number_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Collaborator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collaborators",
                        to="matters.matter",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["staff", "matter"], name="collaborator_by_staff")],
                "constraints": [models.UniqueConstraint(fields=("matter", "staff"), name="collaborator_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=1000)),
                ("shared", models.BooleanField(default=False)),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [models.UniqueConstraint(fields=("staff", "page", "name"), name="saved_view_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(default="general", max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("detail", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待办"), ("done", "已完成"), ("canceled", "已取消")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("result", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tasks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="matters.matter",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="conversations.interaction"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["matter", "state"], name="task_by_matter"),
                    models.Index(fields=["unit", "state", "-created_at"], name="task_by_unit"),
                    models.Index(fields=["assignee", "state", "-created_at"], name="task_by_assignee"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=40)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_name", models.CharField(max_length=80)),
                ("text", models.TextField(blank=True)),
                ("data", models.JSONField(default=dict)),
                ("public", models.BooleanField(default=False)),
                (
                    "interaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="conversations.interaction",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="matters.matter",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to="matters.task"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["matter", "at", "id"], name="timeline_by_matter"),
                    models.Index(
                        condition=models.Q(("interaction__isnull", False)),
                        fields=["interaction"],
                        name="timeline_by_interaction",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("data", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [models.UniqueConstraint(fields=("staff", "key"), name="draft_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
