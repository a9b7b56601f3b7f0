"""Questionnaires and their editions, plans and invitations, answers."""

from yinuo.surveys.models.answering import LowNotice, SurveyAnswer, SurveyMark
from yinuo.surveys.models.asking import Invitation, SurveyPlan, SurveySetting
from yinuo.surveys.models.questionnaire import Edition, Questionnaire

__all__ = [
    "Edition", "Invitation", "LowNotice", "Questionnaire", "SurveyAnswer", "SurveyMark", "SurveyPlan", "SurveySetting",
]  # fmt: skip
