"""The cursor and the back-pressure, without a network."""

from hypothesis import given
from hypothesis import strategies as st

from yinuo.live.cursor import Cursor
from yinuo.live.hub import BACKLOG, Listener


def test_a_cursor_survives_its_own_text():
    cursor = Cursor.of("10:20:12,15", 99.5)
    assert Cursor.parse(str(cursor)) == cursor
    assert [x for x in range(8, 22) if cursor.saw(x)] == [8, 9, 10, 11, 13, 14, 16, 17, 18, 19]


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text):
    found = Cursor.parse(text)
    assert found is None or Cursor.parse(str(found)) == found


def test_a_page_that_does_not_keep_up_is_dropped():
    cursor = Cursor.of("1:1:", 0)
    page = Listener(frozenset({"t"}))
    for n in range(BACKLOG):
        page.offer(cursor, [(n, "n", "t")])
    assert not page.dropped
    page.offer(cursor, [(99, "n", "t")])
    assert page.dropped
    assert page.queue.get_nowait() is None


def test_what_a_page_saw_before_is_not_told_again():
    page = Listener(frozenset({"t"}), seen=Cursor.of("10:20:12", 0))
    page.offer(Cursor.of("30:30:", 0), [(11, "old", "t"), (12, "was running", "t"), (20, "new", "t")])
    assert [n for _x, n, _t in page.queue.get_nowait()[1]] == ["was running", "new"]
    page.offer(Cursor.of("31:31:", 0), [(13, "old", "t")])
    assert page.queue.empty()
