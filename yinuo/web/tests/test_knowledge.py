"""知识 and 回复模板 on the page: few statements, hostile words, ready words beside an answer, no gap goes out."""

import re

import pytest

from yinuo.kernel.actor import acting_as
from yinuo.knowledge import commands as k
from yinuo.knowledge.models import Article, ReplyTemplate, Use
from yinuo.web.tests.conftest import make_case

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script><img src=x onerror=y>{{ 7 * 7 }}${x}"
WORDS = {"title": "送货时间怎么查", "kind": "procedure", "body": "1. 查出库单\n2. 问司机", "keywords": "送货"}


def publish(company, **words):
    row = k.create_article(**{**WORDS, **words}, by=company.actor("agent"))
    k.submit_article(article_id=row.pk, by=company.actor("agent"))
    return k.publish_article(article_id=row.pk, by=company.actor("boss"))


def template(company, **words):
    given = {"name": "受理告知", "text": "{客户称呼}您好，编号 {事项编号}，{待填：事情}。", **words}
    return k.create_template(**given, by=company.actor("super"))


PAGES = [
    ("agent", "/knowledge/", 5), ("super", "/knowledge/?q=送货&state=review", 5), ("agent", "/knowledge/{article}/", 7),
    ("super", "/knowledge/{article}/edit/", 6), ("agent", "/knowledge/{article}/versions/1/", 5),
    ("super", "/knowledge/{article}/publish/", 4), ("agent", "/knowledge/templates/", 5),
    ("super", "/knowledge/templates/{template}/", 4), ("agent", "/knowledge/insert/?matter={matter}", 6),
    ("agent", "/knowledge/insert/?conversation={conversation}&q=送货", 6),
    ("agent", "/knowledge/insert/template/{template}/?matter={matter}", 6),
    ("agent", "/knowledge/insert/article/{article}/?matter={matter}&into=%23id_text", 5),
]  # fmt: skip


def test_statements_do_not_grow_with_rows(company, sign_in, django_assert_num_queries) -> None:
    case, first, ready = make_case(company, 1), publish(company), template(company, shared=True)
    names = {"article": first.pk, "template": ready.pk, "matter": case.matter.pk, "conversation": case.conversation.pk}
    for more in (0, 2):
        for n in range(more):
            publish(company, title=f"送货时间 {n}")
            template(company, shared=True, name=f"模板 {n}")
            k.use_knowledge(template_id=ready.pk, matter_id=case.matter.pk, by=company.actor("agent"))
        if more:
            k.edit_article(article_id=first.pk, **WORDS, expected_version=None, by=company.actor("agent"))
        for who, path, statements in PAGES:
            client = sign_in(who)
            with django_assert_num_queries(statements):
                assert client.get(path.format(**names)).status_code == 200, path


def test_nothing_typed_becomes_markup(company, sign_in) -> None:
    row = publish(
        company, title=HOSTILE, body=f"# {HOSTILE}\n- {HOSTILE}\n1. {HOSTILE}\n{HOSTILE}", keywords=HOSTILE,
        category=HOSTILE[:40], visibility="quotable",
    )  # fmt: skip
    ready = template(company, name=HOSTILE[:60], text=HOSTILE.replace("{", "(").replace("}", ")"), shared=True)
    client = sign_in("super")
    for path in (
        "/knowledge/", f"/knowledge/{row.pk}/", f"/knowledge/{row.pk}/edit/", f"/knowledge/{row.pk}/versions/1/",
        "/knowledge/templates/", f"/knowledge/templates/{ready.pk}/", "/knowledge/insert/?q=alert",
        f"/knowledge/insert/article/{row.pk}/?into=%23x", f"/knowledge/insert/template/{ready.pk}/?into=%23x",
        "/search/?q=alert",
    ):  # fmt: skip
        page = client.get(path).content.decode()
        assert "&lt;script&gt;" in page or "查找" in page, path
        assert (
            "<script>alert" not in page and "<img src=x" not in page and "49" not in re.findall(r">([^<]*)<", page)
        ), path
    odd = "/knowledge/insert/?into=" + "%22%3E%3Cscript%3E" + "&q=%00%F0%9F%98%80&matter=&conversation=x"
    assert client.get(odd).status_code == 404
    assert b"<script>" not in client.get("/knowledge/insert/?into=%22%3E%3Cscript%3E&q=%00").content


