from django.apps import AppConfig


class EmailConfig(AppConfig):
    name = "yinuo.channels.email"
    label = "email"
