"""What the fuzzing once found stays mended, and a few fresh inputs. For long: `python -m tests.attack fuzz`."""

import pytest

from tests.attack import fuzz
from tests.attack.seeds import CORPUS, kept
from tests.attack.targets import TARGETS
from yinuo.complaints.rules import sums
from yinuo.wording.rules import folding


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read_and_a_few_more(name) -> None:
    inputs = kept(name)
    assert inputs
    for data in inputs:
        TARGETS[name](data)
    assert fuzz.tried(name, 1, 20)[1:] == (None, "")


def test_the_corpus_holds_nothing_that_nobody_reads() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)
    assert sum(file.stat().st_size for file in CORPUS.rglob("*") if file.is_file()) < 500_000


def test_what_fails_is_made_small_and_told(monkeypatch) -> None:
    def broken(data: bytes) -> None:
        assert b"<" not in data

    monkeypatch.setitem(TARGETS, "html", broken)
    _count, failing, what = fuzz.tried("html", 1, 50)
    assert failing == b"<" and "AssertionError" in what


@pytest.mark.parametrize("run", ["9", "-", ".", "一", " ", "1,"])
def test_a_run_of_one_sign_costs_no_more_than_other_text(run) -> None:
    """Both were quadratic: twenty thousand dashes in a reply took ten seconds."""
    import time

    began = time.process_time()
    folding.fold(run * 20_000), sums.sums_in(run * 20_000)
    assert time.process_time() - began < 1.5
