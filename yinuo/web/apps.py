"""Django application of the staff pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "yinuo.web"
    label = "web"
