"""The complaint desk's pages over the test client: every stage, every form, bad input, stale tabs, rights."""

import re
from datetime import timedelta

import pytest

from yinuo.complaints.models import Complaint, CorrectiveAction, LeaderReception, Review
from yinuo.complaints.states import MAIN_LINE
from yinuo.complaints.tests.conftest import Walk
from yinuo.complaints.tests.hostile import HOSTILE
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.matters.models import Task, TimelineEntry
from yinuo.web.pages.complaint_actions import ACTIONS


def text_of(response) -> str:
    return response.content.decode()


def once(client, address) -> dict[str, str]:
    """The hidden fields of the form at an address, as a browser would send them."""
    page = text_of(client.get(address))
    return dict(re.findall(r'name="(once|version|upload_key)" value="([^"]*)"', page))


def test_every_stage_shows_what_to_do(firm, wang) -> None:
    walk = Walk(firm)
    for stage in MAIN_LINE:
        page = text_of(wang.get(f"/complaints/{walk.to(stage).id}/"))
        assert "现在要做" in page and walk.row.matter.number in page, stage
        assert wang.get(f"/complaints/{walk.id}/file/").status_code == 200, stage


@pytest.mark.parametrize("stage", ("acknowledged", "proposing", "closed"))
def test_every_form_opens_in_a_dialog_and_alone(stage, firm, client_of) -> None:
    zhao, walk = client_of("zhao"), Walk(firm).to(stage)
    for verb in (v for v, a in ACTIONS.items() if not a.nested):
        address = f"/complaints/{walk.id}/{verb}/"
        assert zhao.get(address).status_code == 200, verb
        part = zhao.get(address, headers={"HX-Request": "true", "HX-Target": "dialog-body"})
        assert part.status_code == 200 and "<html" not in text_of(part), verb
        assert 'hx-target="#dialog-body"' in text_of(part), verb


def test_a_complaint_by_mail_offers_mail_once(firm, client_of) -> None:
    """Its own channel is e-mail: two names for one way would be a question without an answer."""
    sun, ways = client_of("sun"), {}
    for channel in ("email", "phone"):
        case, found = Walk(firm, channel=channel), []
        for verb in ("acknowledge", "reply", "close", "reject", "reward"):
            page = text_of(sun.get(f"/complaints/{case.id}/{verb}/")).partition("y-form ")[2]
            found.append(re.findall(r'name="via" value="(\w*)"[^>]*?(checked)? *>', page))
        ways[channel] = found
    assert ways["email"] == [[("email", "checked")]] * 5
    said = [{"", "email"}] * 2 + [{"", "told", "email"}] * 3
    assert [{value for value, _checked in found} for found in ways["phone"]] == said


@pytest.mark.parametrize("via", ["", "email"])
def test_a_page_from_before_still_answers_by_mail(firm, wang, via) -> None:
    case = Walk(firm, channel="email").row
    address = f"/complaints/{case.pk}/reply/"
    sent = wang.post(address, {**once(wang, address), "text": "正在核实，有进展就告诉您", "via": via})
    assert sent.status_code == 303
    assert case.matter.conversation.interactions(manager="unscoped").filter(direction="out").count() == 1


def test_registering_twice_makes_one_and_forgets_nothing(firm, wang) -> None:
    sent = {
        "channel": "phone",
        "phone": "138 1234 5678",
        "name": "陈建国",
        "content": "机油漏了",
        "once": "key-1",
        "demand": "<script>alert(1)</script>=1+1",
        "product": "=HYPERLINK(1)",
        "severity": "serious",
        "customer_kind": "person",
    }
    first = wang.post("/complaints/register/", sent)
    again = wang.post("/complaints/register/", sent)
    assert first.status_code == 303 and again.headers["Location"] == first.headers["Location"]
    row = Complaint.unscoped.select_related("matter").get()
    assert row.matter.customer == firm.customer, "recognised by the phone"
    page = text_of(wang.get(first.headers["Location"]))
    assert "&lt;script&gt;" in page and "<script>alert" not in page


