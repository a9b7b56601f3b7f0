"""Standards, packs and the calendar: each change shows first which open promises move, and says so on each after."""

import re
from datetime import datetime

from yinuo.calendars.queries import current_book
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.matters.commands import create_task
from yinuo.promises.commands import load_pack, make_by_standard, pause_promise
from yinuo.promises.models import Promise, Standard
from yinuo.web.tests.conftest import SYSTEM, make_case


def test_a_standard_shows_what_moves_before_it_is_changed(sign_in, company) -> None:
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        load_pack(name="common")
        create_task(matter_id=case.matter.pk, title="寄样品", unit_id=company.store.pk)
    client = sign_in("boss")
    address = "/settings/standards/common.department-task/edit/"
    page = client.get(address).content.decode()
    fields = dict(re.findall(r'name="([a-z_]+)" id="[^"]*" type="[a-z]+" value="([^"]*)"', page))
    fields |= {
        "trigger": "task.created",
        "kept_by": "task.done",
        "clock": "working_days",
        "sense": "deadline",
        "breach_kind": "none",
        "version": "1",
        "amount": "5",
    }
    seen = client.post(address, fields).content.decode()
    assert "会影响 1 项进行中的承诺" in seen and 'value="apply"' in seen
    assert Standard.objects.filter(key="common.department-task").count() == 1, "a preview writes nothing"
    before = Promise.unscoped.get(task__title="寄样品").due_at
    assert client.post(address, {**fields, "step": "apply"}).status_code == 303
    after = Promise.unscoped.get(task__title="寄样品")
    assert after.due_at > before and after.standard.version == 2
    bad = client.post(address, {**fields, "version": "2", "amount": "-1", "warn_at": "200"}).content.decode()
    assert "id_amount-wrong" in bad
    bad = client.post(
        address, {**fields, "version": "2", "warn_at": "200", "breach_kind": "compensation"}
    ).content.decode()
    assert "id_warn_at-wrong" in bad and "id_breach_kind-wrong" in bad
    assert client.post(address, {**fields, "step": "apply"}).status_code == 409
    shown = client.get("/settings/standards/common.department-task/").content.decode()
    assert "第 2 版" in shown and "第 1 版" in shown
    assert client.get("/settings/standards/no.such/").status_code == 404


def test_packs_load_and_unload(sign_in, company) -> None:
    client = sign_in("boss")
    assert client.post("/settings/packs/post/load/", {"unit": "desk"}).status_code == 303
    assert Standard.objects.filter(pack="post", in_force=True).count() == 7
    assert Standard.objects.filter(pack="post").first().data["conditions"]["unit"] == ["desk"]
    assert "在用 7 条" in client.get("/settings/packs/").content.decode()
    again = client.post("/settings/packs/post/load/", {"unit": "store"}, follow=True).content.decode()
    assert "7 条在用的标准现在也用于" in again and "只用于：" in again
    assert Standard.objects.filter(pack="post", in_force=True).first().data["conditions"]["unit"] == ["desk", "store"]
    once_more = client.post("/settings/packs/post/load/", {"unit": "store"}, follow=True).content.decode()
    assert "这些标准已经用于" in once_more
    assert client.post("/settings/packs/post/remove/").status_code == 303
    assert not Standard.objects.filter(pack="post", in_force=True).exists()
    assert client.post("/settings/packs/nosuch/load/").status_code == 404
    assert sign_in("agent").get("/settings/packs/").status_code == 403


def test_the_calendar_shows_a_year_and_previews_a_change(sign_in, company) -> None:
    client = sign_in("boss")
    page = client.get("/settings/calendars/?year=2026").content.decode()
    assert "共 248 个工作日" in page and "国庆节" in page
    unknown = client.get("/settings/calendars/?year=2027").content.decode()
    assert "节假日未录入" in unknown and "确认已录入完毕" in unknown
    fields = {"on": "2027-01-01", "effect": "off", "name": "元旦", "unit_id": "", "hours": "", "version": "0"}
    preview = client.post("/settings/calendars/day/", fields)
    assert preview.status_code == 200 and "没有进行中的承诺会因此改变" in preview.content.decode()
    done = client.post("/settings/calendars/day/", {**fields, "step": "apply"})
    assert done.status_code == 303 and f"year={fields['on'][:4]}" in done["Location"]
    assert client.post("/settings/calendars/day/", {**fields, "step": "apply"}).status_code == 409
    bad = client.post(
        "/settings/calendars/day/", {**fields, "on": "2027-02-30", "hours": "18:00-09:00"}
    ).content.decode()
    assert "id_on-wrong" in bad and "id_hours-wrong" in bad
    week = {f"day_{n}": "09：00—12：00 13:30-18:00" for n in range(5)} | {
        "unit_id": str(company.store.pk),
        "version": "",
    }
    assert client.post("/settings/calendars/week/", {**week, "step": "apply"}).status_code == 303
    assert client.post("/settings/calendars/week/", {"unit_id": ""}).status_code == 422
    year = client.get("/settings/calendars/year/?year=2027").content.decode()
    assert 'name="year" value="2027"' in year
    assert (
        client.post("/settings/calendars/year/", {"year": "2027", "known": "True", "step": "apply"}).status_code == 303
    )
    assert "节假日已录入" in client.get("/settings/calendars/?year=2027").content.decode()
    for bad_query in ("?year=99999", "?year=x&unit=-1", "?unit=999999"):
        assert client.get("/settings/calendars/" + bad_query).status_code == 200


