from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "yinuo.matters"
    label = "matters"
