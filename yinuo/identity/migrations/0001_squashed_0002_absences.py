"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import yinuo.kernel.actor


class Migration(migrations.Migration):
    replaces = [("identity", "0001_initial"), ("identity", "0002_absences")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=40)),
                (
                    "grants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                (
                    "matter_scope",
                    models.CharField(
                        choices=[
                            (yinuo.kernel.actor.Scope["OWN"], "本人"),
                            (yinuo.kernel.actor.Scope["TEAM"], "本部门及下级"),
                            (yinuo.kernel.actor.Scope["ALL"], "全部"),
                        ],
                        default=yinuo.kernel.actor.Scope["OWN"],
                        max_length=4,
                    ),
                ),
                (
                    "customer_scope",
                    models.CharField(
                        choices=[
                            (yinuo.kernel.actor.Scope["OWN"], "本人"),
                            (yinuo.kernel.actor.Scope["TEAM"], "本部门及下级"),
                            (yinuo.kernel.actor.Scope["ALL"], "全部"),
                        ],
                        default=yinuo.kernel.actor.Scope["OWN"],
                        max_length=4,
                    ),
                ),
                ("approval_limit", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("builtin", models.BooleanField(default=False)),
                ("version", models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("is_active", models.BooleanField(default=True)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("theme", models.CharField(default="light", max_length=5)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("version", models.IntegerField(default=1)),
                (
                    "manager",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("roles", models.ManyToManyField(related_name="staff", to="identity.role")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("prefix", models.CharField(max_length=12, unique=True)),
                ("hash", models.CharField(max_length=64)),
                (
                    "grants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("code", models.SlugField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("company", "公司"), ("branch", "分支机构"), ("department", "部门"), ("desk", "班组")],
                        max_length=12,
                    ),
                ),
                ("path", models.CharField(db_index=True, default="/", max_length=200)),
                ("active", models.BooleanField(default=True)),
                ("takes_intake", models.BooleanField(default=False)),
                ("version", models.IntegerField(default=1)),
                (
                    "head",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="heads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="identity.unit",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="staff",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="staff", to="identity.unit"
            ),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("note", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                ("canceled_at", models.DateTimeField(null=True)),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stands_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("canceled_at", None)),
                        fields=["substitute", "ends_on"],
                        name="absence_by_substitute",
                    ),
                    models.Index(
                        condition=models.Q(("canceled_at", None)), fields=["staff", "ends_on"], name="absence_by_staff"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="absence_ends_after"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("staff", models.F("substitute")), _negated=True),
                        name="absence_somebody_else",
                    ),
                ],
            },
        ),
    ]
