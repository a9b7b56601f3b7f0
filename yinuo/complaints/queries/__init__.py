"""Reads of the complaint desk. Import a query from here; the files are by subject.

listing    complaints_page(filters, cursor=, size=) -> Page; board(filters) -> columns; stage_counts; filtered
detail     detail(complaint_id) -> Detail; complaint(complaint_id); raised_from
papers     papers(complaint_id) -> {kind: rows}; aftermath(complaint_id) -> Aftermath
following  publications; to_check; recurred; leader_calendar; receptions_asked; receptions_booked
facts      facts, what_is_missing(complaint_id) -> {move: [sentence]}, missing_to_close(complaint_id) -> [sentence]
guidance   guidance(stage, temperament=, manner=), decision_questions, decision_aid, safe_sentences
searching  similar_cases(text, exclude_id=, limit=) -> [SimilarCase]
report     monthly_report("2026-11", filters) -> Report
links      agreement_token, restatement_token, rating_token, open_link(purpose, token) -> Linked
proposals  for_approval(approval_id)
"""

from yinuo.complaints.queries.detail import Detail, complaint, detail
from yinuo.complaints.queries.facts import facts, missing_to_close, what_is_missing
from yinuo.complaints.queries.following import (
    leader_calendar,
    publications,
    receptions_asked,
    receptions_booked,
    recurred,
    to_check,
)
from yinuo.complaints.queries.guidance import (
    decision_aid,
    decision_questions,
    guidance,
    safe_sentences,
    statutes,
    temperaments,
)
from yinuo.complaints.queries.links import (
    agreement_token,
    open_link,
    open_offers,
    rating_token,
    restatement_token,
    shown_agreement,
    shown_restatement,
)
from yinuo.complaints.queries.listing import Page, Row, board, complaints_page, stage_counts
from yinuo.complaints.queries.papers import aftermath
from yinuo.complaints.queries.proposals import for_approval
from yinuo.complaints.queries.report import Report, monthly_report
from yinuo.complaints.queries.searching import SimilarCase, similar_cases

__all__ = [
    "Detail",
    "Page",
    "Report",
    "Row",
    "SimilarCase",
    "aftermath",
    "agreement_token",
    "board",
    "complaint",
    "complaints_page",
    "decision_aid",
    "decision_questions",
    "detail",
    "facts",
    "for_approval",
    "guidance",
    "leader_calendar",
    "missing_to_close",
    "monthly_report",
    "open_link",
    "open_offers",
    "publications",
    "rating_token",
    "receptions_asked",
    "receptions_booked",
    "recurred",
    "restatement_token",
    "safe_sentences",
    "shown_agreement",
    "shown_restatement",
    "similar_cases",
    "stage_counts",
    "statutes",
    "temperaments",
    "to_check",
    "what_is_missing",
]
