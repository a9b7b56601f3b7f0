from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "yinuo.complaints"
    label = "complaints"
    verbose_name = "complaints"
