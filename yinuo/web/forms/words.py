"""What a field says when a value cannot be taken, as a person would say it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

#: By the code of the refusal; a field that says it better keeps its own words.
BY_CODE = {
    "max_length": gettext_lazy("最多 %(limit_value)d 个字，现在有 %(show_value)d 个，请删减。"),
    "min_value": gettext_lazy("不能小于 %(limit_value)s。"),
    "max_value": gettext_lazy("不能大于 %(limit_value)s。"),
    "max_digits": gettext_lazy("这个数太大了，请核对。"),
    "max_whole_digits": gettext_lazy("这个数太大了，请核对。"),
    "null_characters_not_allowed": gettext_lazy("里面混进了看不见的控制字符，请删掉后再提交。"),
    "max_decimal_places": gettext_lazy("最多写到小数点后 %(max)s 位。"),
}
BY_KIND: tuple[tuple[type[forms.Field], str, Any], ...] = (
    (forms.SlugField, "invalid", gettext_lazy("只能用英文字母、数字、短横和下划线。")),
    (forms.EmailField, "invalid", gettext_lazy("邮箱地址不对，例如 name@example.com。")),
    (forms.IntegerField, "invalid", gettext_lazy("请填写整数。")),
    (forms.DecimalField, "invalid", gettext_lazy("请填写数字，例如 128.50。")),
    (forms.ChoiceField, "invalid_choice", gettext_lazy("这个选项已经不在了，请重新选择")),
    (forms.MultipleChoiceField, "invalid_choice", gettext_lazy("这个选项已经不在了，请重新选择")),
)


def speak_plainly(field: forms.Field) -> None:
    """Replace the framework's sentences, never the field's own."""
    said = field.error_messages
    for code, sentence in BY_CODE.items():
        said.setdefault(code, sentence)
    for kind, code, sentence in BY_KIND:
        if isinstance(field, kind) and said.get(code) == _framework(kind, code):
            said[code] = sentence


def _framework(kind: Any, code: str) -> Any:
    """What the framework says of itself; nothing where a validator speaks for the field."""
    return getattr(kind, "default_error_messages", {}).get(code)
