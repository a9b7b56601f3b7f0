"""Links a customer may hold. Each names one thing for one purpose, is signed and expires."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from yinuo.channels.portal.rules import LINK_LIFE, query_code
from yinuo.kernel.tokens import sign, unsign

CASE, RESTATEMENT, AGREEMENT, RATING = "portal.case", "portal.restatement", "portal.agreement", "portal.rating"
SHARED = "portal.shared"


def case_token(matter_id: int, at: datetime) -> str:
    return sign(CASE, matter_id, at + LINK_LIFE)


def case_link(matter_id: int, at: datetime) -> str:
    """The progress page: safe to forward, for it shows nothing personal."""
    return _absolute("portal_case", case_token(matter_id, at))


def restatement_link(matter_id: int, restatement_id: int, at: datetime) -> str:
    """Read back what was registered and answer it. For the customer's own address only."""
    return _absolute("portal_restatement", sign(RESTATEMENT, [matter_id, restatement_id], at + LINK_LIFE))


def agreement_link(matter_id: int, agreement_id: int, expires_at: datetime) -> str:
    """Read, sign or refuse one version of the agreement. For the customer's own address only."""
    return _absolute("portal_agreement", sign(AGREEMENT, [matter_id, agreement_id], expires_at))


def rating_link(matter_id: int, at: datetime) -> str:
    return _absolute("portal_rating", sign(RATING, matter_id, at + LINK_LIFE))


def read_one(purpose: str, token: str) -> int:
    """The matter a token opens; raises `Invalid`."""
    return int(unsign(purpose, token))


def read_pair(purpose: str, token: str) -> tuple[int, int]:
    """The matter and the document a token opens; raises `Invalid`."""
    matter_id, document_id = unsign(purpose, token)
    return int(matter_id), int(document_id)


def code_of(matter_id: int) -> str:
    """The query code printed on the receipt."""
    return query_code(settings.SECRET_KEY, matter_id)


def _absolute(name: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"
