"""The words of this channel: why a mail is in a queue, what was left out of one, what an automatic receipt says."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

REASONS = {
    "empty": lazy("邮件是空的"),
    "no_sender": lazy("没有发件人地址"),
    "broken": lazy("格式损坏，无法识别"),
    "too_deep": lazy("嵌套层次过深"),
    "too_slow": lazy("解析时间过长，已中止"),
    "parser_died": lazy("解析时占用资源过多，已中止"),
    "file_lost": lazy("原始文件不在文件夹中"),
    "error": lazy("入库时多次出错"),
    "duplicate": lazy("与已收到的邮件相同"),
    "own_mail": lazy("我方自己发出的邮件"),
    "loop": lazy("邮件循环，已截断"),
    "auto_reply": lazy("自动回复，不属于任何会话"),
    "bounce_unknown": lazy("退信，但找不到对应的发出邮件"),
    "read_receipt": lazy("已读回执"),
    "by_person": lazy("人工标记无需处理"),
    "bounce": lazy("退信，已登记到发出的邮件"),
    "new": lazy("新会话"),
    "thread": lazy("归入原有会话"),
    "unverified": lazy("归入原有会话，发件人待核实"),
}
PROBLEMS = {
    "text_cut": lazy("正文过长，完整正文见附件或原始邮件"),
    "too_large": lazy("邮件过大，附件请从原始邮件中取得"),
    "too_many_parts": lazy("邮件部分过多，只显示前面的部分"),
    "too_many_files": lazy("附件过多，其余附件见原始邮件"),
    "too_deep": lazy("嵌套层次过深，最里层见原始邮件"),
    "broken_boundary": lazy("邮件分段标记损坏，正文按原样显示"),
    "html_left_out": lazy("网页格式过于复杂，只显示文字"),
}


def reason_text(code: str) -> str:
    return str(REASONS.get(code, code))


def receipt_text(subject: str) -> str:
    """The default automatic receipt; it repeats nothing but the sender's own subject."""
    return _(
        "您好：\n\n您的来信「%(subject)s」我们已经收到，谢谢您告诉我们。\n"
        "我们会在 4 小时内答复您；如果还需要更多时间查明情况，也会先告诉您进展。\n"
        "需要补充说明或照片时，直接回复本邮件即可。"
    ) % {"subject": subject or _("（无主题）")}


def reply_footer(token: str) -> str:
    return _("直接回复本邮件即可，请保留此编号：%(token)s") % {"token": token}
