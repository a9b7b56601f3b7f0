"""An ``Inbound`` as bytes between the parsing process and its parent: JSON and raw files, nothing executable."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from yinuo.channels.contract import Inbound, InboundFile

_TUPLES = ("recipients", "thread_ids", "tokens", "problems")


def dump(inbound: Inbound) -> tuple[bytes, list[bytes]]:
    """(header as JSON, contents of the files in order)."""
    fields: dict[str, Any] = {f.name: getattr(inbound, f.name) for f in dataclasses.fields(Inbound)}
    fields["sent_at"] = inbound.sent_at.isoformat() if inbound.sent_at else None
    fields["extra"] = dict(inbound.extra)
    fields["files"] = [
        {
            "name": f.name,
            "media_type": f.media_type,
            "inline": f.inline,
            "content_id": f.content_id,
            "size": len(f.content),
        }
        for f in inbound.files
    ]
    return json.dumps(fields).encode("ascii"), [f.content for f in inbound.files]


def load(header: bytes, body: bytes) -> Inbound:
    """The other direction; sizes in the header cut the body into files."""
    fields = json.loads(header)
    at = 0
    files = []
    for item in fields.pop("files"):
        size = int(item.pop("size"))
        files.append(InboundFile(content=body[at : at + size], **item))
        at += size
    sent = fields.pop("sent_at")
    for name in _TUPLES:
        fields[name] = tuple(fields[name])
    return Inbound(files=tuple(files), sent_at=datetime.fromisoformat(sent) if sent else None, **fields)