def test_from_draft_to_published_in_forms(company, sign_in) -> None:
    agent, boss = sign_in("agent"), sign_in("boss")
    wrong = agent.post(
        "/knowledge/new/", {"title": "", "body": "写了很多", "kind": "article", "visibility": "internal"}
    )
    assert wrong.status_code == 422 and "写了很多" in wrong.content.decode()
    form = {**WORDS, "visibility": "quotable", "matters": ["complaint", "enquiry"], "once": "a"}
    assert {agent.post("/knowledge/new/", form).status_code for _twice in (1, 2)} == {303}
    row = Article.unscoped.get()
    address = f"/knowledge/{row.pk}/"
    assert sign_in("stock").get(address).status_code == 404
    agent.post(f"{address}submit/", {"version": row.version})
    assert agent.post(f"{address}publish/", {}).status_code == 403
    assert "等您审核" in boss.get("/notifications/").content.decode()
    assert boss.post(f"{address}publish/", {"review_by": "2020-01-01", "version": 2}).status_code == 422
    assert boss.post(f"{address}publish/", {"review_by": "", "version": 2}).status_code == 303
    assert sign_in("stock").get(address).status_code == 200
    late = agent.post(f"{address}edit/", {**form, "body": "晚了一步", "once": "b", "version": 1})
    assert late.status_code == 409 and "晚了一步" in late.content.decode() and "查出库单" in late.content.decode()
    again = agent.post(f"{address}edit/", {**form, "body": "1. 查出库单\n2. 问库管", "once": "c", "version": 3})
    assert again.status_code == 303 and "问司机" in sign_in("stock").get(address).content.decode()
    shown = boss.get(f"{address}versions/2/").content.decode()
    assert 'data-sign="gone"' in shown and 'data-sign="new"' in shown


def test_ready_words_for_a_matter_of_ones_own(company, sign_in) -> None:
    case, quoted, inner = (
        make_case(company, 1),
        publish(company, visibility="quotable"),
        publish(company, title="送货时间内部口径"),
    )
    ready = template(company, shared=True)
    agent = sign_in("agent")
    about = f"matter={case.matter.pk}&into=%23id_text"
    drawer = agent.get(f"/knowledge/insert/?{about}", headers={"HX-Request": "true"}).content.decode()
    assert (
        "<html" not in drawer
        and ready.name in drawer
        and quoted.title in drawer
        and 'data-keys="slgz shouligaozhi"' in drawer
    )
    page = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/inbox/{case.conversation.pk}/?x=1"}
    assert (
        f"conversation={case.conversation.pk}"
        in agent.get("/knowledge/insert/?into=%23id_text", headers=page).content.decode()
    )
    shown = agent.get(f"/knowledge/insert/template/{ready.pk}/?{about}").content.decode()
    assert f"客户01您好，编号 {case.matter.number}，<mark>{{待填：事情}}</mark>" in shown
    assert "data-insert-into" in agent.get(f"/knowledge/insert/article/{quoted.pk}/?{about}").content.decode()
    assert "data-insert-into" not in agent.get(f"/knowledge/insert/article/{inner.pk}/?{about}").content.decode()
    k.expire_article(article_id=quoted.pk, reason="改价", by=company.actor("boss"))
    assert "data-insert-ask" in agent.get(f"/knowledge/insert/article/{quoted.pk}/?{about}").content.decode()
    used = {"template": ready.pk, "matter": case.matter.pk}
    assert agent.post("/knowledge/insert/used/", used, headers={"HX-Request": "true"}).status_code == 204
    assert agent.post("/knowledge/insert/used/", {"article": inner.pk}).status_code == 409
    assert (Use.unscoped.get().matter_id, ReplyTemplate.unscoped.get().used) == (case.matter.pk, 1)
    elsewhere = sign_in("stock")
    with acting_as(company.actor("stock")):
        for path in (
            f"/knowledge/insert/?matter={case.matter.pk + 1}",
            f"/knowledge/insert/template/{ready.pk}/?conversation={case.conversation.pk}",
        ):
            assert elsewhere.get(path).status_code == 404
    assert (
        elsewhere.post(
            "/knowledge/insert/used/", {"template": ready.pk, "conversation": case.conversation.pk}
        ).status_code
        == 404
    )


def test_no_answer_goes_out_with_a_blank_in_it(company, sign_in) -> None:
    case, agent = make_case(company, 1), sign_in("agent")
    for path in (f"/inbox/{case.conversation.pk}/", f"/matters/{case.matter.pk}/reply/"):
        refused = agent.post(path, {"text": "{客户称呼}您好，退您 {待填：金额} 元", "kind": "consulting"})
        assert refused.status_code == 422
        assert "还有没填的地方：{客户称呼}、{待填：金额}" in refused.content.decode()
        assert agent.post(path, {"text": '您好，参数是 {"id": 7}', "kind": "consulting"}).status_code == 303


def test_templates_are_kept_in_forms(company, sign_in) -> None:
    agent, chief = sign_in("agent"), sign_in("super")
    bad = agent.post("/knowledge/templates/new/", {"name": "a", "text": "{顾客}您好", "shared": "on"})
    assert bad.status_code == 422 and "没有“{顾客}”这个变量" in bad.content.decode()
    over = agent.post("/knowledge/templates/new/", {"name": "a", "text": "保证三天内给您办好"})
    assert over.status_code == 409 and "保证三天内给您办好" in over.content.decode()
    assert agent.post("/knowledge/templates/new/", {"name": "我的", "text": "您好", "shared": "on"}).status_code == 303
    mine = ReplyTemplate.unscoped.get()
    assert not mine.shared and chief.get(f"/knowledge/templates/{mine.pk}/").status_code == 404
    shared = template(company, shared=True)
    assert agent.post(f"/knowledge/templates/{shared.pk}/retire/").status_code == 403
    assert chief.post(f"/knowledge/templates/{shared.pk}/retire/").status_code == 303
    assert agent.get(f"/knowledge/insert/template/{shared.pk}/").status_code == 404
