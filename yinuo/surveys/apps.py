from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "yinuo.surveys"
    label = "surveys"
