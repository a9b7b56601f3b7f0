"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("complaints", "0001_initial"),
        ("complaints", "0002_open_by_day"),
        ("complaints", "0003_raised_from"),
        ("complaints", "0004_channel_words"),
        ("complaints", "0005_accepted_intake"),
        ("complaints", "0006_one_index_each"),
        ("complaints", "0007_found_by_what_was_registered"),
    ]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
        ("identity", "0002_absences"),
        ("identity", "__first__"),
        ("kernel", "0004_audit_reveals"),
        ("matters", "0002_one_index_each"),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="complaint",
                        serialize=False,
                        to="matters.matter",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("received", "受理"),
                            ("acknowledged", "告知"),
                            ("assessed", "初步评审"),
                            ("investigating", "调查"),
                            ("proposing", "拟定方案"),
                            ("approving", "审批"),
                            ("offered", "沟通决定"),
                            ("executing", "执行"),
                            ("callback", "回访"),
                            ("closed", "终止"),
                            ("withdrawn", "撤诉"),
                            ("rejected", "不予受理"),
                            ("merged", "并案"),
                            ("escalated_out", "外部升级"),
                        ],
                        default="received",
                        max_length=14,
                    ),
                ),
                ("stage_since", models.DateTimeField()),
                ("version", models.IntegerField(default=1)),
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
                        ],
                        max_length=8,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("complainant", models.CharField(blank=True, max_length=80, verbose_name="投诉人")),
                ("phone", models.CharField(blank=True, max_length=32, verbose_name="联系电话")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="邮箱")),
                ("occurred_on", models.DateField(null=True, verbose_name="发生日期")),
                ("content", models.TextField(verbose_name="投诉内容")),
                ("demand", models.TextField(blank=True, verbose_name="客户要求")),
                (
                    "demand_amount",
                    models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="索赔金额"),
                ),
                ("product", models.CharField(blank=True, max_length=120, verbose_name="产品或服务")),
                ("batch", models.CharField(blank=True, max_length=60, verbose_name="批号")),
                ("produced_on", models.DateField(null=True, verbose_name="生产日期")),
                ("used_on", models.DateField(null=True, verbose_name="使用日期")),
                ("equipment", models.CharField(blank=True, max_length=200, verbose_name="使用设备")),
                ("conditions", models.TextField(blank=True, verbose_name="使用条件")),
                ("used_before", models.CharField(blank=True, max_length=200, verbose_name="以前使用的产品")),
                ("restatement", models.CharField(blank=True, max_length=10)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("expectation", "期望落差"),
                            ("product", "产品"),
                            ("service", "服务"),
                            ("process", "流程"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "subkind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("product_itself", "产品本身"),
                            ("packaging", "包装"),
                            ("defect", "缺陷"),
                            ("misuse", "使用不当"),
                            ("attitude", "服务态度"),
                            ("method", "服务方式"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "judgement",
                    models.CharField(
                        blank=True,
                        choices=[("justified", "成立"), ("partly", "部分成立"), ("unjustified", "不成立")],
                        max_length=12,
                    ),
                ),
                ("basis", models.TextField(blank=True, verbose_name="判断依据")),
                (
                    "severity",
                    models.CharField(
                        choices=[("minor", "轻微"), ("ordinary", "一般"), ("serious", "严重"), ("critical", "重大")],
                        default="ordinary",
                        max_length=8,
                    ),
                ),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), default=list, size=None
                    ),
                ),
                (
                    "temperament",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("venting", "发泄型"),
                            ("claiming", "索赔型"),
                            ("angry", "愤怒型"),
                            ("stubborn", "固执型"),
                            ("powerful", "强势型"),
                            ("wronged", "委屈型"),
                            ("confiding", "倾诉型"),
                            ("private", "隐私型"),
                            ("suggesting", "建议型"),
                            ("consulting", "咨询型"),
                            ("rights_defending", "维权型"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "manner",
                    models.CharField(
                        blank=True,
                        choices=[("emotional", "情绪型"), ("opinionated", "主见型"), ("prepared", "有备而来型")],
                        max_length=12,
                    ),
                ),
                (
                    "complexity",
                    models.CharField(
                        choices=[("simple", "简单"), ("ordinary", "一般"), ("complex", "复杂")],
                        default="ordinary",
                        max_length=8,
                    ),
                ),
                (
                    "handler_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("last_reply_at", models.DateTimeField(null=True)),
                ("understood", models.BooleanField(default=False)),
                ("supervisor_decision", models.TextField(blank=True)),
                ("refusals", models.IntegerField(default=0)),
                ("reopened", models.IntegerField(default=0)),
                ("satisfaction", models.SmallIntegerField(null=True)),
                ("agreed_total", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("outcome", models.TextField(blank=True)),
                ("in_library", models.BooleanField(default=False)),
                ("lesson", models.TextField(blank=True)),
                ("search", django.contrib.postgres.search.SearchVectorField(null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "raised_from",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.interaction",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["stage", "stage_since", "matter"], name="complaint_stage"),
                    models.Index(fields=["-received_at", "-matter"], name="complaint_received"),
                    models.Index(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "acknowledged",
                                    "approving",
                                    "assessed",
                                    "callback",
                                    "escalated_out",
                                    "executing",
                                    "investigating",
                                    "offered",
                                    "proposing",
                                    "received",
                                ],
                            )
                        ),
                        fields=["-received_at", "-matter"],
                        name="complaint_open_received",
                    ),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="complaint_merged",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="complaint_search"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("raised_from",), name="complaint_once_per_interaction"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "received",
                                    "acknowledged",
                                    "assessed",
                                    "investigating",
                                    "proposing",
                                    "approving",
                                    "offered",
                                    "executing",
                                    "callback",
                                    "closed",
                                    "withdrawn",
                                    "rejected",
                                    "merged",
                                    "escalated_out",
                                ],
                            )
                        ),
                        name="complaint_stage_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("satisfaction__isnull", True), ("satisfaction__range", (1, 5)), _connector="OR"
                        ),
                        name="complaint_satisfaction_1_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("demand_amount__isnull", True), ("demand_amount__gte", 0), _connector="OR"),
                        name="complaint_demand_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(("merged_into", models.F("matter")), _negated=True),
                            _connector="OR",
                        ),
                        name="complaint_not_into_itself",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Callback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("cycle", models.SmallIntegerField(default=0)),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("portal", "自助门户"),
                            ("email", "电子邮件"),
                            ("phone", "电话"),
                            ("visit", "来访"),
                            ("letter", "信函"),
                            ("api", "接口"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reached", models.BooleanField()),
                (
                    "satisfaction",
                    models.SmallIntegerField(
                        choices=[(5, "很满意"), (4, "满意"), (3, "一般"), (2, "不满意"), (1, "很不满意")], null=True
                    ),
                ),
                ("outcome", models.SmallIntegerField(null=True, verbose_name="结果公平")),
                ("process", models.SmallIntegerField(null=True, verbose_name="过程公平")),
                ("treatment", models.SmallIntegerField(null=True, verbose_name="态度公平")),
                ("comment", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reached", False), ("satisfaction__isnull", True)),
                            models.Q(
                                ("outcome__range", (1, 5)),
                                ("reached", True),
                                ("satisfaction__range", (1, 5)),
                                ("process__range", (1, 5)),
                                ("treatment__range", (1, 5)),
                            ),
                            _connector="OR",
                        ),
                        name="callback_scores_1_5",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CorrectiveAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("root_cause", models.TextField(verbose_name="根因")),
                ("action", models.TextField(verbose_name="纠正措施")),
                ("due_on", models.DateField(verbose_name="完成期限")),
                ("done_at", models.DateTimeField(null=True)),
                ("done_note", models.TextField(blank=True)),
                ("check_on", models.DateField(verbose_name="复查日期")),
                (
                    "recurrence",
                    models.CharField(
                        blank=True, choices=[("effective", "有效，未再发生"), ("recurred", "再次发生")], max_length=10
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True)),
                ("check_note", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(
                        condition=models.Q(("checked_at", None)), fields=["check_on"], name="corrective_to_check"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("check_on__gte", models.F("due_on"))), name="corrective_check_after_due"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ExternalEscalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("body", models.CharField(max_length=120, verbose_name="受理机构")),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="受理编号")),
                ("reason", models.TextField(blank=True)),
                ("answer_by", models.DateField(null=True, verbose_name="要求答复日期")),
                ("result", models.TextField(blank=True)),
                ("result_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("result_at", None)), fields=("complaint",), name="external_one_running"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("facts", models.TextField(verbose_name="事实")),
                ("cause", models.TextField(blank=True, verbose_name="原因")),
                ("evidence", models.TextField(blank=True, verbose_name="依据")),
                ("fault_share", models.SmallIntegerField(null=True, verbose_name="我方责任（%）")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fault_share__isnull", True), ("fault_share__range", (0, 100)), _connector="OR"
                        ),
                        name="finding_share_percent",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Improvement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("title", models.CharField(max_length=120)),
                ("demand", models.TextField(verbose_name="客户诉求")),
                ("suggestion", models.TextField(verbose_name="改进建议")),
                (
                    "state",
                    models.CharField(
                        choices=[("submitted", "已上报"), ("accepted", "采纳"), ("declined", "未采纳")],
                        default="submitted",
                        max_length=9,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "addressed_to",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="LeaderReception",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "待安排"),
                            ("booked", "已预约"),
                            ("held", "已接待"),
                            ("missed", "客户未到"),
                            ("canceled", "已取消"),
                        ],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("topic", models.TextField(blank=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("result", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["leader", "starts_at"], name="reception_calendar")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "booked"), _negated=True),
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("leader__isnull", False),
                                ("starts_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reception_booked_has_time",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("version", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("pending", "待审"),
                            ("approved", "同意"),
                            ("rejected", "驳回"),
                            ("recalled", "收回"),
                            ("refused", "客户未接受"),
                            ("agreed", "客户已确认"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(verbose_name="理由")),
                ("total", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("aid", models.JSONField(default=dict)),
                ("approval_id", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_comment", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "version"), name="proposal_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "pending", "approved"])),
                        fields=("complaint",),
                        name="proposal_one_alive",
                    ),
                    models.CheckConstraint(condition=models.Q(("total__gte", 0)), name="proposal_total_positive"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("version", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "待客户确认"),
                            ("confirmed", "客户已确认"),
                            ("refused", "客户未接受"),
                            ("superseded", "已被新版本取代"),
                        ],
                        default="offered",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("how", models.CharField(blank=True, max_length=14)),
                ("signer", models.CharField(blank=True, max_length=80)),
                ("refuse_reason", models.TextField(blank=True)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="kernel.blob"
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="complaints.proposal"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "version"), name="agreement_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "offered")), fields=("complaint",), name="agreement_one_offered"
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="ProposalItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.SmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("replace", "换货"),
                            ("refund", "退款"),
                            ("repair", "维修"),
                            ("money", "赔偿金"),
                            ("free_service", "免费服务"),
                            ("discount", "折扣"),
                            ("gift", "礼品"),
                            ("formal_apology", "正式致歉"),
                            ("leader_visit", "领导登门"),
                        ],
                        max_length=14,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("amount", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="complaints.proposal"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="matters.task"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="proposal_item_amount_positive")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="RepairPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("goal", models.TextField(verbose_name="目标")),
                ("steps", models.TextField(verbose_name="步骤")),
                ("due_on", models.DateField(null=True)),
                ("result", models.TextField(blank=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Responsibility",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("fault", models.TextField(verbose_name="过错事实")),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "待决定"), ("decided", "已决定"), ("cleared", "不予追究")],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("decided_before", models.SmallIntegerField(default=0)),
                (
                    "proposed_step",
                    models.CharField(
                        choices=[("warning", "警告"), ("penalty", "处罚"), ("dismissal", "建议辞退")], max_length=9
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        blank=True,
                        choices=[("warning", "警告"), ("penalty", "处罚"), ("dismissal", "建议辞退")],
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
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
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responsibilities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["staff", "state"], name="responsibility_of_staff")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "cleared"), _negated=True),
                        fields=("complaint", "staff"),
                        name="responsibility_once_per_case",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Restatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("via", models.CharField(max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待客户确认"),
                            ("confirmed", "客户已确认"),
                            ("corrected", "客户要求更正"),
                            ("superseded", "已被新版本取代"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("evidence", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [models.UniqueConstraint(fields=("complaint", "version"), name="restatement_version")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("asked_by", models.CharField(max_length=80)),
                ("reason", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "待复核"), ("upheld", "维持原处理"), ("overturned", "改判")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("decision", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")), fields=("complaint",), name="review_one_pending"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("reason", models.TextField()),
                ("thanks", models.TextField()),
                ("gift", models.CharField(blank=True, max_length=120)),
                ("worth", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="complaints.complaint",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("worth__gte", 0)), name="reward_worth_positive")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="AcceptedIntake",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=24)),
                ("given", models.JSONField()),
                ("received_at", models.DateTimeField()),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("idempotency_key", models.CharField(blank=True, max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待登记"),
                            ("registered", "已登记"),
                            ("refused", "未能登记"),
                            ("set_aside", "无需登记"),
                        ],
                        db_default="waiting",
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("problem", models.JSONField(null=True)),
                ("handled_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "api_key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.apikey",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matters.matter",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="accepted_waiting"),
                    models.Index(
                        condition=models.Q(("state", "refused")),
                        fields=["-received_at", "-id"],
                        name="accepted_refused",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["received_at"], name="accepted_age"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
