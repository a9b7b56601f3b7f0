from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "yinuo.live"
    label = "live"
