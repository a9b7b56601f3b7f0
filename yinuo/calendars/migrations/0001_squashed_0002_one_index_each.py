"""All of it in one step, for a database that has nothing yet; one that has keeps the steps this replaces."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("calendars", "0001_initial"), ("calendars", "0002_one_index_each")]

    initial = True

    dependencies = [
        ("identity", "0002_absences"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownYear",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("by_name", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=80)),
                ("summary", models.CharField(max_length=200)),
                ("data", models.JSONField(default=dict)),
                (
                    "unit",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DaySetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("working", models.BooleanField()),
                ("name", models.CharField(blank=True, max_length=40)),
                ("hours", models.JSONField(default=list)),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "on"), name="day_setting_per_unit", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="WeekHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.JSONField()),
                ("open_on_holidays", models.BooleanField(default=False)),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("unit",), name="week_hours_per_unit", nulls_distinct=False)
                ],
            },
        ),
    ]
