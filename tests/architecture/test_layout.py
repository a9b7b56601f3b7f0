"""The house keeps its shape: rooms, sizes, words."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "yinuo"
MAX_LINES = 400
FORBIDDEN = {"utils.py", "helpers.py", "services.py", "signals.py", "misc.py", "common.py"}
CJK = re.compile("[\u4e00-\u9fff]")
TRANSLATORS = {"_", "lazy", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "ngettext", "ngettext_lazy", "N_"}


def sources() -> list[Path]:
    return [p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts]


def own_sources() -> list[Path]:
    return [p for p in sources() if "tests" not in p.parts]


def test_no_room_without_a_name() -> None:
    assert [str(p.relative_to(ROOT)) for p in sources() if p.name in FORBIDDEN] == []


def test_files_stay_small() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in [*sources(), *PACKAGE.rglob("*.js"), *PACKAGE.rglob("*.jinja"), *(ROOT / "tests").rglob("*.py")]
        if "vendor" not in p.parts and (n := len(p.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def _docstrings(tree: ast.AST) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def untranslated(source: str) -> list[str]:
    """Chinese string constants that are not an argument of gettext."""
    tree = ast.parse(source)
    allowed = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in TRANSLATORS:
            allowed |= {id(inner) for inner in ast.walk(node)}
    return [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        and id(n) not in allowed and CJK.search(n.value)
    ]  # fmt: skip


# Rooms whose Chinese is matter, not interface: what mails say about themselves, calendar words, demo people.
CHINESE_AS_DATA = ("yinuo/channels/email/quoting", "yinuo/operations/words.py", "yinuo/operations/demo")


def test_chinese_on_screen_goes_through_gettext() -> None:
    loose = {}
    for path in own_sources():
        name = str(path.relative_to(ROOT))
        if not name.startswith(CHINESE_AS_DATA) and (found := untranslated(path.read_text("utf-8"))):
            loose[name] = found[:3]
    assert loose == {}


def test_untranslated_sees_what_it_should() -> None:
    assert untranslated('x = "中文"') == ["中文"]
    assert untranslated('"""中文"""\nx = _("中文")') == []


@pytest.mark.parametrize("name", ["0.0.0.0", "time.time()", "datetime.now(", "timezone.now(", "date.today("])
def test_only_the_clock_reads_the_clock(name: str) -> None:
    allowed = {"yinuo/kernel/clock.py", "yinuo/operations", "yinuo/live", "yinuo/cli.py", "yinuo/jobs/clock.py"}
    if name == "timezone.now(":
        allowed |= {"yinuo/identity/sessions.py"}  # Django writes when a session ends, by its own clock
    if name == "0.0.0.0":  # an address nobody should bind by default
        allowed = {"yinuo/cli.py", "yinuo/operations"}
    hits = [
        rel for p in own_sources()
        if re.search(rf"(?<!\d){re.escape(name)}", p.read_text("utf-8")) and not (rel := str(p.relative_to(ROOT))).startswith(tuple(allowed))
    ]  # fmt: skip
    assert hits == []
