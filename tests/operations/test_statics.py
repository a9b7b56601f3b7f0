"""Static files: an address for ever, compressed, and every file another one names is there."""

import gzip
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from yinuo.operations import statics
from yinuo.operations.statics import OURS, ROOT, fingerprint, publish

SAID = re.compile(
    r"""(?:import\s[^"';]*?["']|from\s+["']|@import\s+url\(["']|new URL\(["'])(\.{0,2}/?[\w./-]+\.(?:js|css))["']"""
)
ASKED = """
import django; django.setup()
from django.conf import settings
from django.test import Client
client = Client()
for name in ("css/app.css", "js/app.js", "js/live.js", "vendor/tabler/tabler.min.css", "portal/portal.css"):
    answer = client.get(settings.STATIC_URL + name, headers={"accept-encoding": "gzip"})
    print(answer.status_code, answer.headers.get("Content-Encoding"), answer.headers["Cache-Control"])
answer = client.get("/static/000000000000/css/app.css")
print(answer.status_code)
"""


def test_every_file_another_names_is_there_beside_it(tmp_path) -> None:
    place = publish(tmp_path)
    named = 0
    for folder in OURS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".js", ".css") and "vendor" not in path.parts:
                for other in SAID.findall(path.read_text("utf-8")):
                    laid_out = place / path.relative_to(ROOT / folder)
                    assert (laid_out.parent / other).resolve().is_file(), f"{path.name} names {other}"
                    named += 1
    assert named > 25, "the modules and style sheets do name each other"


def test_a_changed_file_has_another_address(tmp_path, monkeypatch) -> None:
    before = fingerprint()
    (tmp_path / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    folder = tmp_path / OURS[0]
    folder.mkdir(parents=True)
    (folder / "a.js").write_text("1")
    monkeypatch.setattr(statics, "ROOT", tmp_path)
    first = fingerprint()
    (folder / "a.js").write_text("2")
    assert len({before, first, fingerprint()}) == 3


def test_laid_out_once_and_the_last_versions_stay(tmp_path) -> None:
    for name in ("aaa", "bbb", "ccc"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (len(name), ord(name[0])))
    place = publish(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([place.name, "bbb", "ccc"])
    assert gzip.decompress((place / "css/app.css.gz").read_bytes()) == (place / "css/app.css").read_bytes()
    made = place.stat().st_mtime_ns
    assert publish(tmp_path) == place and place.stat().st_mtime_ns == made, "nothing to do the second time"


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_start(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert publish(tmp_path / "file") is None


@pytest.mark.parametrize("published", [True, False])
def test_what_a_browser_gets(tmp_path, published) -> None:
    if published:
        publish(tmp_path / "static")
    environment = {
        **os.environ,
        "YINUO_HOME": str(tmp_path),
        "YINUO_ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "yinuo.settings",
    }
    found = subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    *files, unknown = found.stdout.splitlines()
    coding = "gzip" if published else "None"
    assert files == [f"200 {coding} max-age=315360000, public, immutable"] * 5
    assert unknown.startswith("404")


@pytest.mark.django_db
def test_pages_name_the_address_with_the_fingerprint() -> None:
    assert f"/static/{fingerprint()}/" == settings.STATIC_URL
    page = Client().get("/login/").content.decode()
    found = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert found and all(address.startswith(settings.STATIC_URL) for address in found)
