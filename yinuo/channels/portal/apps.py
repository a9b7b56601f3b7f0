from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "yinuo.channels.portal"
    label = "portal"
