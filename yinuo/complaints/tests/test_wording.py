"""What a rule keeps back goes out on no path; a supervisor may let the very words pass."""

import pytest

from yinuo.complaints import commands as c
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied, Refused
from yinuo.kernel.models import AuditEntry
from yinuo.wording.commands import add_rule, lay_down, let_pass, switch_rule
from yinuo.wording.models import WordingRule
from yinuo.wording.queries import found_in

pytestmark = pytest.mark.django_db
BAD = "公司的规定就是这样，随便你告"
#: stage, field that is named, what sends the words
PATHS = {
    "acknowledge": ("received", "text", lambda case: c.acknowledge(complaint_id=case.id, text=BAD)),
    "reply": ("received", "text", lambda case: c.reply(complaint_id=case.id, text=BAD)),
    "by e-mail": ("assessed", "text", lambda case: c.reply(complaint_id=case.id, text=BAD, via="email")),
    "inbox": ("received", "text", lambda case: queue_reply(conversation_id=case.row.matter.conversation_id, text=BAD)),
    "restate": ("received", "text", lambda case: c.restate(complaint_id=case.id, text=BAD, via="phone")),
    "reject": ("assessed", "explanation", lambda case: c.reject(complaint_id=case.id, explanation=BAD)),
    "agreement": ("offered", "text", lambda case: c.offer_agreement(complaint_id=case.id, text=BAD)),
    "reward": ("closed", "thanks", lambda case: c.reward(complaint_id=case.id, reason="热心", thanks=BAD)),
}


@pytest.mark.parametrize("path", PATHS)
def test_it_is_kept_back_on_every_path(walk, firm, path) -> None:
    stage, field, send = PATHS[path]
    case = walk().to(stage)
    before = Interaction.unscoped.count()
    with acting_as(firm.wang), pytest.raises(Refused) as error:
        send(case)
    assert error.value.code == "wording_blocked" and "规定就是这样" in error.value.fields[field]
    assert Interaction.unscoped.count() == before and case.row.stage == stage


def test_a_supervisor_lets_the_very_words_pass_with_a_reason(walk, firm) -> None:
    case = walk()
    with acting_as(firm.wang), pytest.raises(Denied):
        let_pass(text=BAD, reason="客户要求")
    with acting_as(firm.sun), pytest.raises(Refused):
        c.reply(complaint_id=case.id, text=BAD)  # the right to do so is not yet having done so
    with acting_as(firm.sun):
        let_pass(text=BAD, reason="引用客户自己的原话", staff_id=firm.wang.id)
        with pytest.raises(Refused):
            c.reply(complaint_id=case.id, text=BAD)
    with acting_as(firm.wang):
        c.reply(complaint_id=case.id, text=BAD + "\n")
        with pytest.raises(Refused):
            c.reply(complaint_id=case.id, text=BAD + "你自己去投诉")
    entry = AuditEntry.unscoped.filter(command="wording.let_pass").get()
    assert entry.data["reason"] == "引用客户自己的原话" and entry.actor_name == "孙主管"


def test_a_rule_holds_from_the_moment_it_is_changed(firm) -> None:
    lay_down(by=firm.system)  # where another test has emptied the tables
    with acting_as(firm.sun):
        made = add_rule(phrases="这事(儿|)凉拌", category="refusal", why="推诿", level="block")
        assert [one.words for one in found_in("这事儿凉拌吧")] == ["这事儿凉拌"]
        switch_rule(rule_id=made.pk, active=False)
        assert found_in("这事儿凉拌吧") == []
        policy = WordingRule.objects.get(code="never.policy")
        switch_rule(rule_id=policy.pk, active=False)
    with acting_as(firm.system):
        assert [one.rule.category for one in found_in(BAD)] == ["refusal"]
