"""The life of an article: who may do what in which state, what readers see meanwhile, and what happens by itself."""

from datetime import date, timedelta

import pytest

from yinuo.identity.models import Role, Staff
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.knowledge import commands as k
from yinuo.knowledge import queries
from yinuo.knowledge.models import Article, ArticleNews, Edition, Use
from yinuo.knowledge.tests.conftest import AT, WORDS, article, published

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def seen(by) -> set[str]:
    with acting_as(by):
        return {a.title for a in queries.articles()}


def told(who) -> list[str]:
    return list(ArticleNews.unscoped.filter(told_id=who.id).order_by("pk").values_list("kind", flat=True))


def test_written_by_one_and_passed_by_another(desk) -> None:
    row = article(desk.ann)
    assert (seen(desk.ann), seen(desk.wu), seen(desk.chief)) == ({row.title}, set(), {row.title})
    with pytest.raises(Refused):
        k.publish_article(article_id=row.pk, by=desk.chief, at=AT)
    with pytest.raises(Missing):
        k.edit_article(article_id=row.pk, **WORDS, expected_version=1, by=desk.wu, at=AT)
    k.submit_article(article_id=row.pk, expected_version=1, by=desk.ann, at=AT)
    assert (told(desk.chief), told(desk.boss), told(desk.ann)) == (["submitted"], ["submitted"], [])
    k.return_article(article_id=row.pk, comment="写明油位", by=desk.chief, at=AT)
    assert Article.unscoped.get().state == "draft" and told(desk.ann) == ["returned"]
    k.edit_article(article_id=row.pk, **WORDS, expected_version=3, by=desk.ann, at=AT)
    k.submit_article(article_id=row.pk, by=desk.ann, at=AT)
    done = k.publish_article(article_id=row.pk, by=desk.chief, at=AT)
    assert (done.state, done.edition, done.review_by) == ("published", 1, TODAY + timedelta(days=180))
    assert seen(desk.wu) == {row.title}
    with pytest.raises(Refused):
        k.publish_article(article_id=row.pk, by=desk.chief, at=AT)


def test_nobody_passes_their_own_words_but_where_nobody_else_could(desk) -> None:
    row = article(desk.chief)
    k.submit_article(article_id=row.pk, by=desk.chief, at=AT)
    with pytest.raises(Denied) as wrong:
        k.publish_article(article_id=row.pk, by=desk.chief, at=AT)
    assert wrong.value.code == "own_words"
    with permit_writes("test"):
        Staff.objects.filter(pk=desk.boss.id).update(is_active=False)
    assert k.publish_article(article_id=row.pk, by=desk.chief, at=AT).state == "published"
    with permit_writes("test"):  # who only mended a comma is a writer too
        Staff.objects.filter(pk=desk.boss.id).update(is_active=True)
    k.edit_article(article_id=row.pk, **WORDS, expected_version=None, by=desk.ann, at=AT)
    k.edit_article(article_id=row.pk, **WORDS, expected_version=None, by=desk.boss, at=AT)
    k.submit_article(article_id=row.pk, by=desk.ann, at=AT)
    with pytest.raises(Denied):
        k.publish_article(article_id=row.pk, by=desk.boss, at=AT)


def test_readers_see_the_edition_in_force_until_the_next_is_passed(desk) -> None:
    row = published(desk.ann, desk.chief)
    k.edit_article(article_id=row.pk, **{**WORDS, "body": "新的"}, expected_version=row.version, by=desk.wu, at=AT)
    assert Article.unscoped.get().body == WORDS["body"]
    with acting_as(desk.stock):
        assert queries.open_edition(row.pk)  # a department writes as well
    with permit_writes("test"):
        role = Role.objects.get(code="warehouse")
        Role.objects.filter(pk=role.pk).update(grants=["knowledge.read", "self.use"])
    reader = Actor("staff", desk.stock.id, "stock", frozenset({"knowledge.read"}), unit_id=desk.stock.unit_id)
    with acting_as(reader):
        assert queries.open_edition(row.pk) is None and len(queries.editions(row.pk)) == 1
    k.submit_article(article_id=row.pk, by=desk.wu, at=AT)
    k.publish_article(article_id=row.pk, by=desk.chief, at=AT)
    states = list(Edition.unscoped.order_by("number").values_list("number", "state", "body"))
    assert states == [(1, "replaced", WORDS["body"]), (2, "published", "新的")]
    assert Article.unscoped.get().body == "新的"


def test_who_saves_too_late_sees_both(desk) -> None:
    row = article(desk.ann)
    k.edit_article(article_id=row.pk, **{**WORDS, "body": "第一个"}, expected_version=1, by=desk.chief, at=AT)
    with pytest.raises(Stale) as late:
        k.edit_article(article_id=row.pk, **{**WORDS, "body": "第二个"}, expected_version=1, by=desk.ann, at=AT)
    assert (late.value.current["body"], late.value.current["version"]) == ("第一个", 2)


