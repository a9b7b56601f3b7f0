from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "yinuo.insight"
    label = "insight"
