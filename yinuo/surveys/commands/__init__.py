"""Writes about surveys, by noun."""

from yinuo.surveys.commands.answering import answer_by_link, enter_answer
from yinuo.surveys.commands.exporting import export_answers, export_results
from yinuo.surveys.commands.inviting import (
    ask_again_by_plan,
    ask_by_hand,
    ask_for_event,
    cancel_invitation,
    expire_invitations,
    mark_sent,
)
from yinuo.surveys.commands.plans import edit_setting, save_plan
from yinuo.surveys.commands.questionnaires import copy_questionnaire, save_questionnaire, seed_questionnaires

__all__ = [
    "answer_by_link", "ask_again_by_plan", "ask_by_hand", "ask_for_event", "cancel_invitation", "copy_questionnaire",
    "edit_setting", "enter_answer", "expire_invitations", "export_answers", "export_results", "mark_sent", "save_plan",
    "save_questionnaire", "seed_questionnaires",
]  # fmt: skip
