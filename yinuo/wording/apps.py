from django.apps import AppConfig


class WordingConfig(AppConfig):
    name = "yinuo.wording"
    label = "wording"
