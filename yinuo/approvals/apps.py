from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "yinuo.approvals"
    label = "approvals"
