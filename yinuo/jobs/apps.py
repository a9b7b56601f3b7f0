from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "yinuo.jobs"
    label = "jobs"

    def ready(self) -> None:
        from yinuo.jobs import reactions

        reactions.register()
