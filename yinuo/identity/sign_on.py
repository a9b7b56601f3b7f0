"""The identity provider of the house: reads."""

from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.models import SignOn, SignOnLink
from yinuo.identity.openid import Provider
from yinuo.kernel.vault import unseal

PURPOSE = "identity.sign_on"


def sign_on() -> SignOn:
    """As it is set; switched off until somebody does. One statement."""
    return SignOn.objects.filter(pk=1).first() or SignOn(pk=1)


def provider(row: SignOn) -> Provider:
    secret = unseal(PURPOSE, row.secret, lost=_("系统密钥换过，请重新填写客户端密钥"), code="sign_on_secret_lost")
    return Provider(row.issuer, row.client_id, secret)


def kept_out(row: SignOn, staff: Any) -> bool:
    """Whether this person gets in by the provider only."""
    return row.active and row.only and row.keeper_id != staff.pk


def subject_of(staff_id: int, issuer: str) -> str:
    found = SignOnLink.objects.filter(staff_id=staff_id, issuer=issuer).values_list("subject", flat=True)
    return found.first() or ""
