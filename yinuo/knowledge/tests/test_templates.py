"""Reply templates: one's own are one's own, shared ones are kept by few, and none promises too much."""

import pytest

from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale, YinuoError
from yinuo.knowledge import commands as k
from yinuo.knowledge import queries
from yinuo.knowledge.models import ReplyTemplate
from yinuo.knowledge.tests.conftest import AT

pytestmark = pytest.mark.django_db
GREETING = {"name": "受理告知", "text": "｛客户称呼｝您好，编号 {事项编号}。"}


def names(by, **about) -> list[str]:
    with acting_as(by):
        return [t.name for t in queries.templates_for(**about)]


def test_ones_own_and_everybodys(desk) -> None:
    mine = k.create_template(**GREETING, by=desk.ann, at=AT)
    assert mine.text == "{客户称呼}您好，编号 {事项编号}。"
    assert (names(desk.ann), names(desk.wu), names(desk.chief)) == (["受理告知"], [], [])
    with pytest.raises(Denied):
        k.create_template(**GREETING, shared=True, by=desk.ann, at=AT)
    with pytest.raises(Missing):
        k.edit_template(template_id=mine.pk, **GREETING, expected_version=1, by=desk.chief, at=AT)
    shared = k.create_template(**{**GREETING, "name": "共用"}, shared=True, by=desk.chief, at=AT)
    assert names(desk.wu) == ["共用"]
    with pytest.raises(Denied):
        k.retire_template(template_id=shared.pk, by=desk.ann, at=AT)
    k.edit_template(template_id=shared.pk, **GREETING, shared=True, expected_version=1, by=desk.boss, at=AT)
    with pytest.raises(Stale) as late:
        k.edit_template(template_id=shared.pk, **GREETING, shared=True, expected_version=1, by=desk.chief, at=AT)
    assert late.value.current.version == 2
    k.retire_template(template_id=shared.pk, by=desk.boss, at=AT)
    with pytest.raises(Refused):
        k.retire_template(template_id=shared.pk, by=desk.boss, at=AT)
    assert names(desk.wu) == []
    k.restore_template(template_id=shared.pk, by=desk.boss, at=AT)
    assert names(desk.wu) == ["受理告知"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"text": "{顾客}您好"}, "text"), ({"text": " "}, "text"), ({"name": "\x00"}, "name"), ({"channel": "fax"}, "channel"),
     ({"text": "字" * 5001}, "text"), ({"name": "名" * 61}, "name"), ({"stage": "s" * 21}, "stage"),
     ({"text": "{客户称呼}您好，保证三天内给您办好"}, "text")],
)  # fmt: skip
def test_what_a_template_must_not_be(wrong, field, desk) -> None:
    with pytest.raises((Invalid, Refused)) as refused:
        k.create_template(**{**GREETING, **wrong}, by=desk.ann, at=AT)
    assert isinstance(refused.value, YinuoError) and field in refused.value.fields
    assert not ReplyTemplate.unscoped.exists()


def test_those_for_this_step_come_first(desk) -> None:
    for name, stage, channel in (
        ("别步", "closed", ""),
        ("都行", "", ""),
        ("本步", "received", ""),
        ("电话", "received", "phone"),
    ):
        k.create_template(name=name, text="您好", stage=stage, channel=channel, by=desk.ann, at=AT)
    assert names(desk.ann, stage="received", channel="email") == ["本步", "都行", "别步"]
