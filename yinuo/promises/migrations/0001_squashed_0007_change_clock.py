"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("promises", "0001_initial"),
        ("promises", "0002_warned"),
        ("promises", "0003_kept_at"),
        ("promises", "0004_about"),
        ("promises", "0005_board_state"),
        ("promises", "0006_one_index_each"),
        ("promises", "0007_change_clock"),
    ]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
        ("customers", "0005_phone_tails"),
        ("identity", "0002_absences"),
        ("identity", "__first__"),
        ("matters", "0002_one_index_each"),
    ]

    operations = [
        migrations.CreateModel(
            name="Standard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField(default=1)),
                ("in_force", models.BooleanField(default=True)),
                ("pack", models.CharField(blank=True, max_length=30)),
                ("trigger", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=120)),
                ("data", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=80)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("replaced_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("in_force", True)), fields=["trigger"], name="standard_by_trigger")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="standard_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("in_force", True)), fields=("key",), name="standard_in_force"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("obligation", models.CharField(max_length=60)),
                ("about", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "进行中"),
                            ("paused", "暂停"),
                            ("kept", "已履行"),
                            ("renewed", "已续期"),
                            ("waived", "已豁免"),
                            ("broken", "已违约"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("outstanding", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("wakes_at", models.DateTimeField(null=True)),
                ("kept_at", models.DateTimeField(null=True)),
                ("explanation", models.TextField()),
                ("provisional", models.BooleanField(default=False)),
                (
                    "clock",
                    models.CharField(
                        choices=[
                            ("calendar_hours", "自然小时"),
                            ("working_hours", "工作小时"),
                            ("calendar_days", "自然日"),
                            ("working_days", "工作日"),
                        ],
                        max_length=14,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=8)),
                ("span_seconds", models.BigIntegerField(null=True)),
                ("at_stake", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("plan", models.JSONField(default=list)),
                ("warned", models.BooleanField(db_default=False, default=False)),
                ("plan_no", models.PositiveSmallIntegerField(default=0)),
                ("calendar_version", models.BigIntegerField(default=0)),
                ("paused_at", models.DateTimeField(null=True)),
                ("remaining_seconds", models.BigIntegerField(null=True)),
                ("cycle", models.PositiveIntegerField(default=1)),
                ("version", models.IntegerField(default=1)),
                (
                    "conversation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="conversations.conversation",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="customers.customer",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="matters.matter",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="promises",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="promises.promise",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="matters.task",
                    ),
                ),
                ("unit", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit")),
                (
                    "standard",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="promises.standard",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("wakes_at__isnull", False)), fields=["wakes_at"], name="promise_wakes"
                    ),
                    models.Index(
                        condition=models.Q(("outstanding", True)),
                        fields=["due_at", "id"],
                        include=("state",),
                        name="promise_board",
                    ),
                    models.Index(
                        condition=models.Q(("outstanding", True), ("warned", True)),
                        fields=["due_at", "id"],
                        name="promise_at_risk",
                    ),
                    models.Index(
                        condition=models.Q(("state", "paused")), fields=["due_at", "id"], name="promise_paused"
                    ),
                    models.Index(
                        condition=models.Q(("outstanding", True)),
                        fields=["owner", "due_at", "id"],
                        name="promise_by_owner",
                    ),
                    models.Index(
                        condition=models.Q(("outstanding", True)),
                        fields=["unit", "due_at", "id"],
                        name="promise_by_unit",
                    ),
                    models.Index(fields=["standard", "outstanding", "due_at"], name="promise_by_standard"),
                    models.Index(fields=["matter", "outstanding", "due_at"], name="promise_by_matter"),
                    models.Index(fields=["customer", "-due_at"], name="promise_by_customer"),
                    models.Index(
                        condition=models.Q(("conversation__isnull", False)),
                        fields=["conversation"],
                        name="promise_by_conversation",
                    ),
                    models.Index(condition=models.Q(("task__isnull", False)), fields=["task"], name="promise_by_task"),
                    models.Index(fields=["due_at", "state"], name="promise_due"),
                    models.Index(
                        condition=models.Q(("kept_at__isnull", False)), fields=["kept_at"], name="promise_kept"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wakes_at", None),
                            models.Q(("outstanding", True), ("state__in", ["open", "broken"])),
                            _connector="OR",
                        ),
                        name="promise_wakes_only_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outstanding", True), ("state__in", ["open", "paused"])),
                            models.Q(
                                ("kept_at__isnull", False), ("outstanding", False), ("state__in", ["kept", "renewed"])
                            ),
                            models.Q(("outstanding", False), ("state", "waived")),
                            models.Q(("kept_at", None), ("outstanding", True), ("state", "broken")),
                            models.Q(("outstanding", False), ("state", "broken")),
                            _connector="OR",
                        ),
                        name="promise_outstanding_fits_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["kept", "renewed"]), _negated=True),
                            ("kept_at__lte", models.F("due_at")),
                            _connector="OR",
                        ),
                        name="promise_kept_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("paused_at__isnull", False), ("remaining_seconds__isnull", False), ("state", "paused")
                            ),
                            models.Q(
                                models.Q(("state", "paused"), _negated=True),
                                ("paused_at", None),
                                ("remaining_seconds", None),
                            ),
                            _connector="OR",
                        ),
                        name="promise_paused_keeps_the_rest",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Compensation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("late_days", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("capped", models.BooleanField(default=False)),
                ("text", models.CharField(max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待审"),
                            ("approved", "同意，待支付"),
                            ("rejected", "驳回"),
                            ("settled", "已支付"),
                        ],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "task",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="matters.task"
                    ),
                ),
                (
                    "promise",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="compensation", to="promises.promise"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("task__isnull", False)), fields=["task"], name="compensation_by_task"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="PromiseChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("extension", "延期"), ("waiver", "豁免")], max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待审"),
                            ("approved", "已同意，待告知客户"),
                            ("applied", "已生效"),
                            ("rejected", "驳回"),
                            ("lapsed", "已失效"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("old_due_at", models.DateTimeField()),
                ("new_due_at", models.DateTimeField(null=True)),
                ("new_amount", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("clock", models.CharField(blank=True, db_default="", default="", max_length=14)),
                ("explanation", models.TextField(blank=True)),
                ("requested_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("told_how", models.CharField(blank=True, max_length=300)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="promises.promise"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.interaction",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "approved"])),
                        fields=("promise",),
                        name="promise_change_one_at_a_time",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="PromiseEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("rung", models.PositiveIntegerField(default=0)),
                ("planned_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("late", models.BooleanField(default=False)),
                ("told_as", models.CharField(blank=True, max_length=12)),
                ("by_name", models.CharField(blank=True, max_length=80)),
                ("text", models.CharField(blank=True, max_length=500)),
                (
                    "promise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="promises.promise",
                    ),
                ),
                (
                    "told",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("told__isnull", False)), fields=["told", "-at"], name="promise_event_told"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("promise", "kind", "rung"), name="promise_event_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
