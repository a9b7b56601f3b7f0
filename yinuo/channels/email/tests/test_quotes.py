"""What was written now, in the forms of the mail programs customers use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.email.parsing.quotes import split

NEW = "机油还是没有收到，请尽快处理。"
OLD = "您好，我们已为您登记。"

QUOTED = {
    "qq": f'{NEW}\n\n\n------------------ 原始邮件 ------------------\n发件人: "一诺客服" <kf@yinuo.cn>;\n发送时间: 2026年11月20日(星期五) 上午10:12\n收件人: "张三"<z@qq.com>;\n\n主题: 投诉回执\n\n\n{OLD}',
    "qq nbsp": f"{NEW}\n------------------\u00a0原始邮件\u00a0------------------\n发件人: x\n\n{OLD}",
    "qq english": f'{NEW}\n\n------------------ Original ------------------\nFrom: "kf" <kf@yinuo.cn>;\nDate: Fri, Nov 20, 2026 10:12 AM\nTo: "z"<z@qq.com>;\nSubject: x\n\n{OLD}',
    "foxmail": f"{NEW}\n\n\n张三\nz@x.cn\n \n发件人： 一诺客服\n发送时间： 2026-11-20 10:12\n收件人： z\n主题： 投诉回执\n{OLD}",
    "163 classic": f'{NEW}\n\n在 2026-11-20 10:12:33，"一诺客服" <kf@yinuo.cn> 写道：\n\n{OLD}',
    "163 marks": f'{NEW}\n\n\n\n\nAt 2026-11-20 10:12:33, "kf" <kf@yinuo.cn> wrote:\n>{OLD}\n>第二行\n',
    "163 new": f"{NEW}\n\n| |\n张三\n|\n---- 回复的原邮件 ----\n| 发件人 | 一诺客服<kf@yinuo.cn> |\n| 日期 | 2026年11月20日 10:12 |\n| 收件人 | z@163.com |\n| 主题 | 投诉回执 |\n{OLD}",
    "outlook zh": f"{NEW}\n\n发件人: 一诺客服 <kf@yinuo.cn>\n发送时间: 2026年11月20日 10:12\n收件人: 张三 <z@x.cn>\n主题: 投诉回执\n\n{OLD}",
    "outlook zh rule": f"{NEW}\n\n________________________________\n发件人: 一诺客服 <kf@yinuo.cn>\n发送时间: 2026年11月20日 10:12\n收件人: 张三\n主题: 投诉回执\n\n{OLD}",
    "outlook zh original": f"{NEW}\n\n-----邮件原件-----\n发件人: 一诺客服\n发送时间: 2026年11月20日\n收件人: z\n主题: x\n\n{OLD}",
    "outlook bold": f"{NEW}\n\n*发件人:* 一诺客服 <kf@yinuo.cn>\n*发送时间:* 2026年11月20日 10:12\n*收件人:* 张三\n*主题:* 投诉回执\n\n{OLD}",
    "outlook en": f"{NEW}\n\n-----Original Message-----\nFrom: kf <kf@yinuo.cn>\nSent: Friday, November 20, 2026 10:12\nTo: z\nSubject: x\n\n{OLD}",
    "outlook en bare": f"{NEW}\n\nFrom: kf <kf@yinuo.cn>\nSent: Friday, November 20, 2026 10:12 AM\nTo: z <z@x.cn>\nSubject: RE: x\n\n{OLD}",
    "gmail zh": f"{NEW}\n\n一诺客服 <kf@yinuo.cn> 于2026年11月20日周五 10:12写道：\n\n> {OLD}\n> 第二行\n",
    "gmail zh folded": f"{NEW}\n\n一诺客服有限公司客户服务中心 <kf-center-service@yinuo.cn>\n于2026年11月20日周五 10:12写道：\n\n> {OLD}\n",
    "gmail en": f"{NEW}\n\nOn Fri, Nov 20, 2026 at 10:12 AM kf <kf@yinuo.cn> wrote:\n\n> {OLD}\n",
    "gmail en folded": f"{NEW}\n\nOn Fri, Nov 20, 2026 at 10:12 AM A very long name of a sender indeed <\nkf@yinuo.cn> wrote:\n\n> {OLD}\n",
    "apple zh": f"{NEW}\n\n> 在 2026年11月20日，上午10:12，一诺客服 <kf@yinuo.cn> 写道：\n> \n> {OLD}\n",
    "apple zh plain": f"{NEW}\n\n> 2026年11月20日 上午10:12，一诺客服 <kf@yinuo.cn> 写道：\n> \n> {OLD}\n",
    "apple en": f"{NEW}\n\n> On Nov 20, 2026, at 10:12, kf <kf@yinuo.cn> wrote:\n> \n> {OLD}\n",
    "dingtalk": f"{NEW}\n------------------------------------------------------------------\n发件人：一诺客服 <kf@yinuo.cn>\n发送时间：2026年11月20日(星期五) 10:12\n收件人：张三\n主　题：投诉回执\n\n{OLD}",
    "sina": f"{NEW}\n----- 原始邮件 -----\n发件人：一诺客服\n收件人：z\n主题：x\n日期：2026年11月20日\n\n{OLD}",
    "taiwan": f"{NEW}\n\n寄件者: 一諾客服 <kf@yinuo.cn>\n寄件日期: 2026年11月20日\n收件者: 張三\n主旨: x\n\n{OLD}",
    "thunderbird zh": f"{NEW}\n\n在 2026/11/20 10:12, 一诺客服 写道:\n> {OLD}\n",
    "mutt": f"{NEW}\n\n* 一诺客服 <kf@yinuo.cn> wrote:\n> {OLD}\n",
    "german": f"{NEW}\n\nAm 20.11.26 um 10:12 schrieb kf:\n> {OLD}\n",
    "french": f"{NEW}\n\nLe 20 nov. 2026 à 10:12, kf <kf@yinuo.cn> a écrit :\n> {OLD}\n",
    "ours": f"{NEW}\n\n##- 请在此行以上回复 -##\n{OLD}",
}


@pytest.mark.parametrize("form", QUOTED)
def test_the_answered_mail_is_cut_off(form):
    parts = split(QUOTED[form].replace("##- 请", "##- 请"))
    assert NEW in parts.new
    assert OLD not in parts.new
    assert OLD in parts.quoted
    assert "写道" not in parts.new
    assert "发件人" not in parts.new


def test_an_answer_below_the_quotation_is_kept():
    parts = split(f'在 2026-11-20 10:12，"kf" <kf@yinuo.cn> 写道：\n> {OLD}\n> 第二行\n\n{NEW}\n')
    assert parts.new == NEW
    assert OLD in parts.quoted


def test_answers_between_quoted_lines_keep_their_questions():
    text = f"On Fri, Nov 20, 2026 kf wrote:\n> 什么型号？\n\n5W-30\n\n> 哪天买的？\n\n{NEW}\n"
    parts = split(text)
    assert "什么型号" in parts.new
    assert NEW in parts.new


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "-------- 转发邮件信息 --------",
        "---- 转发的邮件 ----",
        "Begin forwarded message:",
    ],
)
def test_a_forward_is_the_message(marker):
    text = f"请处理\n\n{marker}\n发件人: 王五\n发送时间: 2026年11月20日\n收件人: 张三\n主题: 投诉\n\n{OLD}"
    assert OLD in split(text).new


def test_a_mail_that_is_only_quotation_stays_whole():
    text = f"发件人: 王五\n发送时间: x\n收件人: y\n主题: z\n\n{OLD}"
    assert OLD in split(text).new


@pytest.mark.parametrize(
    "line",
    [
        "发自我的iPhone",
        "发自我的 iPhone",
        "發自我的手机",
        "Sent from my iPhone",
        "获取 Outlook for iOS",
        "发自网易邮箱大师",
        "通过QQ邮箱客户端发送",
    ],
)
def test_mobile_signatures_are_set_apart(line):
    parts = split(f"{NEW}\n\n{line}\n")
    assert parts.new == NEW
    assert parts.signature == line


def test_a_dashed_signature_is_set_apart():
    parts = split(f"{NEW}\n-- \n张三\n13800138000")
    assert parts.new == NEW
    assert "13800138000" in parts.signature


@pytest.mark.parametrize(
    "text",
    [
        "我于2026年11月1日在贵店购买了机油，至今没有收到。",
        "From: 这个词在正文里\n没有别的头。",
        "收件人: 张三\n地址: 北京\n电话: 13800138000",
        "------------------------------\n清单\n------------------------------\n一、机油",
        "他写道：没有收到。\n请处理。",
        "-" * 300,
        "> 只有引用",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert split(text).new == text


@given(st.text(alphabet=st.sampled_from("发件人: 主题时间写道>-_|\n aFrom:于2026年Onwrote在"), max_size=400))
def test_nothing_is_lost_and_nothing_raises(text):
    parts = split(text)
    if text.strip():
        assert parts.new.strip()


def test_a_long_mail_is_quick():
    import time

    start = time.monotonic()
    split("在 2026 年，我们 <a@b> 说了很多很多\n" * 15_000)
    split(("x" * 500 + ":\n") * 5_000)
    assert time.monotonic() - start < 10
