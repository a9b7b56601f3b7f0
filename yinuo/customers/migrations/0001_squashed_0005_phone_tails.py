"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("customers", "0001_initial"),
        ("customers", "0002_merges"),
        ("customers", "0003_purchases_rules_alerts"),
        ("customers", "0004_one_index_each"),
        ("customers", "0005_phone_tails"),
    ]

    initial = True

    dependencies = [
        ("identity", "0002_absences"),
        ("identity", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "个人"), ("organisation", "单位")], default="person", max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("pinyin", models.CharField(blank=True, max_length=120)),
                (
                    "grade",
                    models.CharField(
                        blank=True, choices=[("A", "A 重点"), ("B", "B 潜力"), ("C", "C 普通")], max_length=1
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("potential", "潜在"),
                            ("existing", "现有"),
                            ("lost", "流失"),
                            ("distributor", "经销"),
                        ],
                        default="potential",
                        max_length=12,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=20)),
                ("industry", models.CharField(blank=True, max_length=60)),
                ("size", models.CharField(blank=True, max_length=40)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("uscc", models.CharField(blank=True, max_length=18)),
                ("profile", models.JSONField(default=dict)),
                ("search", django.contrib.postgres.search.SearchVectorField(default="")),
                ("version", models.IntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="customers.customer",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="customers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("unit", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="identity.unit")),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="customer_search"),
                    models.Index(fields=["-updated_at", "-id"], name="customer_recent"),
                    models.Index(fields=["owner", "-updated_at", "-id"], name="customer_by_owner"),
                    models.Index(fields=["grade", "-updated_at", "-id"], name="customer_by_grade"),
                    models.Index(
                        condition=models.Q(("uscc", ""), _negated=True), fields=["uscc"], name="customer_by_uscc"
                    ),
                    models.Index(fields=["name"], name="customer_by_name"),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="customer_merged",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(("merged_into", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="customer_not_merged_into_itself",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("decision_maker", "决策人"),
                            ("influencer", "影响人"),
                            ("user", "使用人"),
                            ("payer", "付款人"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="customers.customer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="positions", to="customers.customer"
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "person", "role"), name="contact_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ChannelIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("phone", "电话"), ("email", "电子邮件"), ("wechat", "微信"), ("visitor", "网站访客")],
                        max_length=8,
                    ),
                ),
                ("value", models.CharField(max_length=254)),
                ("verified_at", models.DateTimeField(null=True)),
                ("verified_how", models.CharField(blank=True, max_length=40)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["kind", "value"], name="identity_lookup")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True), ("verified_at__isnull", False)),
                        fields=("kind", "value"),
                        name="identity_verified_once",
                    ),
                    models.UniqueConstraint(fields=("customer", "kind", "value"), name="identity_once_per_customer"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CustomerMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("moved", models.JSONField(default=dict)),
                ("merged_at", models.DateTimeField()),
                ("split_at", models.DateTimeField(null=True)),
                ("split_reason", models.CharField(blank=True, max_length=300)),
                (
                    "absorbed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="absorptions", to="customers.customer"
                    ),
                ),
                (
                    "merged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "split_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["survivor", "-id"], name="merge_by_survivor")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("split_at", None)), fields=("absorbed",), name="customer_merged_once"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CustomerNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "with_whom",
                    models.CharField(choices=[("us", "与我方"), ("others", "与他方")], default="us", max_length=6),
                ),
                ("happened_on", models.DateField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "author",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["customer", "-happened_on", "-id"], name="note_by_customer")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CustomerRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("grade", "级别建议"), ("reveals", "查看明文提醒")], max_length=8)),
                ("no", models.IntegerField()),
                ("values", models.JSONField()),
                ("reason", models.CharField(max_length=300)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
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
                "constraints": [models.UniqueConstraint(fields=("kind", "no"), name="customer_rule_once")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="GradeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_grade", models.CharField(blank=True, max_length=1)),
                ("new_grade", models.CharField(max_length=1)),
                ("reason", models.CharField(max_length=300)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused", models.BooleanField(default=False)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grade_changes",
                        to="customers.customer",
                    ),
                ),
                (
                    "proposed_by",
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
                "indexes": [models.Index(fields=["customer", "-id"], name="grade_change_by_customer")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="OrganisationLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("subsidiary", "下属单位"), ("distributor", "经销商")], max_length=12),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links_up", to="customers.customer"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links_down",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("parent", "child", "kind"), name="organisation_link_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bought_on", models.DateField()),
                ("what", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="purchases",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["customer", "-bought_on", "-id"], name="purchase_by_customer")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="purchase_amount_not_negative")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RevealAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("count", models.IntegerField()),
                (
                    "told",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["told"], name="reveal_alert_told"),
                    models.Index(fields=["-at"], name="reveal_alert_at"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
