from django.apps import AppConfig


class SmsConfig(AppConfig):
    name = "yinuo.channels.sms"
    label = "sms"