def test_all_that_is_wrong_is_said_at_once(desk) -> None:
    bad = {
        "title": " \x00",
        "body": "字" * 50_001,
        "kind": "poem",
        "visibility": "all",
        "matters": ["war"],
        "unit_id": 999,
    }
    with pytest.raises(Invalid) as wrong:
        k.create_article(**bad, by=desk.ann, at=AT)
    assert set(wrong.value.fields) == {*bad}
    row = article(desk.ann)
    k.submit_article(article_id=row.pk, by=desk.ann, at=AT)
    for day in (TODAY, TODAY + timedelta(days=731), date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Invalid):
            k.publish_article(article_id=row.pk, review_by=day, by=desk.chief, at=AT)


def test_a_unit_keeps_what_is_its_own(desk) -> None:
    published(desk.ann, desk.chief, title="东区的", unit_id=desk.units["east"].pk)
    published(desk.ann, desk.chief, title="公司的", unit_id=desk.units["top"].pk)
    assert seen(desk.ann) == {"东区的", "公司的"}
    assert (seen(desk.wu), seen(desk.stock)) == ({"公司的"}, {"公司的"})
    assert seen(desk.boss) == {"东区的", "公司的"}


def test_the_day_comes_once(desk) -> None:
    row = published(desk.ann, desk.chief, review_by=TODAY + timedelta(days=30))
    clock = Actor.system("clock")
    run = lambda days: k.expire_due(by=clock, at=AT + timedelta(days=days))  # noqa: E731
    assert (run(15), run(16), run(16)) == (0, 1, 0)
    assert told(desk.ann) == ["published", "due"]
    assert (run(29), run(45), run(46)) == (0, 1, 0)
    assert told(desk.ann) == ["published", "due", "expired"]
    assert Article.unscoped.get().state == "expired" and seen(desk.wu) == {row.title}
    k.renew_article(article_id=row.pk, by=desk.boss, at=AT + timedelta(days=46))
    assert run(47) == 0 and Article.unscoped.get().state == "published"
    with permit_writes("test"):
        Staff.objects.filter(pk=desk.ann.id).update(is_active=False)
    assert run(400) == 1  # late, and the owner has left: those who let articles pass are told
    assert told(desk.chief)[-1:] == told(desk.boss)[-1:] == ["expired"]


def test_retired_is_kept_and_comes_back_to_be_looked_at(desk) -> None:
    row = published(desk.ann, desk.chief)
    with pytest.raises(Denied):
        k.retire_article(article_id=row.pk, reason="旧", by=desk.ann, at=AT)
    k.retire_article(article_id=row.pk, reason="产品停产", by=desk.chief, at=AT)
    assert seen(desk.wu) == set() and told(desk.ann)[-1] == "retired"
    with pytest.raises(Refused):
        k.edit_article(article_id=row.pk, **WORDS, expected_version=None, by=desk.ann, at=AT)
    assert k.restore_article(article_id=row.pk, by=desk.chief, at=AT).state == "expired"
    draft = article(desk.ann, title="草稿")
    assert k.retire_article(article_id=draft.pk, reason="不写了", by=desk.ann, at=AT).state == "retired"


def test_found_by_any_fragment_the_title_first(desk) -> None:
    other = {"title": "别的事", "keywords": "", "body": "无关"}
    for words in ({"body": "客户说渗漏"}, {"keywords": "渗漏"}, {"title": "渗漏检查"}):
        published(desk.ann, desk.chief, **{**other, **words})
    with acting_as(desk.wu):
        found = queries.best_first("渗漏", 10)
        assert [(a.title, a.keywords) for a in found] == [("渗漏检查", []), ("别的事", ["渗漏"]), ("别的事", [])]
        assert found[0].rank > found[1].rank > found[2].rank
        assert [a.title for a in queries.best_first("sljc", 10)] == ["渗漏检查"]
        for nothing in ("", "渗漏 飞机", "' | 'x':*", "%", "\\"):
            assert queries.best_first(nothing, 10) == []


def test_what_helps_with_a_matter(desk) -> None:
    published(desk.ann, desk.chief, matters=["complaint"])
    published(desk.ann, desk.chief, title="年费减免", keywords="信用卡", body="首年免年费")
    with acting_as(desk.wu):
        assert [a.title for a in queries.suggestions("换机油后发动机渗漏", "complaint")] == [WORDS["title"]]
        assert queries.suggestions("", "complaint") == [] == queries.suggestions("《》（）", "")


def test_used_and_rated(desk) -> None:
    quoted = published(desk.ann, desk.chief, visibility="quotable")
    inner = published(desk.ann, desk.chief, title="内部口径")
    k.use_knowledge(article_id=quoted.pk, by=desk.wu, at=AT)
    for given, error in (
        ({"article_id": inner.pk}, Refused), ({}, Invalid), ({"article_id": quoted.pk, "template_id": 1}, Invalid),
        ({"article_id": quoted.pk, "matter_id": 99}, Missing), ({"template_id": 99}, Missing),
    ):  # fmt: skip
        with pytest.raises(error):
            k.use_knowledge(**given, by=desk.wu, at=AT)
    assert Use.unscoped.count() == 1
    for useful in (True, False):
        k.rate_article(article_id=quoted.pk, useful=useful, by=desk.wu, at=AT)
    k.rate_article(article_id=quoted.pk, useful=True, by=desk.ann, at=AT)
    row = Article.unscoped.get(pk=quoted.pk)
    assert (row.used, row.helpful, row.unhelpful, row.version) == (1, 1, 1, quoted.version)
