"""The link one customer answers by: signed, names one invitation, ends."""

from datetime import datetime

from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign

PURPOSE = "surveys.answer"


def answer_token(invitation_id: int, expires_at: datetime) -> str:
    return sign(PURPOSE, invitation_id, expires_at)


def read_token(token: str) -> int:
    """The invitation; raises `Invalid` for one that was made up or has ended."""
    named = unsign(PURPOSE, token)
    if not isinstance(named, int):
        raise Invalid("", code="token_forged")
    return named
