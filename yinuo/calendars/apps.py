from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "yinuo.calendars"
    label = "calendars"
