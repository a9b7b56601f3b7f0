"""Files strangers leave waiting: together they never fill the disk."""

import pytest

from yinuo.channels.portal import commands
from yinuo.conversations.models import Attachment
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Invalid

KEY = "portal-abcdefghijklmnopqrst"


def leave(key: str = KEY, data: bytes = b"x" * 600) -> Attachment:
    stranger = Actor.customer(customer_id=None, name="网上客户")
    return commands.upload(file=data, name="a.bin", upload_key=key, by=stranger)


@pytest.mark.django_db
def test_what_waits_is_bounded_over_all_forms(monkeypatch) -> None:
    monkeypatch.setattr(commands, "MAX_WAITING", 1000)
    leave()
    leave("portal-bcdefghijklmnopqrstu")
    with pytest.raises(Invalid) as refused:
        leave("portal-cdefghijklmnopqrstuv")
    assert refused.value.code == "too_much_waiting" and "先提交文字" in refused.value.message
    assert Attachment.unscoped.count() == 2
