from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "yinuo.knowledge"
    label = "knowledge"
