from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "yinuo.identity"
    label = "identity"
