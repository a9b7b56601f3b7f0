"""What a customer is told on the public pages, and how much anybody may try. Pure."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from yinuo.kernel.clock import CST

Text = str | Lazy

MAX_FILES = 9
MAX_CONTENT = 5_000
#: No 0/O, 1/I/L: the code is read off a screen and typed on a phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
QUERY_CODE_LENGTH = 6
SENT_CODE_DIGITS = 6
SENT_CODE_LIFE = timedelta(minutes=10)
SENT_CODE_TRIES = 5
LINK_LIFE = timedelta(days=90)
SHARE_LIFE = timedelta(days=30)
UNLOCK_LIFE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` in `window`."""

    times: int
    window: timedelta


#: Many phones share one address behind a carrier's gateway, so the address alone is a wide net.
LIMITS: dict[str, Limit] = {
    "submit_address": Limit(60, timedelta(hours=1)),
    "submit_unproved": Limit(3, timedelta(minutes=10)),
    "submit_contact": Limit(6, timedelta(hours=1)),
    "upload_address": Limit(120, timedelta(hours=1)),
    # megabytes: what strangers may leave waiting all together would otherwise be full from two addresses
    "upload_megabytes": Limit(500, timedelta(hours=1)),
    "add_matter": Limit(20, timedelta(hours=1)),
    "unlock_address": Limit(30, timedelta(minutes=15)),
    "unlock_here": Limit(10, timedelta(minutes=15)),
    "unlock_number": Limit(100, timedelta(minutes=15)),
    "code_address": Limit(10, timedelta(hours=1)),
    "code_number": Limit(3, timedelta(hours=1)),
    "sign_matter": Limit(20, timedelta(hours=1)),
    "survey_here": Limit(120, timedelta(hours=1)),
    "share_matter": Limit(20, timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four things a customer may bring."""

    code: str
    label: Text
    lead: Text
    ask: Text
    hint: Text
    icon: str
    interaction: str
    thanks: Text


KINDS: dict[str, Kind] = {
    "complaint": Kind(
        "complaint", lazy("投诉"), lazy("有不满意的地方"), lazy("发生了什么？"),
        lazy("时间、地点、经过，想到什么写什么。"),
        "message-report", "complaint", lazy("谢谢您告诉我们。您的投诉已经收到。"),
    ),
    "enquiry": Kind(
        "enquiry", lazy("咨询"), lazy("有问题想问"), lazy("您想问什么？"), lazy("一句话也可以。"),
        "help-circle", "consulting", lazy("您的问题已经收到。"),
    ),
    "suggestion": Kind(
        "suggestion", lazy("建议"), lazy("可以做得更好"), lazy("您的建议是？"), lazy("哪里可以做得更好？"),
        "bulb", "suggestion", lazy("谢谢您的建议，我们已经收到。"),
    ),
    "praise": Kind(
        "praise", lazy("表扬"), lazy("有人帮到了您"), lazy("您想表扬谁、什么事？"),
        lazy("记得名字就写上，不记得也没关系。"),
        "thumb-up", "praise", lazy("谢谢您的鼓励，我们会转达给本人。"),
    ),
}  # fmt: skip

#: Quick answers to 您希望我们怎么做; what is ticked becomes the first line of the demand.
WISHES: dict[str, Text] = {
    "refund": lazy("退款"), "replace": lazy("换货"), "repair": lazy("维修"), "compensate": lazy("赔偿"),
    "apology": lazy("道歉"), "explain": lazy("解释清楚"),
}  # fmt: skip

STEPS: tuple[Text, ...] = (lazy("已收到"), lazy("核实"), lazy("商定方案"), lazy("落实"), lazy("回访"), lazy("办结"))
_STEP_OF: dict[str, int] = {
    "received": 0, "acknowledged": 1, "assessed": 1, "investigating": 1, "proposing": 2, "approving": 2, "offered": 2,
    "executing": 3, "callback": 4, "closed": 5,
}  # fmt: skip
_WHERE: dict[str, Text] = {
    "received": lazy("我们已收到，正在安排专人处理。"),
    "acknowledged": lazy("已有专人负责，正在了解情况。"),
    "assessed": lazy("情况已了解，即将开始调查。"),
    "investigating": lazy("正在调查核实。"),
    "proposing": lazy("调查已完成，正在准备处理方案。"),
    "approving": lazy("处理方案正在内部审批。"),
    "offered": lazy("处理方案已准备好，等您确认。"),
    "executing": lazy("方案已商定，各部门正在落实。"),
    "callback": lazy("已全部落实，我们会联系您，听听您是否满意。"),
    "closed": lazy("已办结。"),
    "withdrawn": lazy("按您的意思，这件投诉已撤回。"),
    "rejected": lazy("经核实不予受理，理由已告知您。"),
    "merged": lazy("与您的另一件投诉合并处理。"),
    "escalated_out": lazy("已转由外部机构处理，我们会继续配合。"),
    "open": lazy("我们已收到，正在处理。"),
}
#: The same for whoever is not the customer: a link that was passed on speaks of the customer, not to them.
_WHERE_PASSED: dict[str, Text] = {
    "offered": lazy("处理方案已准备好，等客户确认。"), "callback": lazy("已全部落实，接下来回访客户。"),
    "withdrawn": lazy("按客户的意思，这件投诉已撤回。"), "rejected": lazy("经核实不予受理，理由已告知客户。"),
    "merged": lazy("与客户的另一件投诉合并处理。"),
}  # fmt: skip
ENDED = frozenset({"closed", "withdrawn", "rejected", "merged"})


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a case is, in words a customer understands. `current` is -1 when it left the main line."""

    steps: tuple[str, ...]
    current: int
    sentence: str
    ended: bool


def progress(kind: str, state: str, is_open: bool, answered: bool = False, *, passed: bool = False) -> Progress:
    """A complaint walks six steps; everything else is received, in hand, answered. `passed`: said to somebody else."""
    if kind == "complaint":
        where = (_WHERE_PASSED.get(state) if passed else None) or _WHERE.get(state, _WHERE["open"])
        return Progress(tuple(str(s) for s in STEPS), _STEP_OF.get(state, -1), str(where), state in ENDED)
    steps = (_("已收到"), _("处理中"), _("已答复"))
    if not is_open:
        return Progress(steps, 2, _("已办结。"), True)
    if answered:
        said = _("已答复客户。") if passed else _("已答复。还有问题，直接在下面补充就好。")
        return Progress(steps, 2, said, False)
    return Progress(steps, 1, str(_WHERE["open"]), False)


def day_and_time(at: datetime, now: datetime) -> str:
    """A time as a person says it in China: 11月26日 周四 18:00, with the year only when it is another."""
    local = at.astimezone(CST)
    week = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    values = {
        "y": local.year, "m": local.month, "d": local.day, "w": week[local.weekday()], "t": f"{local:%H:%M}",
    }  # fmt: skip
    same = local.year == now.astimezone(CST).year
    return (_("%(m)d月%(d)d日 %(w)s %(t)s") if same else _("%(y)d年%(m)d月%(d)d日 %(w)s %(t)s")) % values


#: What the masked page says of a public timeline line. A kind not named here is not shown to a forwarded link.
_LINES: dict[str, Text] = {
    "received": lazy("我们收到了您的来信"), "replied": lazy("我们给您回了信"), "restated": lazy("我们请您核对登记内容"),
    "restatement_answered": lazy("您核对了登记内容"), "information": lazy("您补充了信息"), "rated": lazy("您作了评价"),
    "agreement_offered": lazy("处理协议已发给您"), "agreement_confirmed": lazy("您确认了处理协议"),
    "agreement_refused": lazy("您没有接受处理协议"), "callback": lazy("我们回访了您"),
}  # fmt: skip


#: The same, said of the customer instead of to them.
_LINES_PASSED: dict[str, Text] = {
    "received": lazy("收到客户的来信"), "replied": lazy("给客户回了信"), "restated": lazy("请客户核对登记内容"),
    "restatement_answered": lazy("客户核对了登记内容"), "information": lazy("客户补充了信息"),
    "rated": lazy("客户作了评价"), "agreement_offered": lazy("处理协议已发给客户"),
    "agreement_confirmed": lazy("客户确认了处理协议"), "agreement_refused": lazy("客户没有接受处理协议"),
    "callback": lazy("回访了客户"),
}  # fmt: skip


def passed_line(kind: str, data: Mapping[str, object], direction: str = "") -> str:
    """As `line`, for a link that was passed on."""
    if kind == "stage":
        to = str(data.get("to", ""))
        return str(_WHERE_PASSED.get(to) or _WHERE[to]) if to in _WHERE else ""
    if kind == "interaction":
        return _("客户来信") if direction == "in" else _("给客户回了信")
    return str(_LINES_PASSED.get(kind, ""))


def line(kind: str, data: Mapping[str, object], direction: str = "") -> str:
    """One public timeline line without anything personal; empty when it may not be shown to a forwarded link."""
    if kind == "stage":
        to = str(data.get("to", ""))
        return str(_WHERE[to]) if to in _WHERE else ""
    if kind == "interaction":
        return _("您给我们写了信") if direction == "in" else _("我们给您回了信")
    return str(_LINES.get(kind, ""))


_COMPOUND = frozenset((Path(__file__).parent / "data/compound_surnames.txt").read_text("utf-8").split())
_TITLES: tuple[tuple[str, Text], ...] = (("leader", lazy("经理")), ("supervisor", lazy("主管")))


def masked_number(number: str) -> str:
    """Enough of a number to tell two cases apart, too little to look one up: TS2611••-••0123."""
    return f"{number[:6]}••-••{number[-4:]}" if len(number) > 12 else "••••"


def handler_name(name: str, role_codes: Collection[str]) -> str:
    """Surname and title, nothing more: 李专员."""
    surname = name[:2] if name[:2] in _COMPOUND else name[:1]
    title = next((label for code, label in _TITLES if code in role_codes), _("专员"))
    return f"{surname}{title}"


def query_code(key: str, matter_id: int) -> str:
    """The six characters on the receipt. Made from the key each time, so nothing secret is stored."""
    digest = hmac.new(sha256(f"yinuo.portal.query.{key}".encode()).digest(), str(matter_id).encode(), sha256).digest()
    number = int.from_bytes(digest[:16], "big")
    letters = []
    for _position in range(QUERY_CODE_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def tidy_code(typed: str) -> str:
    """What was typed as a code: no spaces or dashes, upper case, full-width letters folded."""
    folded = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in typed[:40])
    return "".join(c for c in folded.upper() if c.isascii() and c.isalnum())


def tidy_number(typed: str) -> str:
    """A matter number as printed: TS261122-000123, also when typed without the dash or in small letters."""
    text = tidy_code(typed)
    return f"{text[:8]}-{text[8:]}" if len(text) > 8 else text


def demand_text(wishes: Collection[str], words: str) -> str:
    """The demand as one text: what was ticked, then what was written."""
    ticked = "、".join(str(label) for code, label in WISHES.items() if code in wishes)
    return "\n".join(part for part in (ticked, words.strip()) if part)
