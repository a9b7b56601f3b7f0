from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "yinuo.promises"
    label = "promises"
