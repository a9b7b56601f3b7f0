"""Writes of the complaint desk. Import a command from here; the files are by subject.

registration  register, submit_complaint (portal), edit_registration
restating     restate, confirm_restatement, correct_restatement (portal), record_restatement_answer
talking       reply (interim reply), told (reaction)
handling      acknowledge, assess, start_investigation, record_finding
proposing     draft_proposal, submit_proposal, recall_proposal, apply_proposal_decision (reaction)
agreeing      offer_agreement, confirm_agreement, refuse_agreement (portal), record_agreement_answer
executing     dispatch_items, finish_execution
calling_back  record_callback, rate (portal)
closing       close, reject, apply_rejection_decision (reaction), withdraw, withdraw_own, reopen, reopen_own
merging       merge_complaints
reviewing     request_review, request_own_review (portal), decide_review
escalating    escalate, request_reception, book_reception, record_reception
outside       escalate_out, set_external_reference, record_external_result
aftermath     plan_correction, finish_correction, check_recurrence, plan_repair, finish_repair, propose_improvement,
              answer_improvement, publish, reward, put_in_library
answering_for propose_responsibility, decide_responsibility
exporting     export_report, export_list (XLSX bytes)
dropping      drop_offers, lock_approvals (used by the exits)
moving        make_move: the one place where the stage changes (not a command; called inside them)
"""

from yinuo.complaints.commands.aftermath import (
    answer_improvement,
    check_recurrence,
    finish_correction,
    finish_repair,
    plan_correction,
    plan_repair,
    propose_improvement,
    publish,
    put_in_library,
    reward,
)
from yinuo.complaints.commands.agreeing import (
    confirm_agreement,
    offer_agreement,
    record_agreement_answer,
    refuse_agreement,
)
from yinuo.complaints.commands.answering_for import decide_responsibility, propose_responsibility
from yinuo.complaints.commands.calling_back import rate, record_callback
from yinuo.complaints.commands.closing import (
    apply_rejection_decision,
    close,
    reject,
    reopen,
    reopen_own,
    withdraw,
    withdraw_own,
)
from yinuo.complaints.commands.escalating import (
    book_reception,
    escalate,
    record_reception,
    request_reception,
)
from yinuo.complaints.commands.executing import dispatch_items, finish_execution
from yinuo.complaints.commands.exporting import export_list, export_report
from yinuo.complaints.commands.handling import acknowledge, assess, record_finding, start_investigation, worked_on
from yinuo.complaints.commands.merging import merge_complaints
from yinuo.complaints.commands.outside import escalate_out, record_external_result, set_external_reference
from yinuo.complaints.commands.proposing import (
    apply_proposal_decision,
    draft_proposal,
    recall_proposal,
    submit_proposal,
)
from yinuo.complaints.commands.registration import edit_registration, register, submit_complaint
from yinuo.complaints.commands.restating import (
    confirm_restatement,
    correct_restatement,
    record_restatement_answer,
    restate,
)
from yinuo.complaints.commands.reviewing import decide_review, request_own_review, request_review
from yinuo.complaints.commands.talking import reply, told

__all__ = [
    "acknowledge",
    "answer_improvement",
    "apply_proposal_decision",
    "apply_rejection_decision",
    "assess",
    "book_reception",
    "check_recurrence",
    "close",
    "confirm_agreement",
    "confirm_restatement",
    "correct_restatement",
    "decide_responsibility",
    "decide_review",
    "dispatch_items",
    "draft_proposal",
    "edit_registration",
    "escalate",
    "escalate_out",
    "export_list",
    "export_report",
    "finish_correction",
    "finish_execution",
    "finish_repair",
    "merge_complaints",
    "offer_agreement",
    "plan_correction",
    "plan_repair",
    "propose_improvement",
    "propose_responsibility",
    "publish",
    "put_in_library",
    "rate",
    "recall_proposal",
    "record_agreement_answer",
    "record_callback",
    "record_external_result",
    "record_finding",
    "record_reception",
    "record_restatement_answer",
    "refuse_agreement",
    "register",
    "reject",
    "reopen",
    "reopen_own",
    "reply",
    "request_own_review",
    "request_reception",
    "request_review",
    "restate",
    "reward",
    "set_external_reference",
    "start_investigation",
    "submit_complaint",
    "submit_proposal",
    "told",
    "withdraw",
    "withdraw_own",
    "worked_on",
]
