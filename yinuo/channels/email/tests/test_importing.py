"""import-mail: files of every shape, interruptions, clear refusals.

The import of an mbox of genuine messages (genuine.py) is the beginning of the journey in
web/tests/browser/test_complaint_journey.py, which takes one of them to its close.
"""

import io
import mailbox

import pytest

from yinuo.channels.email import importing
from yinuo.channels.email.mailfiles import files_of, messages_in
from yinuo.channels.email.tests import samples
from yinuo.conversations.models import Interaction
from yinuo.kernel.errors import Missing, Refused


def run(path, **more):
    return importing.run(path, out=io.StringIO(), **more)


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
