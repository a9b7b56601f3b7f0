"""Every channel that carries messages to and from a network; adding one is one folder and one line here."""

from __future__ import annotations

from importlib import import_module

from yinuo.channels.contract import Channel

ADAPTERS = {
    "email": "yinuo.channels.email.adapter:EmailChannel",
    "sms": "yinuo.channels.sms.adapter:SmsChannel",
}


def adapter(code: str) -> Channel:
    """The adapter of a channel; KeyError for one that has none (phone, visit and letter are typed in by people)."""
    module, _, name = ADAPTERS[code].partition(":")
    made: Channel = getattr(import_module(module), name)()
    return made
