"""The doctor finds what is wrong and always says what to do about it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.guard import permit_writes
from yinuo.operations import doctor, work
from yinuo.operations.demo import bulk
from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import ROOT

pytestmark = pytest.mark.django_db
PATH = re.compile(r"在 (\w+(?: → \w+)+) 里")


def findings(subject: str) -> list[Finding]:
    found = doctor.examine("内置")
    assert all(bool(one.advice) == (one.level != GOOD) for one in found)
    return [one for one in found if one.subject == subject]


def test_every_room_is_looked_at():
    looked = {one.subject for one in doctor.examine("外部")}
    assert looked == {
        "数据库",
        "数据库结构",
        "版本",
        "搜索",
        "时钟",
        "工作日历",
        "邮箱",
        "短信",
        "接口来件",
        "任务队列",
        "承诺时钟",
        "备份",
    }


def test_a_sound_installation_has_nothing_bad():
    assert not [one for one in doctor.examine("内置") if one.level == BAD]


def test_a_year_without_holidays_is_loud():
    with clock.frozen(datetime(2041, 3, 1, tzinfo=UTC)):
        (found,) = findings("工作日历")
    assert (found.level, "2041" in found.words) == (BAD, True)


def test_next_year_is_missed_in_time():
    with clock.frozen(datetime(2040, 11, 1, tzinfo=UTC)):
        (found,) = findings("工作日历")
    assert "2041" in found.words


def test_clocks_that_disagree():
    with clock.frozen(datetime.now(UTC) + timedelta(minutes=5)):
        (found,) = findings("时钟")
    assert found.level == BAD


def test_jobs_nobody_works_on():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at, status)"
            " VALUES ('default', 'some', '{}', now() - interval '1 hour', 'todo'), ('default', 'other', '{}', NULL, 'failed')"
        )
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '1 hour'")
    levels = [one.level for one in findings("任务队列")]
    assert levels == [BAD, WARNING]


def test_a_mailbox_in_trouble():
    from yinuo.channels.email.models import Mailbox

    with permit_writes("test"):
        Mailbox.unscoped.create(name="客服", address="kf@example.cn", trouble="密码不对", trouble_since=clock.now())
    (found,) = findings("邮箱")
    assert found.level == BAD
    assert "kf@example.cn：密码不对" in found.words


def test_mail_nobody_could_read_is_looked_for_where_it_lies():
    from yinuo.channels.email.commands.intake import fail_raw, store_raw
    from yinuo.channels.email.commands.mailboxes import save_mailbox

    with acting_as(Actor.system("test")):
        box = save_mailbox(name="客服", address="kf@example.cn", smtp_host="smtp.example.cn")
        row, _new = store_raw(mailbox_id=box.pk, external_id="1", raw=b"x")
        fail_raw(raw_id=row.pk, reason="no_sender")
    (found,) = [one for one in findings("邮箱") if "没能解析" in one.words]
    assert "设置 → 邮箱 → 邮件队列" in found.advice


def test_every_page_that_is_named_is_there():
    """Each step of a path in an advice is what some page, tab or menu is called."""
    named = {
        step for name in ("ground", "work") for path in PATH.findall((ROOT / f"yinuo/operations/{name}.py").read_text())
        for step in path.split(" → ")
    }  # fmt: skip
    assert {"设置", "邮箱", "邮件队列", "接口来件", "工作日历"} <= named
    pages = "".join(p.read_text() for p in (ROOT / "yinuo/web").rglob("*") if p.suffix in (".py", ".jinja"))
    assert [step for step in named if f'"{step}")' not in pages] == []


def test_search_without_its_indexes():
    assert findings("搜索")[0].level == GOOD
    with permit_writes("test"):
        bulk._drop_search_indexes()
    (found,) = findings("搜索")
    assert found.level == BAD and "4 个" in found.words and "yinuo demo" in found.advice


def test_the_demo_s_mailbox_is_nothing_to_mend():
    from yinuo.channels.email.commands.mailboxes import save_mailbox

    with acting_as(Actor.system("test")):
        save_mailbox(name="演示客服", address="kefu@demo.invalid", rehearsal=True)
    (found,) = findings("邮箱")
    assert found.level == GOOD and "不收不发" in found.words


def test_a_table_that_is_missing_does_not_stop_the_rest():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE calendars_knownyear RENAME TO elsewhere")
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(work, "mailboxes", list)
                found = {one.subject: one for one in doctor.examine("内置")}
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO calendars_knownyear")
    assert found["工作日历"].level == BAD
    assert "yinuo migrate" in found["工作日历"].advice
    assert found["承诺时钟"].level == GOOD
