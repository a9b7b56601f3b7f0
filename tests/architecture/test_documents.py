"""What the documents point to is there: tests by name, files by path, other documents by link."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))


def test_tests_that_are_named_exist():
    there = set()
    for folder in ("yinuo", "tests"):
        for file in (ROOT / folder).rglob("test_*.py"):
            there |= set(re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.M))
    files = {file.stem for folder in ("yinuo", "tests") for file in (ROOT / folder).rglob("test_*.py")}
    named = {
        (document.name, name)
        for document in DOCUMENTS
        for name in re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8"))
    }
    assert named
    assert {(where, name) for where, name in named if name not in there | files} == set()


def test_files_that_are_named_exist():
    wrong = [
        f"{document.name}: {path}"
        for document in DOCUMENTS
        for path in re.findall(r"`((?:yinuo|tests|bench)/[\w/.-]+\.\w+)`", document.read_text(encoding="utf-8"))
        if not any((place / path).exists() for place in (ROOT, *ROOT.glob("yinuo/*"), *ROOT.glob("yinuo/channels/*")))
    ]
    assert wrong == []


def test_links_between_documents_lead_somewhere():
    wrong = [
        f"{document.name}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert wrong == []
