from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.rules import WorkCalendar
from yinuo.kernel.clock import CST
from yinuo.promises.rules.numerals import read_number
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
        ("二十四小时内给您答复", "03-02 10:00"), ("三十分钟内给您回电", "03-01 10:30"), ("二十天内寄给您", "03-21 18:00"),
        ("十五个工作日内答复您", "03-23 18:00"), ("1.5小时内给您回电", "03-01 11:30"), ("一个半小时内回电", "03-01 11:30"),
        ("一小时三十分钟内回电", "03-01 11:30"), ("3-5个工作日内答复您", "03-09 18:00"), ("两三天内给您回复", "03-04 18:00"),
        ("一百二十分钟以内回电", "03-01 12:00"), ("两天半内给您答复", "03-03 22:00"), ("半个工作日内答复您", "03-02 14:30"),
        ("三月十五日前寄给您", "03-15 18:00"), ("3月15日内寄给您", "03-15 18:00"),
        ("周三三点二十分给您回电", "03-04 15:20"), ("周三3点给您回电", "03-04 15:00"), ("周三三点半给您回电", "03-04 15:30"),
        ("周三三点一刻给您回电", "03-04 15:15"), ("周三上午三点三刻给您回电", "03-04 03:45"), ("星期三十点回电", "03-04 10:00"),
        ("周二下午三点零五回电", "03-03 15:05"), ("明天十二点半联系您", "03-02 12:30"), ("明天3:20给您回电", "03-02 15:20"),
        ("明天03:20给您发送", "03-02 03:20"), ("今晚12点前给您答复", "03-02 00:00"), ("中午11点半联系您", "03-01 11:30"),
        ("三点前给您回电", "03-01 15:00"), ("明天早一点给您回电", "03-02 18:00"), ("明天3点2位同事上门", "03-02 15:00"),
    ],
)  # fmt: skip
def test_a_time_and_a_deed_make_a_promise(text: str, due: str) -> None:
    assert heard(text) == [due]


@pytest.mark.parametrize(
    "text",
    ["", "感谢您的来信", "请您明天下午给我们回电", "您周二来过我们店", "昨天已给您寄出", "给您添麻烦了", "今天上午9点给您打过电话",
     "13月45日给您寄", "您在下周一前回复即可", "2月1日给您寄出", "有两点需要告知您", "尽量早一点给您回电", "三点建议发给您",
     "一千小时内给您答复", "99999999小时内回电", "一点小心意寄给您"],
)  # fmt: skip
def test_what_is_no_promise_of_ours_is_left_alone(text: str) -> None:
    assert heard(text) == []


def test_several_promises_in_one_reply() -> None:
    assert heard("我们明天上午给您回电，样品周三寄出给您；谢谢！") == ["03-02 12:00", "03-04 18:00"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text: str) -> None:
    assert all(s.due_at > SUNDAY for s in spoken_promises(text + "明天给您", SUNDAY, CHINA))


DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """Written independently of what reads it: by place, as it is spoken."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += f"{DIGITS[tens]}十" if tens > 1 or hundreds else "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


@given(st.integers(1, 999), st.sampled_from(["分钟内", "小时内", "个工作日内", "天以内", "分钟之内"]))
def test_a_number_reads_the_same_in_digits_and_in_chinese(number: int, unit: str) -> None:
    assert read_number(in_chinese(number)) == number == read_number(str(number))
    assert heard(f"{in_chinese(number)}{unit}给您回电") == heard(f"{number}{unit}给您回电")


@given(st.integers(1, 200))
def test_so_many_minutes_are_so_many_minutes(number: int) -> None:
    (spoken,) = spoken_promises(f"{in_chinese(number)}分钟内给您回电", SUNDAY, CHINA)
    assert spoken.due_at - SUNDAY == timedelta(minutes=number)
