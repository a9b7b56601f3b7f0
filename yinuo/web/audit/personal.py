"""Looking at personal data and taking it along."""

from typing import Any

from django.utils.translation import gettext_lazy as _

#: A masked field, as the card names it.
REVEALED: dict[str, Any] = {
    "phone": _("电话"),
    "email": _("电子邮件"),
    "wechat": _("微信"),
    "address": _("地址"),
    "uscc": _("统一社会信用代码"),
    "birthday": _("生日"),
    "family": _("家庭情况"),
    "id_number": _("证件号码"),
    "intake": _("接口来件"),
    "mail": _("邮件原文"),
}
#: Looking at personal data and taking it along: what the audit can be narrowed to, and the commands behind it.
PERSONAL: dict[str, tuple[Any, tuple[str, ...]]] = {
    "view": (_("打开卡片"), ("customer.view",)),
    "reveal": (_("查看明文"), ("customer.reveal",)),
    "often": (_("查看明文过多"), ("customer.watch_reveals",)),
    "print": (
        _("打印"),
        ("customer.print", "complaint.note_printed", "complaint.note_report_printed", "complaint.reveal"),
    ),
    "export": (
        _("导出"),
        ("complaint.export_list", "complaint.export_report", "survey.export_answers", "survey.export_results"),
    ),
}
