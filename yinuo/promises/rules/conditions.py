"""What a standard may be conditioned on, in words. Where the values are known, no other is taken.

`unjudged` is a complaint whose kind nobody has named yet: a standard that holds for it too runs from the registration
and ends when the complaint turns out to be of another kind (`changed`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from yinuo.promises.rules.matching import applicable
from yinuo.promises.rules.standard import StandardSpec

Words = dict[str, str | Lazy]

LABELS: Words = {
    "grade": _("客户级别"), "region": _("客户地区"), "unit": _("部门"), "kind": _("事项类型"),
    "complaint_kind": _("投诉类别"), "complaint_subkind": _("投诉细类"), "channel": _("渠道"),
    "severity": _("严重程度"), "complexity": _("复杂程度"), "area": _("揽收区域"), "visit_class": _("走访类别"),
    "staff_level": _("人员级别"),
}  # fmt: skip
_UNJUDGED = _("尚未判断")
VALUES: dict[str, Words] = {
    "grade": {"A": _("A 重点"), "B": _("B 潜力"), "C": _("C 普通")},
    "kind": {
        "complaint": _("投诉"), "enquiry": _("咨询"), "suggestion": _("建议"), "praise": _("表扬"),
        "service_order": _("服务单"), "visit": _("拜访"),
    },
    "complaint_kind": {
        "expectation": _("期望落差"), "product": _("产品"), "service": _("服务"), "process": _("流程"),
        "unjudged": _UNJUDGED,
    },
    "complaint_subkind": {
        "product_itself": _("产品本身"), "packaging": _("包装"), "defect": _("缺陷"), "misuse": _("使用不当"),
        "attitude": _("服务态度"), "method": _("服务方式"), "unjudged": _UNJUDGED,
    },
    "channel": {
        "portal": _("自助门户"), "email": _("电子邮件"), "phone": _("电话"), "visit": _("来访"), "letter": _("信函"),
        "api": _("接口"), "sms": _("短信"), "note": _("内部记录"),
    },
    "severity": {"minor": _("轻微"), "ordinary": _("一般"), "serious": _("严重"), "critical": _("重大")},
    "complexity": {"simple": _("简单"), "ordinary": _("一般"), "complex": _("复杂")},
    "area": {"town": _("市区"), "country": _("农村"), "special": _("特殊情况")},
    "visit_class": {"1": _("一类"), "2": _("二类"), "3": _("三类")},
}  # fmt: skip
#: A matter keeps its severity as 0..3.
SEVERITIES = tuple(VALUES["severity"])


def value_label(key: str, value: str) -> str:
    return str(VALUES.get(key, {}).get(value, value))


def key_of(name: str) -> str:
    """The condition somebody wrote: by its name in words or by its code."""
    return next((key for key, label in LABELS.items() if str(label) == name), name)


def value_of(key: str, name: str) -> str:
    return next((value for value, label in VALUES.get(key, {}).items() if str(label) == name), name)


def changed(
    specs: Iterable[StandardSpec], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[StandardSpec], list[StandardSpec]]:
    """The standards that held `before` and hold no more, and those that hold `after` and did not."""
    rows = list(specs)
    old = {spec.key: spec for spec in applicable(rows, before)}
    new = {spec.key: spec for spec in applicable(rows, after)}
    return [s for key, s in old.items() if key not in new], [s for key, s in new.items() if key not in old]
