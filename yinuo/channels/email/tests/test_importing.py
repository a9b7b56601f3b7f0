"""import-mail on genuine messages: everything is kept, everything is accounted for, nothing is doubled."""

import io
import mailbox
import re
from collections import Counter

import pytest

from yinuo.channels.email import importing
from yinuo.channels.email.mailfiles import files_of, messages_in
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.tests import corpus, samples
from yinuo.conversations.models import Attachment, Interaction
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.errors import Missing, Refused


@pytest.fixture(scope="session")
def genuine():
    folder = corpus.collect()
    count = len(list(folder.glob("*.eml")))
    assert count >= 200, f"only {count} genuine messages could be collected; the package index must be reachable once"
    return folder


def run(path, **more):
    return importing.run(path, out=io.StringIO(), **more)


def stored_bytes():
    out = Counter()
    for row in RawMessage.unscoped.select_related("blob"):
        with open_blob(row.blob) as source:
            out[source.read()] += 1
    return out


@pytest.mark.slow
@pytest.mark.django_db
def test_genuine_mail_goes_in_whole(unit, genuine, tmp_path):
    """One mbox of every genuine message: byte for byte stored, all but the senderless understood, words readable."""
    box, given = tmp_path / "real.mbox", Counter()
    with box.open("wb") as out:
        for path in sorted(genuine.glob("*.eml")):
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
    tally = run(box)
    assert tally.found == sum(given.values()) >= 200
    assert stored_bytes() == Counter(dict.fromkeys(given, 1))
    assert tally.new == len(given)
    assert sum(tally.states.values()) == len(given)
    assert not RawMessage.unscoped.filter(state="stored").exists()
    failed = Counter(RawMessage.unscoped.filter(state="failed").values_list("reason", flat=True))
    assert set(failed) <= {"no_sender"}, failed
    assert failed["no_sender"] <= 25
    texts = list(Interaction.unscoped.filter(direction="in").values_list("text", "subject", "html"))
    assert len(texts) >= 80
    marks = sum((text + subject).count("\ufffd") for text, subject, _ in texts)
    assert marks <= sum(len(text) for text, _, _ in texts) // 500
    for _, _, html in texts:
        assert not re.search(r"<script|<iframe|<img[^>]* src=|javascript:| on\w+=", html, re.IGNORECASE)
    assert OutboundMessage.unscoped.count() == 0
    assert Attachment.unscoped.filter(interaction__isnull=False).count() >= 20

    again = run(box)
    assert (again.new, again.known) == (0, tally.found)
    assert Interaction.unscoped.filter(direction="in").count() == len(texts)


@pytest.mark.slow
@pytest.mark.django_db
def test_letters_of_real_programs_keep_their_words(unit, genuine):
    for path in sorted(genuine.glob("mutt-*.eml")) + sorted(genuine.glob("snail-*.eml")):
        run(path)
        charset = path.name.partition("-")[2].rpartition("-")[0]
        row = RawMessage.unscoped.select_related("interaction").order_by("-pk")[0]
        assert corpus.TEXTS[charset] in row.interaction.text, path.name


@pytest.mark.django_db
class TestFiles:
    def test_a_word_at_the_start_of_a_line_is_no_new_message(self, tmp_path):
        path = tmp_path / "a.mbox"
        path.write_bytes(
            b"From a@b Sun Nov 22 10:00:00 2026\nFrom: a@b.cn\n\nhello\nFrom here on\n\nFrom what I know\n>From quoted\n\n"
            b"From - Sun Nov 22 10:00:00 2026\nFrom: c@d.cn\n\nsecond\n"
        )
        first, second = messages_in(path)
        assert first.raw == b"From: a@b.cn\n\nhello\nFrom here on\n\nFrom what I know\nFrom quoted\n"
        assert second.raw == b"From: c@d.cn\n\nsecond\n"

    def test_a_maildir_an_emlx_and_single_files(self, unit, tmp_path):
        maildir = mailbox.Maildir(tmp_path / "md", create=True)
        maildir.add(samples.mail("在邮件目录里"))
        (tmp_path / "md" / "tmp" / "half").write_bytes(samples.mail("写到一半"))
        raw = samples.mail("苹果邮件")
        (tmp_path / "1.emlx").write_bytes(b"%d      \n" % len(raw) + raw + b"<?xml version='1.0'?><plist/>")
        (tmp_path / "二.EML").write_bytes(samples.mail("单个文件"))
        (tmp_path / "说明.txt").write_text("这不是邮件", encoding="utf-8")
        (tmp_path / "空.eml").write_bytes(b"")
        assert len(files_of(tmp_path)) == 5
        tally = run(tmp_path)
        assert set(Interaction.unscoped.values_list("text", flat=True)) == {"在邮件目录里", "苹果邮件", "单个文件"}
        assert tally.without_mail == ["说明.txt"]

    def test_an_interrupted_import_goes_on(self, unit, tmp_path, monkeypatch):
        path = tmp_path / "a.mbox"
        path.write_bytes(
            b"".join(b"From a@b Sun Nov 22 10:00:00 2026\n" + samples.mail(f"第{n}封") + b"\n" for n in range(6))
        )
        real, calls = importing.understand_stored, []

        def dies(raw_id):
            calls.append(raw_id)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return real(raw_id)

        monkeypatch.setattr(importing, "understand_stored", dies)
        with pytest.raises(KeyboardInterrupt):
            run(path)
        assert Interaction.unscoped.count() == 2
        monkeypatch.undo()
        tally = run(path)
        assert (tally.found, tally.new, tally.known) == (6, 0, 6)
        assert tally.states["understood"] == 4
        assert Interaction.unscoped.count() == 6

    def test_an_answer_before_its_letter_in_the_file_still_joins(self, unit, tmp_path):
        letter = samples.mail("原信", message_id="<first@customer.cn>").replace(b"Date: ", b"X-Date: ")
        answer = samples.mail("补充", headers={"References": "<first@customer.cn>"}).replace(b"Date: ", b"X-Date: ")
        (tmp_path / "1.eml").write_bytes(b"Date: Sun, 22 Nov 2026 10:00:00 +0800\n" + answer)
        (tmp_path / "2.eml").write_bytes(b"Date: Sat, 21 Nov 2026 10:00:00 +0800\n" + letter)
        run(tmp_path)
        one, two = Interaction.unscoped.order_by("at")
        assert (one.text, two.text) == ("原信", "补充")
        assert one.conversation_id == two.conversation_id
        assert one.at < two.at

    def test_clear_refusals(self, unit, tmp_path):
        (tmp_path / "x.txt").write_text("not mail", encoding="utf-8")
        with pytest.raises(Refused, match="没有找到邮件"):
            run(tmp_path)
        with pytest.raises(Missing, match=r"nobody@yinuo\.cn"):
            run(tmp_path, mailbox="nobody@yinuo.cn")
