"""What a password must be, after NIST SP 800-63B: long enough, not common, not oneself. No rules about which signs are
in it and no date on which it runs out: both make people choose worse ones.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.kernel.errors import Invalid

LEAST = 10
#: Shown beside every field where a new password is typed, before it is typed.
RULE = gettext_lazy(
    "至少 10 个字符，可以是一句话；不要用常见的密码，也不要用自己的姓名、登录名。"
    "不必混用大小写和符号，也不会定期要您改。"
)
ALIKE = 0.7


class LongEnough:
    """Django's own sentence is not translated."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < LEAST:
            raise ValidationError(_("密码太短了，至少要 %(least)d 个字符。") % {"least": LEAST}, code="short")

    def get_help_text(self) -> str:
        return str(RULE)


class NotOneself:
    """Refuses the person's name (also in pinyin), login name, phone or mail address as a password, or most of it."""

    def validate(self, password: str, user: Any = None) -> None:
        given = password.lower()
        if user is not None and any(_resembles(given, part) for part in _parts(user)):
            raise ValidationError(_("密码与姓名、登录名或联系方式太像了。"), code="oneself")

    def get_help_text(self) -> str:
        return str(RULE)


def _parts(user: Any) -> Iterator[str]:
    from pypinyin import lazy_pinyin  # its dictionaries take 60 MB: only of a process that has a password to judge

    name = str(getattr(user, "name", ""))
    sounds = lazy_pinyin(name)
    yield from {name, "".join(sounds), "".join(sounds[1:] + sounds[:1])}
    for field in ("username", "email", "phone"):
        value = str(getattr(user, field, "") or "").lower()
        yield from {value, *re.split(r"\W+", value)}


def _resembles(given: str, part: str) -> bool:
    """A long sentence may hold a name; what is a third of it or more may not."""
    part = part.lower()
    if len(part) < 3:
        return False
    return given.count(part) * len(part) * 3 >= len(given) or SequenceMatcher(a=given, b=part).quick_ratio() >= ALIKE


def checked(password: str, staff: Any, *, field: str = "password") -> str:
    """The password, if this person may use it; `field` is where the sentence belongs."""
    try:
        validate_password(password, staff)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        raise Invalid(sentence, fields={field: sentence}) from None
    return password
