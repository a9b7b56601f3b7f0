"""What a browser says of itself, in words: enough to know one's own devices again. Pure."""

import re

from django.utils.translation import gettext_lazy as _

#: The first that is found counts: most call themselves by several names.
BROWSERS = (
    ("MicroMessenger", _("微信")), ("DingTalk", _("钉钉")), ("wxwork", _("企业微信")),
    ("Edg", "Edge"), ("OPR", "Opera"),
    ("HuaweiBrowser", "Huawei Browser"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(agent: str) -> str:
    """ "Chrome · Windows", or the beginning of what it says, or ""."""
    found = [next((name for sign, name in known if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    words = " · ".join(str(name) for name in found if name)
    return words or re.sub(r"[/ ].*", "", agent)[:30]