def test_many_days_are_entered_at_once_and_a_slip_loses_nothing(sign_in, company) -> None:
    client, paste = sign_in("boss"), "/settings/calendars/paste/"
    assert 'value="2027"' in client.get(paste + "?year=2027").content.decode()
    fields = {
        "unit_id": "",
        "of_year": "2027",
        "version": "0",
        "lines": "元旦：1月1日至3日放假。1月32日上班。\n天气不好",
    }
    refused = client.post(paste, fields)
    page = refused.content.decode()
    assert refused.status_code == 422 and "第 1 行：没有 2027 年 1 月 32 日" in page and "第 2 行：没有看到日期" in page
    assert "天气不好</textarea>" in page, "what was typed stays"
    fields["lines"] = "元旦：1月1日至3日放假。1月9日上班。"
    seen = client.post(paste, fields).content.decode()
    assert "2027-01-01 – 2027-01-03" in re.sub("<[^>]+>", "", seen)
    assert "1月9日上班。</textarea>" in seen and current_book().version == 0
    done = client.post(paste, {**fields, "step": "apply"})
    assert done.status_code == 303 and "year=2027" in done["Location"]
    own = current_book().days[None]
    assert {on.day: day.working for on, day in own.items()} == {1: False, 2: False, 3: False, 9: True}
    history = client.get(done["Location"]).content.decode()
    assert "2027年1月1日至3日休息 元旦；2027年1月9日上班 元旦" in history


def test_days_on_end_are_entered_as_first_and_last(sign_in, company) -> None:
    client, day = sign_in("boss"), "/settings/calendars/day/"
    fields = {
        "on": "2027-05-01",
        "until": "2027-04-30",
        "effect": "off",
        "name": "劳动节",
        "version": "0",
        "step": "apply",
    }
    refused = client.post(day, fields)
    assert refused.status_code == 422 and "不能早于第一天" in refused.content.decode()
    assert client.post(day, {**fields, "until": "2027-05-05"}).status_code == 303
    assert sorted(on.day for on in current_book().days[None]) == [1, 2, 3, 4, 5]
    version = str(current_book().version)
    back = {**fields, "on": "2027-05-02", "until": "2027-05-04", "effect": "back", "version": version}
    assert client.post(day, back).status_code == 303
    assert sorted(on.day for on in current_book().days[None]) == [1, 5]


def owed_over_new_year(company) -> Promise:
    """A department's three working days, asked for on Wednesday 30 December 2026."""
    with acting_as(SYSTEM):
        load_pack(name="common")
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        task = create_task(matter_id=case.matter.pk, title="寄样品", unit_id=company.store.pk)
    return Promise.unscoped.get(task=task)


NEW_YEAR = datetime(2026, 12, 30, 10, 0, tzinfo=clock.CST)


def test_a_year_without_holidays_is_said_wherever_its_times_are(sign_in, company) -> None:
    with clock.frozen(NEW_YEAR):
        promise = owed_over_new_year(company)
        agent, boss = sign_in("stock"), sign_in("boss")
        assert "2027 年的节假日还没有录入" in boss.get("/promises/").content.decode()
        assert "2027 年的节假日还没有录入" in boss.get("/settings/calendars/").content.decode()
        page = agent.get(f"/promises/{promise.pk}/").content.decode()
        assert "跨入的年份还没有录入节假日" in page and "2027 年节假日尚未公布，暂按平常周历计" in page
        assert f"{promise.due_at.astimezone(clock.CST):%m-%d}" == "01-04", "counted as a plain Friday until then"


