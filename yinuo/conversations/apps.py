from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "yinuo.conversations"
    label = "conversations"
