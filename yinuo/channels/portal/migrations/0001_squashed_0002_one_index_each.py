"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("portal", "0001_initial"), ("portal", "0002_one_index_each")]

    initial = True

    dependencies = [
        ("conversations", "0005_one_index_each"),
        ("matters", "0002_one_index_each"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("way", models.CharField(max_length=8)),
                ("tries", models.SmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "interaction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="conversations.interaction",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="matters.matter",
                    ),
                ),
            ],
            options={
                "base_manager_name": "unscoped",
                "indexes": [models.Index(fields=["matter", "-sent_at"], name="sent_code_latest")],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
