"""What administrators set about working time. Every change makes a version that promises name."""

from django.db import models


class CalendarVersion(models.Model):
    """One change of the calendar, in words and in data; the newest id is the version in force."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+")
    summary = models.CharField(max_length=200)
    data = models.JSONField(default=dict)


class WeekHours(models.Model):
    """Weekly hours, Monday first, of a unit and those below it; without a unit, of the company."""

    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    week = models.JSONField()
    open_on_holidays = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit"], name="week_hours_per_unit", nulls_distinct=False)]


class DaySetting(models.Model):
    """One day that departs from the published rule, for a unit or for everybody."""

    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    on = models.DateField()
    working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)
    hours = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "on"], name="day_setting_per_unit", nulls_distinct=False)
        ]


class KnownYear(models.Model):
    """A year whose days off an administrator has entered, beyond those the published data covers."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
