"""Reads about surveys."""

from yinuo.surveys.queries.answers import answers, chosen_answers, comments_of, one_answer
from yinuo.surveys.queries.asking import (
    due_invitations,
    for_link,
    invitations,
    low_notices,
    one_invitation,
    open_for_matter,
    plans,
    rounds_due,
    settings_row,
)
from yinuo.surveys.queries.questionnaires import editions_of, one_questionnaire, questionnaires
from yinuo.surveys.queries.results import Filters, Results, results

__all__ = [
    "Filters", "Results", "answers", "chosen_answers", "comments_of", "due_invitations", "editions_of", "for_link",
    "invitations", "low_notices", "one_answer", "one_invitation", "one_questionnaire", "open_for_matter", "plans",
    "questionnaires", "results", "rounds_due", "settings_row",
]  # fmt: skip