@pytest.mark.parametrize(("typed", "kept", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_shown_as_text(typed, kept, shown, firm, wang) -> None:
    walk = Walk(firm, content=typed)
    assert walk.row.content == kept
    assert f'<div class="y-text">{shown}</div>' in text_of(wang.get(f"/complaints/{walk.id}/"))


WRONG = [
    ("content", ""), ("content", "字" * 20_001), ("produced_on", "2026-02-30"), ("used_on", "2999-01-01"),
    ("demand_amount", "-5"), ("phone", "12"), ("email", "nobody"), ("received_at", "2099-01-01T10:00"),
    ("channel", "carrier-pigeon"), ("severity", "terrible"), ("customer_id", "x"),
]  # fmt: skip


def test_wrong_input_keeps_what_was_typed(wang) -> None:
    for field, value in WRONG:
        sent = {
            "channel": "phone",
            "phone": "13900001111",
            "name": "孙女士",
            "content": "送来的油少了一桶",
            "demand": "补一桶",
            "customer_kind": "person",
            "severity": "ordinary",
            field: value,
        }
        answer = wang.post("/complaints/register/", sent)
        page = text_of(answer)
        assert answer.status_code == 422 and not Complaint.unscoped.exists(), field
        sentences = re.findall(r'<p class="y-wrong"[^>]*>.*?</svg>(.*?)</p>', page, re.S) + re.findall(
            r"<p>(.*?)</p>", page
        )
        assert any(re.search("[\u4e00-\u9fff]", s) for s in sentences), field
        assert "补一桶" in page and 'value="孙女士"' in page, field


def test_a_caller_without_phone_or_name_is_asked_for_one(wang) -> None:
    answer = wang.post("/complaints/register/", {"channel": "phone", "content": "太慢了"})
    assert answer.status_code == 422 and "请留下客户的电话或姓名" in text_of(answer)


def test_the_form_knows_the_caller(firm, wang) -> None:
    walk = Walk(firm)
    page = text_of(wang.get("/complaints/register/who/?phone=13812345678"))
    assert "陈建国" in page and "checked" in page and walk.row.matter.number in page, "with the case still open"
    assert "都不是" not in page, "a verified number is that customer's"
    assert "没有找到" in text_of(wang.get("/complaints/register/who/?phone=13911112222"))
    assert text_of(wang.get("/complaints/register/who/?phone=1")).strip() == ""


def test_a_stale_tab_is_refused_with_both_versions(firm, wang) -> None:
    walk = Walk(firm).to("acknowledged")
    address = f"/complaints/{walk.id}/assess/"
    hidden = once(wang, address)
    walk.assess(judgement="partly", basis="部分属实")
    sent = {
        **hidden,
        "judgement": "justified",
        "kind": "product",
        "severity": "ordinary",
        "complexity": "ordinary",
        "basis": "我的依据",
    }
    answer = wang.post(address, sent)
    page = text_of(answer)
    assert answer.status_code == 409 and "别人已经改过" in page and "我的依据" in page and "部分属实" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version and int(version[1]) == walk.row.version, "saving again is a decision"
    assert wang.post(address, {**sent, "version": version[1]}).status_code == 303
    assert walk.row.basis == "我的依据"


def test_over_promising_is_refused_and_coached(firm, wang) -> None:
    walk = Walk(firm).to("investigating")
    words = "三天内一定给您解决"
    answer = wang.post(f"/complaints/{walk.id}/reply/", {"text": words})
    assert answer.status_code == 409 and words in text_of(answer) and "承诺了解决期限" in text_of(answer)
    assert wang.post(f"/complaints/{walk.id}/reply/", {"text": "还在核对，没有结果也会告诉您"}).status_code == 303


def test_a_proposal_says_which_row_is_wrong(firm, wang) -> None:
    walk = Walk(firm).to("investigating")
    sent = {"items.0.kind": "replace", "items.1.kind": "money", "items.1.amount": "-3", "reason": "我方责任"}
    address = f"/complaints/{walk.id}/draft-proposal/"
    for amount, sentence in (("-3", "不能为负"), ("abc", "不是数字"), ("", "请填写金额"), ("1.234", "两位小数")):
        page = text_of(wang.post(address, {**sent, "items.1.amount": amount}))
        assert sentence in page and "我方责任" in page
    assert "至少要有一项" in text_of(wang.post(address, {"reason": "x"}))


def test_nobody_calls_back_their_own_case(firm, wang, client_of) -> None:
    walk = Walk(firm).to("callback")
    assert "没有经办过的同事" in text_of(wang.get(f"/complaints/{walk.id}/"))
    scores = {
        "reached": "yes",
        "via": "phone",
        "satisfaction": "1",
        "outcome": "1",
        "process": "2",
        "treatment": "3",
        "comment": "没修好",
    }
    address = f"/complaints/{walk.id}/record-callback/"
    assert wang.post(address, scores).status_code == 409
    li = client_of("li")
    assert li.post(address, {**scores, "outcome": ""}).status_code == 422
    assert li.post(address, scores).status_code == 303
    assert walk.row.stage == "investigating" and walk.row.reopened == 1, "a dissatisfied customer reopens it"


def test_close_says_what_is_missing(firm, wang) -> None:
    walk = Walk(firm).to("callback")
    answer = wang.post(f"/complaints/{walk.id}/close/", {"outcome": "办完了"})
    assert answer.status_code == 409 and "回访未完成" in text_of(answer) and "办完了" in text_of(answer)
    assert "离结案还差" in text_of(wang.get(f"/complaints/{walk.id}/"))


def test_the_side_ways_out(firm, wang, client_of) -> None:
    zhao = client_of("zhao")
    first, second, third, fourth = (Walk(firm) for _n in range(4))
    assert wang.post(f"/complaints/{first.id}/withdraw/", {"reason": "客户说不用了"}).status_code == 303
    assert wang.post(f"/complaints/{first.id}/reopen/", {"reason": "又来电话"}).status_code == 303
    assert (
        wang.post(f"/complaints/{second.id}/merge/", {"complaint_ids": [third.id], "reason": "同一件事"}).status_code
        == 403
    )
    merged = zhao.post(f"/complaints/{second.id}/merge/", {"complaint_ids": [third.id], "reason": "同一件事"})
    assert merged.status_code == 303 and third.row.stage == "merged"
    assert second.row.matter.number in text_of(wang.get(f"/complaints/{third.id}/"))
    past = {"body": "消费者协会", "answer_by": "2020-01-01"}
    assert "日期已经过去" in text_of(zhao.post(f"/complaints/{fourth.id}/escalate-out/", past))
    assert (
        zhao.post(f"/complaints/{fourth.id}/escalate-out/", {"body": "消费者协会", "reference": "XX-1"}).status_code
        == 303
    )
    assert "补登受理编号" not in text_of(zhao.get(f"/complaints/{fourth.id}/"))
    number = f"/complaints/{fourth.id}/external-reference/"
    assert "XX-1" in zhao.get(number).text and zhao.post(number, {"reference": "XX-2"}).status_code == 303
    assert "XX-2" in text_of(zhao.get(f"/complaints/{fourth.id}/"))
    back = {"result": "请双方协商", "closes": "no"}
    assert zhao.post(f"/complaints/{fourth.id}/external-result/", back).status_code == 303
    assert [w.row.stage for w in (first, second, fourth)] == ["investigating", "received", "investigating"]


def test_rejection_review_and_leader_reception(firm, wang, client_of) -> None:
    zhao, walk = client_of("zhao"), Walk(firm).to("acknowledged")
    walk.assess(judgement="unjustified", basis="检测报告合格")
    sent = {"explanation": "检测结果合格，附报告", "ground": "understood", "understood_how": "客户说明白了"}
    assert wang.post(f"/complaints/{walk.id}/reject/", sent).status_code == 303 and walk.row.stage == "rejected"
    assert wang.post(f"/complaints/{walk.id}/request-review/", {"reason": "客户不服"}).status_code == 303
    review = Review.unscoped.get()
    decision = {"overturned": "yes", "decision": "应当受理"}
    assert wang.post(f"/complaints/{walk.id}/decide-review/{review.pk}/", decision).status_code == 403
    assert zhao.post(f"/complaints/{walk.id}/decide-review/{review.pk}/", decision).status_code == 303
    assert walk.row.stage == "investigating"
    assert wang.post(f"/complaints/{walk.id}/request-reception/", {"topic": "要见领导"}).status_code == 303
    reception = LeaderReception.unscoped.get()
    when = (clock.now() + timedelta(days=2)).astimezone(clock.CST).strftime("%Y-%m-%dT%H:%M")
    booking = {"leader_id": firm.staff["qian"].pk, "starts_at": when, "minutes": "30", "place": "接待室"}
    assert wang.post(f"/complaints/{walk.id}/book-reception/{reception.pk}/", booking).status_code == 303
    early = {"state": "held", "result": "谈妥"}
    assert "还没有到" in text_of(wang.post(f"/complaints/{walk.id}/record-reception/{reception.pk}/", early))


def test_tasks_promises_and_notes(firm, wang, client_of) -> None:
    walk = Walk(firm).to("investigating")
    assert "请选择部门或人员" in text_of(wang.post(f"/complaints/{walk.id}/task/", {"title": "查库存"}))
    task = {"title": "查库存", "unit_id": firm.units["store"].pk}
    assert wang.post(f"/complaints/{walk.id}/task/", task).status_code == 303
    done = Task.unscoped.get(title="查库存")
    cang = client_of("cang")
    assert cang.get(f"/complaints/{walk.id}/").status_code == 200, "who has a task in it sees it"
    assert cang.get(f"/complaints/{walk.id}/assess/").status_code == 403
    assert cang.post(f"/complaints/{walk.id}/task-done/{done.pk}/", {"result": "库存 3 桶"}).status_code == 303
    due = (clock.now() + timedelta(hours=3)).astimezone(clock.CST).strftime("%Y-%m-%dT%H:%M")
    assert wang.post(f"/complaints/{walk.id}/promise/", {"title": "下午回电", "due_at": due}).status_code == 303
    assert "时间已经过去" in text_of(
        wang.post(f"/complaints/{walk.id}/promise/", {"title": "x", "due_at": "2020-01-01T10:00"})
    )
    page = text_of(wang.get(f"/complaints/{walk.id}/"))
    assert "下午回电" in page and "还剩" in page
    assert wang.post(f"/complaints/{walk.id}/note/", {"text": "客户是老顾客"}).status_code == 303
    assert "客户是老顾客" in text_of(wang.get(f"/complaints/{walk.id}/live/"))
    assert TimelineEntry.unscoped.filter(matter_id=walk.id, public=False, kind="note").count() == 1


def test_aftermath(firm, wang, client_of) -> None:
    zhao, walk = client_of("zhao"), Walk(firm).to("closed")
    today = clock.now().astimezone(clock.CST).date()
    sent = {
        "root_cause": "叉车超速",
        "action": "限速",
        "due_on": str(today + timedelta(days=9)),
        "check_on": str(today + timedelta(days=5)),
    }
    assert "不能早于完成期限" in text_of(wang.post(f"/complaints/{walk.id}/correction/", sent))
    assert (
        wang.post(
            f"/complaints/{walk.id}/correction/", {**sent, "check_on": str(today + timedelta(days=30))}
        ).status_code
        == 303
    )
    action = CorrectiveAction.unscoped.get()
    assert wang.post(f"/complaints/{walk.id}/correction-done/{action.pk}/", {"note": "已装限速器"}).status_code == 303
    assert "还没有到复查日期" in text_of(
        wang.post(f"/complaints/{walk.id}/recurrence/{action.pk}/", {"recurrence": "effective", "note": "x"})
    )
    fault = {"staff_id": firm.staff["cang"].pk, "fault": "装车未检查"}
    assert zhao.post(f"/complaints/{walk.id}/responsibility/", fault).status_code == 303
    page = text_of(zhao.get(f"/complaints/{walk.id}/file/"))
    assert "警告" in page and "叉车超速" in page
    named = {"title": "案例", "text": "客户陈建国投诉漏油"}
    assert "不能出现客户的姓名" in text_of(zhao.post(f"/complaints/{walk.id}/publish/", named))


def test_papers_look_like_paper_and_leave_a_trace(firm, wang, client_of) -> None:
    from yinuo.kernel.models import AuditEntry

    walk = Walk(firm).to("closed")
    page = text_of(wang.get(f"/complaints/{walk.id}/print/"))
    assert "顾客投诉登记表" in page and "☑ 成立" in page
    assert "13812345678" not in page and "138****5678" in page and "显示完整的电话和邮箱" in page
    agreement = walk.row.agreements(manager="unscoped").get()
    page = text_of(wang.get(f"/complaints/{walk.id}/agreements/{agreement.pk}/print/"))
    assert "投诉处理协议" in page and agreement.sha256 in page
    image = wang.get(f"/complaints/{walk.id}/agreements/{agreement.pk}/signature/")
    assert image.headers["Content-Type"] == "image/png" and b"PNG" in b"".join(image)[:8]
    assert AuditEntry.unscoped.filter(data__printed="registration").exists()
    auditor = client_of("cang")
    assert auditor.get(f"/complaints/{walk.id}/print/").status_code == 403


def test_a_paper_shows_plain_numbers_once_for_a_reason(firm, wang) -> None:
    from yinuo.kernel.models import AuditEntry, Once

    walk = Walk(firm).to("closed")
    address = f"/complaints/{walk.id}/print/"
    assert wang.post(address, {"reason": ""}).status_code == 422
    assert "13812345678" not in text_of(wang.post(address, {"reason": " "}))
    assert not AuditEntry.unscoped.filter(command="customer.reveal").exists()
    sent = {"reason": "随货附给承运方核对", "once": "paper-1"}
    assert "13812345678" in text_of(wang.post(address, sent))
    revealed = AuditEntry.unscoped.filter(command="customer.reveal").values_list("data", flat=True)
    assert {(d["field"], d["reason"]) for d in revealed} == {(f, sent["reason"]) for f in ("phone", "email")}
    assert AuditEntry.unscoped.filter(command="complaint.reveal", data__plain=True, matter_id=walk.id).count() == 1
    again = wang.post(address, sent)
    assert again.status_code == 409 and "13812345678" not in text_of(again) and "重新写原因" in text_of(again)
    assert [o.result for o in Once.objects.filter(command="complaint.reveal", key__endswith=":paper-1")] == [None]
    assert "13812345678" not in text_of(wang.get(address))


def test_a_paper_stays_masked_for_who_may_not_reveal(firm, client_of) -> None:
    from yinuo.identity.models import Role
    from yinuo.kernel.command import permit_writes

    walk = Walk(firm).to("closed")
    with permit_writes("test"):
        role = Role.objects.get(code="agent")
        Role.objects.filter(pk=role.pk).update(grants=[g for g in role.grants if g != "customer.reveal"])
    reader = client_of("wang")
    page = reader.get(f"/complaints/{walk.id}/print/")
    assert page.status_code == 200 and "138****5678" in text_of(page) and "显示完整" not in text_of(page)
    refused = reader.post(f"/complaints/{walk.id}/print/", {"reason": "想看一下"})
    assert refused.status_code == 403 and "13812345678" not in text_of(refused)


def test_a_written_down_call_or_mail_becomes_a_complaint(firm, wang) -> None:
    with acting_as(firm.system):
        thread = open_conversation(
            channel="email", customer_id=firm.customer.pk, subject="机油漏了", unit_id=firm.units["desk"].pk
        )
        said = add_interaction(conversation=thread, direction="in", text="收到的机油桶在漏，请处理", subject="机油漏了")
    page = text_of(wang.get(f"/complaints/register/?conversation={thread.pk}"))
    assert f'data-draft="complaint-register:message:{said.pk}" data-draft-fresh' in page
    assert "收到的机油桶在漏" in page and f'value="{firm.customer.pk}"' in page and "邮件" in page
    sent = {
        "channel": "email",
        "content": "收到的机油桶在漏，请处理",
        "customer_id": firm.customer.pk,
        "interaction_id": said.pk,
        "severity": "ordinary",
        "customer_kind": "person",
    }
    answer = wang.post(f"/complaints/register/?conversation={thread.pk}", sent)
    assert answer.status_code == 303
    row = Complaint.unscoped.select_related("matter").get()
    assert row.channel == "email" and row.matter.conversation_id == thread.pk and row.matter.customer == firm.customer
    assert wang.get("/complaints/register/?conversation=999999").status_code == 200
    chosen = text_of(wang.get(f"/complaints/register/?customer={firm.customer.pk}"))
    assert "已选定" in chosen and "checked" in chosen


def test_a_callback_asks_for_fairness_in_words_of_fairness(firm, client_of) -> None:
    case = Walk(firm).to("callback")
    page = client_of("li").get(f"/complaints/{case.id}/").content.decode()
    for level in ("很公平", "公平", "不公平", "很不公平"):
        assert page.count(f"<span>{level}</span>") == 3 or page.count(level) >= 3, level
    assert page.count("<span>很满意</span>") == 1


def test_a_supervisor_who_acknowledges_names_the_one_in_charge(firm, client_of) -> None:
    case = Walk(firm)
    page = text_of(client_of("sun").get(f"/complaints/{case.id}/acknowledge/"))
    assert "由王芳负责办理" in page and "由孙主管负责办理" not in page
