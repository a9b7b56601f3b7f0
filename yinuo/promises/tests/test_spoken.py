from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.rules import WorkCalendar
from yinuo.kernel.clock import CST
from yinuo.promises.rules.spoken import spoken_promises

CHINA = WorkCalendar(national=national_days(), known_years=national_years())
SUNDAY = datetime(2026, 3, 1, 10, 0, tzinfo=CST)


def heard(text: str, at: datetime = SUNDAY) -> list[str]:
    return [f"{s.due_at.astimezone(CST):%m-%d %H:%M}" for s in spoken_promises(text, at, CHINA)]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("您好，周二下午给您回电。", "03-03 18:00"), ("下周二下午3点给您回电", "03-03 15:00"),
        ("明天上午10点半联系您", "03-02 10:30"), ("今天下班前回复您", "03-01 18:00"), ("今晚给您答复", "03-01 21:00"),
        ("2小时内给您回电", "03-01 12:00"), ("半小时内回电", "03-01 10:30"), ("三个工作日内答复您", "03-05 18:00"),
        ("3月15日前寄给您", "03-15 18:00"), ("星期天晚上八点联系您", "03-01 20:00"),
        ("30分钟内有同事联系您", "03-01 10:30"), ("后天 14:30 上门", "03-03 14:30"), ("7天内送达", "03-08 18:00"),
    ],
)  # fmt: skip
def test_a_time_and_a_deed_make_a_promise(text: str, due: str) -> None:
    assert heard(text) == [due]


@pytest.mark.parametrize(
    "text",
    ["", "感谢您的来信", "请您明天下午给我们回电", "您周二来过我们店", "昨天已给您寄出", "给您添麻烦了", "今天上午9点给您打过电话",
     "13月45日给您寄", "您在下周一前回复即可", "2月1日给您寄出"],
)  # fmt: skip
def test_what_is_no_promise_of_ours_is_left_alone(text: str) -> None:
    assert heard(text) == []


def test_several_promises_in_one_reply() -> None:
    assert heard("我们明天上午给您回电，样品周三寄出给您；谢谢！") == ["03-02 12:00", "03-04 18:00"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text: str) -> None:
    assert all(s.due_at > SUNDAY for s in spoken_promises(text + "明天给您", SUNDAY, CHINA))
