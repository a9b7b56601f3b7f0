from django.apps import AppConfig


class WebhookConfig(AppConfig):
    name = "yinuo.channels.webhook"
    label = "webhook"
