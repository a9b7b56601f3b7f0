"""The one real browser of the tests, the pictures and the measurements. The shell without a window needs half the CPU of the whole."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def launch(driver: Any) -> Any:
    """A browser of that Playwright driver."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: apt-get install chromium-headless-shell"
    return driver.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a process; each makes a context of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = launch(driver)
        yield browser
        browser.close()
