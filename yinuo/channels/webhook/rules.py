"""When to try again, when to give up, which events are offered, what a good address is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

#: Waits after each failed attempt: soon, then over three days.
WAITS = (
    timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=6), timedelta(hours=12), timedelta(hours=24), timedelta(hours=24),
)  # fmt: skip
#: An endpoint that has failed for so long, without one success, is switched off and says so.
DISABLE_AFTER = timedelta(days=5)
#: How long a replaced secret still signs, beside the new one.
SIGNS_ALONG = timedelta(hours=24)
KEEP_DELIVERIES = timedelta(days=30)
TEST_EVENT = "webhook.test"

EVENTS: dict[str, Lazy] = {
    "complaint.received": lazy("投诉已登记"),
    "complaint.stage_changed": lazy("投诉进入新阶段"),
    "matter.opened": lazy("事项已建立"),
    "matter.assigned": lazy("事项换了负责人"),
    "task.created": lazy("任务已派出"),
    "task.done": lazy("任务已完成"),
    "interaction.received": lazy("收到客户消息"),
    "interaction.queued": lazy("回复待发送"),
    "interaction.sent": lazy("回复已发出"),
    "interaction.bounced": lazy("回复被退回"),
    "promise.warned": lazy("承诺即将到期"),
    "promise.broken": lazy("承诺未能兑现"),
    "promise.kept": lazy("承诺已兑现"),
    "promise.escalated": lazy("承诺已升级"),
    "approval.decided": lazy("审批有结果"),
    "survey.sent": lazy("问卷已发出"),
    "survey.answered": lazy("收到答卷"),
    "survey.low": lazy("答卷分数低或客户希望联系"),
    "customer.merged": lazy("客户档案已合并"),
    "customer.split": lazy("客户合并已撤销"),
}


#: What people wrote. It stays here: the receiver asks for it with a key, which sees what its account may see.
WORDS = frozenset({"title", "text", "reason", "comment", "note", "subject", "name", "answer", "explanation"})


def told(data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an event that leaves the house: which rows, which state, when; nobody's words."""
    return {key: value for key, value in data.items() if key not in WORDS}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to."""

    status: int | None
    response: str = ""
    error: str = ""
    took_ms: int = 0

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver says that it will never want this again (Standard Webhooks: 410)."""
        return self.status == 410


def next_try(attempts: int, at: datetime) -> datetime | None:
    """When to try after the `attempts`-th failure, None to give up."""
    return at + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def wrong_url(url: str, allowed_hosts: frozenset[str]) -> str:
    """Why an address cannot be used; empty if it can. Where it leads is checked again at each delivery."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("网址不对")
    host = (parts.hostname or "").lower()
    if not url.isascii() or any(c <= " " for c in url) or len(url) > 500:
        return _("网址里不能有中文和空格（要先编码成 %xx），最长 500 个字符")
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return _("请填写以 https:// 开头的完整网址")
    if parts.username is not None or parts.password is not None or parts.fragment:
        return _("网址里不能有用户名、密码或 # 部分")
    if parts.scheme == "http" and host not in allowed_hosts:
        return _("请使用 https:// 网址")
    return ""
