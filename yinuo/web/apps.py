"""Django application of the staff pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "yinuo.web"
    label = "web"

    def ready(self) -> None:
        from yinuo.insight.printing import printed_by
        from yinuo.web import board_paper

        printed_by(board_paper.pdf)
