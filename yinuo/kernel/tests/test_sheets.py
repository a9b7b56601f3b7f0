"""What a spreadsheet is given stays text, and can be read back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from yinuo.kernel.sheets import plain, unquoted
from yinuo.kernel.text import clean_text


@given(st.text(alphabet="=+-@'\t\r一a1", max_size=6))
def test_no_cell_begins_like_a_formula_and_each_is_itself_again(text) -> None:
    written = plain(text)
    assert written[:1] not in set("=+-@\t\r")
    assert unquoted(written) == clean_text(text)
