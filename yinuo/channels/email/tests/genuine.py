"""The genuine messages as one mbox, and what must be true after it was imported."""

import io
import re
from collections import Counter
from pathlib import Path

from yinuo.channels.email import importing
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.tests import corpus
from yinuo.conversations.models import Attachment, Interaction
from yinuo.kernel.blobs import open_blob


def mbox_of(folder: Path, box: Path) -> Counter:
    """Write every message of the folder into one mbox the way mail programs do; what was put in, byte for byte."""
    given = Counter()
    with box.open("wb") as out:
        for path in sorted(folder.glob("*.eml")):
            raw = path.read_bytes()
            if raw.startswith(b"From "):
                raw = raw.split(b"\n", 1)[1]
            raw = raw if raw.endswith(b"\n") else raw + b"\n"
            given[raw] += 1
            out.write(
                b"From someone@example.org Sun Nov 22 10:00:00 2026\n"
                + re.sub(rb"(?m)^(>*From )", rb">\1", raw)
                + b"\n"
            )
    return given


def import_whole(box: Path, given: Counter) -> None:
    """Import it twice: nothing is lost, nothing doubled, everything accounted for, and words can be read."""
    tally = importing.run(box, out=io.StringIO())
    assert tally.found == sum(given.values()) >= corpus.ENOUGH
    assert _stored() == Counter(dict.fromkeys(given, 1))
    assert tally.new == len(given)
    assert sum(tally.states.values()) == len(given)
    assert not RawMessage.unscoped.filter(state="stored").exists()
    failed = Counter(RawMessage.unscoped.filter(state="failed").values_list("reason", flat=True))
    assert set(failed) <= {"no_sender"}, failed
    assert failed["no_sender"] <= 25
    _readable()
    assert OutboundMessage.unscoped.count() == 0, "old mail is answered to nobody"
    assert Attachment.unscoped.filter(interaction__isnull=False).count() >= 20
    count = Interaction.unscoped.filter(direction="in").count()
    again = importing.run(box, out=io.StringIO())
    assert (again.new, again.known) == (0, tally.found)
    assert Interaction.unscoped.filter(direction="in").count() == count


def keep_their_words(folder: Path) -> None:
    """What real mail programs wrote in each charset is read as it was written."""
    for path in sorted(folder.glob("mutt-*.eml")) + sorted(folder.glob("snail-*.eml")):
        charset = path.name.partition("-")[2].rpartition("-")[0]
        row = RawMessage.unscoped.select_related("interaction").get(blob__sha256=_digest(path))
        assert corpus.TEXTS[charset] in row.interaction.text, path.name


def _digest(path: Path) -> str:
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()


def _stored() -> Counter:
    out = Counter()
    for row in RawMessage.unscoped.select_related("blob"):
        with open_blob(row.blob) as source:
            out[source.read()] += 1
    return out


def _readable() -> None:
    texts = list(Interaction.unscoped.filter(direction="in").values_list("text", "subject", "html"))
    assert len(texts) >= 80
    marks = sum((text + subject).count("\ufffd") for text, subject, _ in texts)
    assert marks <= sum(len(text) for text, _, _ in texts) // 500
    for _, _, html in texts:
        assert not re.search(r"<script|<iframe|<img[^>]* src=|javascript:| on\w+=", html, re.IGNORECASE)
