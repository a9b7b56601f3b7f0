"""The table of moves: complete, reachable, guarded, and drawn in the docs as it is."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.complaints.rules.guards import GUARDS, Facts, missing
from yinuo.complaints.states import (
    ENDED,
    MAIN_LINE,
    MOVES,
    OPEN,
    OURS,
    STAGE_LABELS,
    Stage,
    diagram,
    may_make,
    moves_from,
    step_of,
)
from yinuo.kernel.actor import Actor

DOC = Path(__file__).resolve().parents[3] / "docs" / "complaint-stages.md"
AGENT = Actor("staff", 1, "王芳", frozenset({"complaint.handle"}))
NOBODY = Actor("staff", 2, "李雷")
CUSTOMER = Actor.customer(customer_id=5, name="张先生")


def test_every_stage_has_a_name_and_can_be_reached():
    assert set(STAGE_LABELS) == set(Stage)
    reached = {Stage.RECEIVED}
    for _round in Stage:
        reached |= {m.to for m in MOVES.values() if m.frm & reached}
    assert reached == set(Stage)


def test_every_open_stage_can_end():
    ends = set(ENDED)
    for _round in Stage:
        ends |= {s for m in MOVES.values() for s in m.frm if m.to in ends}
    assert ends >= set(OPEN)


def test_every_guard_named_exists_and_is_used():
    named = {g for m in MOVES.values() for g in m.guards}
    assert named == set(GUARDS)


def test_the_main_line_is_walked_by_the_table():
    for here, there in itertools.pairwise(MAIN_LINE):
        assert any(m.to == there and here in m.frm for m in MOVES.values()), (here, there)
    assert [step_of(s) for s in MAIN_LINE] == list(range(10))
    assert step_of("merged") == -1


def test_moves_of_an_actor_are_those_with_the_grant():
    assert [m.name for m in moves_from("received", AGENT)] == ["acknowledge", "withdraw"]
    assert moves_from("received", NOBODY) == []
    assert [m.name for m in moves_from("offered", CUSTOMER)] == ["confirm_agreement", "refuse_agreement", "withdraw"]
    assert "proposal_approved" not in [m.name for m in moves_from("approving", AGENT)]
    assert may_make(MOVES["proposal_approved"], Actor.system("reactions"))
    assert not may_make(MOVES["proposal_approved"], AGENT)
    assert not may_make(MOVES["close"], CUSTOMER)


def test_nothing_leaves_a_merged_case():
    assert moves_from(Stage.MERGED) == []
    assert Stage.ESCALATED_OUT not in OURS


def test_the_drawing_in_the_docs_is_current():
    if os.environ.get("YINUO_WRITE_DOCS"):
        DOC.write_text(diagram(), encoding="utf-8")
    assert DOC.read_text(encoding="utf-8") == diagram(), "run the tests once with YINUO_WRITE_DOCS=1"


BLOCKED = [
    ("acknowledge", {"has_content": False}, "投诉内容未登记"),
    ("acknowledge", {"has_customer": False}, "未登记客户"),
    ("acknowledge", {"reachable": False}, "没有任何联系方式，无法告知客户"),
    ("assess", {"channel": "phone"}, "登记内容尚未向客户复述"),
    ("assess", {"restatement": "corrected"}, "客户要求更正登记内容，请修改后重新复述"),
    ("assess", {}, "尚未判断投诉是否成立"),
    ("assess", {}, "尚未选择投诉类别"),
    ("begin_proposal", {}, "尚未登记调查结论"),
    ("submit_proposal", {}, "没有待提交的处理方案"),
    ("submit_proposal", {"proposal_state": "draft"}, "处理方案没有任何内容"),
    ("submit_proposal", {"proposal_state": "draft"}, "处理方案未写理由"),
    ("confirm_agreement", {}, "处理协议尚未提供给客户"),
    ("finish_execution", {"open_tasks": ("仓库换货",)}, "任务未完成：仓库换货"),
    ("finish_execution", {"unassigned_items": ("退款",)}, "方案内容尚未下达部门：退款"),
    ("close", {}, "回访未完成"),
    ("close", {"unreached_days": 2}, "回访未完成：还需在另外 1 天再次联系客户"),
    ("close", {}, "客户尚未确认处理协议"),
    ("close", {"satisfaction": 2, "callbacks_done": 1}, "客户对处理结果不满意，需要重新处理"),
    ("close", {"pending_approvals": 2}, "还有 2 项审批未决定"),
    ("close", {"pending_reviews": 1}, "复核尚未作出决定"),
    ("close", {"personal_promises": ("周二回电",)}, "对客户的承诺未兑现：周二回电"),
    ("close", {"severity": 2, "judgement": "justified"}, "严重投诉尚未登记根因和纠正措施"),
    ("close", {"open_receptions": 1}, "客户要求的领导接待尚未完成"),
    ("reject", {"judgement": "partly"}, "只有判断为“不成立”的投诉才可以不予受理"),
    ("reject", {}, "未说明不成立的依据"),
    ("reject", {}, "需要客户表示理解，或由主管决定"),
    ("withdraw", {"paid_or_shipped": 1}, "已有部门任务在执行，请先取消或完成任务"),
    ("close_external", {}, "未登记外部机构的处理结果"),
    (
        "close_external",
        {"stage": "escalated_out", "pending_approvals": 1, "undecided": ("回复",)},
        "“回复”的误期赔付还没有决定",
    ),
]


@pytest.mark.parametrize(("move", "facts", "sentence"), BLOCKED)
def test_each_guard_says_what_is_missing(move, facts, sentence):
    assert sentence in missing(move, Facts(**facts))


DONE = Facts(
    restatement="confirmed",
    kind="product",
    judgement="justified",
    findings=1,
    proposal_state="draft",
    proposal_items=1,
    proposal_reason=True,
    agreement_state="confirmed",
    callbacks_done=1,
    satisfaction=4,
    severity=3,
    corrective_actions=1,
    evidence=True,
    understood=True,
    external_result=True,
)


@pytest.mark.parametrize("move", [m for m in MOVES if m not in ("confirm_agreement", "refuse_agreement", "reject")])
def test_nothing_blocks_when_all_is_done(move):
    assert missing(move, DONE) == []


@given(
    st.builds(
        Facts,
        satisfaction=st.none() | st.integers(1, 5),
        callbacks_done=st.integers(0, 2),
        unreached_days=st.integers(0, 5),
        open_tasks=st.lists(st.just("x"), max_size=2).map(tuple),
        agreement_state=st.sampled_from(["", "offered", "confirmed", "refused"]),
        pending_reviews=st.integers(0, 1),
        pending_approvals=st.integers(0, 1),
    )
)
def test_close_is_blocked_exactly_while_something_is_missing(facts):
    complete = (
        facts.agreement_state == "confirmed"
        and not facts.open_tasks
        and (facts.callbacks_done or facts.unreached_days >= 3)
        and (facts.satisfaction is None or facts.satisfaction > 2)
        and not facts.pending_reviews
        and not facts.pending_approvals
    )
    assert (missing("close", facts) == []) == bool(complete)