def test_a_day_off_shows_the_promise_it_moves_from_when_to_when_and_moves_nothing_yet(sign_in, company) -> None:
    with clock.frozen(NEW_YEAR):
        promise, boss = owed_over_new_year(company), sign_in("boss")
        fields = {"on": "2027-01-01", "effect": "off", "name": "元旦", "unit_id": "", "hours": "", "version": "0"}
        seen = boss.post("/settings/calendars/day/", fields).content.decode()
        assert "会影响 3 项进行中的承诺" in seen, "the case's other two tasks were asked for the same day"
        assert f"/promises/{promise.pk}/" in seen
        assert "2027-01-04 周一 18:00" in seen and "2027-01-05 周二 18:00" in seen and "暂算" in seen
        promise.refresh_from_db()
        assert f"{promise.due_at.astimezone(clock.CST):%m-%d}" == "01-04"
        assert boss.post("/settings/calendars/day/", {**fields, "step": "apply"}).status_code == 303
        promise.refresh_from_db()
        assert f"{promise.due_at.astimezone(clock.CST):%m-%d}" == "01-05"
        story = boss.get(f"/promises/{promise.pk}/").content.decode()
        assert "工作日历调整" in story and "元旦" in story


def test_a_condition_nobody_knows_is_refused_beside_its_field(sign_in, company) -> None:
    with acting_as(SYSTEM):
        load_pack(name="common")
    boss = sign_in("boss")
    fields = {
        "key": "nanjing.reply", "title": "南京投诉答复", "trigger": "complaint.received", "obligation": "interim_reply",
        "sense": "deadline", "clock": "working_days", "amount": "1", "breach_kind": "none",
    }  # fmt: skip
    wrong = boss.post("/settings/standards/new/", {**fields, "more_conditions": "regoin=江苏"}).content.decode()
    assert "没有“regoin”这个条件" in wrong and "id_more_conditions-wrong" in wrong
    sent = {**fields, "more_conditions": "region=江苏南京，江苏苏州 channel=email、portal"}
    assert boss.post("/settings/standards/new/", sent).status_code == 303
    made = Standard.objects.get(key="nanjing.reply").spec.conditions
    assert made == {"region": ("江苏南京", "江苏苏州"), "channel": ("email", "portal")}
    assert "客户地区：江苏南京、江苏苏州" in boss.get("/settings/standards/nanjing.reply/").content.decode()


def test_a_standard_for_one_kind_of_complaint_is_ticked_and_read_in_words(sign_in, company) -> None:
    with acting_as(SYSTEM):
        load_pack(name="lubricant")
    boss, address = sign_in("boss"), "/settings/standards/lubricant.complaint-answer/"
    page = boss.get(address).content.decode()
    assert "投诉类别：产品、尚未判断" in page
    page = boss.get(address + "edit/").content.decode()
    ticked = re.findall(r'name="only_complaint_kind"[^>]*value="(\w+)"[^>]*checked', page)
    assert ticked == ["product", "unjudged"] and "服务态度" in page
    fields = {
        "key": "lubricant.complaint-answer", "title": "市场质量投诉答复", "trigger": "complaint.received", "obligation": "first_answer", "amount": "24",
        "sense": "deadline", "clock": "calendar_hours", "breach_kind": "apology", "kept_by": ["reply"], "version": "1",
        "only_complaint_kind": ["product"], "only_complaint_subkind": ["defect"],
        "more_conditions": "客户地区=江苏 揽收区域=市区",
    }  # fmt: skip
    seen = boss.post(address + "edit/", fields).content.decode()
    assert "只影响今后的承诺" in seen and 'value="apply"' in seen
    assert boss.post(address + "edit/", {**fields, "step": "apply"}).status_code == 303
    page = boss.get(address).content.decode()
    assert "投诉类别：产品<" in page and "投诉细类：缺陷" in page and "揽收区域：市区" in page and "第 2 版" in page
    held = Standard.objects.get(key="lubricant.complaint-answer", in_force=True).spec.conditions
    assert held["complaint_kind"] == ("product",) and held["area"] == ("town",)


def test_a_paused_promise_is_in_the_preview_with_what_would_be_left(sign_in, company) -> None:
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        load_pack(name="lubricant")
    with acting_as(company.actor("agent")):
        owed = make_by_standard(standard="lubricant.training", customer_id=case.customer.pk)
        pause_promise(promise_id=owed.pk, reason="等客户定日子")
    boss, address = sign_in("boss"), "/settings/standards/lubricant.training/"
    fields = {
        "key": "lubricant.training", "title": "培训实施", "trigger": "training.requested", "obligation": "training", "amount": "20",
        "sense": "deadline", "clock": "calendar_days", "breach_kind": "none", "pauses": "on", "version": "1",
    }  # fmt: skip
    seen = boss.post(address + "edit/", fields).content.decode()
    assert "会影响 1 项进行中的承诺" in seen and "暂停中，还剩 30 天" in seen and "还剩 20 天，恢复计时后" in seen
    assert boss.post(address + "edit/", {**fields, "step": "apply"}).status_code == 303
    story = boss.get(f"/promises/{owed.pk}/").content.decode()
    assert "由还剩 30 天 改为还剩 20 天" in story
