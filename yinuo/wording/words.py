"""Where a rule may apply. The codes are those of interactions and channels, whose folder lies above this one."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "information": _("信息"), "consulting": _("咨询"), "care": _("关怀"), "complaint": _("投诉"),
    "recovery": _("投诉补救"),
    "objection": _("异议"), "order": _("订购"), "suggestion": _("建议"), "praise": _("表扬"),
}  # fmt: skip
CHANNELS = {
    "portal": _("自助门户"), "email": _("电子邮件"), "phone": _("电话"), "visit": _("来访"), "letter": _("信函"),
    "api": _("接口"), "sms": _("短信"),
}  # fmt: skip
