"""Signing secrets at rest: the column holds them sealed; they are opened for one delivery."""

from django.utils.translation import gettext as _

from yinuo.kernel import vault

PURPOSE = "webhook"


def seal(secret: str) -> str:
    return vault.seal(PURPOSE, secret)


def unseal(sealed: str) -> str:
    """The secret again; a clear refusal when the installation's key has changed."""
    lost = _("签名密钥无法解密（安装密钥已更换），请更换签名密钥")
    return vault.unseal(PURPOSE, sealed, lost=lost, code="webhook_secret_lost")
