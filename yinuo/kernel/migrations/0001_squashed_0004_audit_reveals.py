"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.functions.datetime
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("kernel", "0001_initial"),
        ("kernel", "0002_forget_revealed"),
        ("kernel", "0003_notice_per_transaction"),
        ("kernel", "0004_audit_reveals"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            sql="CREATE FUNCTION yinuo_xact() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT pg_current_xact_id()::text::bigint $$",
            reverse_sql="DROP FUNCTION yinuo_xact()",
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField(unique=True)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.BigIntegerField()),
                ("media_type", models.CharField(max_length=100)),
                ("stored_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("window_start", models.DateTimeField()),
                ("count", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("command", models.CharField(max_length=80)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.CharField(blank=True, max_length=60)),
                ("matter_id", models.BigIntegerField(null=True)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(max_length=80)),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [
                    models.Index(fields=["subject_type", "subject_id", "-id"], name="kernel_audi_subject_25ed28_idx"),
                    models.Index(
                        condition=models.Q(("matter_id__isnull", False)),
                        fields=["matter_id", "-id"],
                        name="audit_by_matter",
                    ),
                    models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
                    models.Index(fields=["command", "-id"], name="audit_by_command"),
                    models.Index(
                        condition=models.Q(("command", "customer.reveal")),
                        fields=["actor_id", "at"],
                        name="audit_reveals",
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("events", models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                ("at", models.DateTimeField()),
                (
                    "xact",
                    models.BigIntegerField(
                        db_default=models.Func(function="yinuo_xact", output_field=models.BigIntegerField())
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["xact", "id"], name="notice_replay"),
                    models.Index(fields=["at"], name="notice_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Once",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("command", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=200)),
                ("result", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="once_age")],
                "constraints": [models.UniqueConstraint(fields=("command", "key"), name="once_key")],
            },
        ),
        migrations.RunSQL(
            sql="\n            CREATE FUNCTION yinuo_append_only() RETURNS trigger LANGUAGE plpgsql AS $$\n            BEGIN\n                RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';\n            END $$;\n            CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON kernel_auditentry\n                FOR EACH ROW EXECUTE FUNCTION yinuo_append_only();\n            CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON kernel_auditentry\n                FOR EACH STATEMENT EXECUTE FUNCTION yinuo_append_only();\n            CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON kernel_auditseal\n                FOR EACH ROW EXECUTE FUNCTION yinuo_append_only();\n            CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON kernel_auditseal\n                FOR EACH STATEMENT EXECUTE FUNCTION yinuo_append_only();\n            ",
            reverse_sql="\n            DROP TRIGGER audit_append_only ON kernel_auditentry; DROP TRIGGER audit_no_truncate ON kernel_auditentry;\n            DROP TRIGGER seal_append_only ON kernel_auditseal; DROP TRIGGER seal_no_truncate ON kernel_auditseal;\n            DROP FUNCTION yinuo_append_only();\n            ",
        ),
    ]
