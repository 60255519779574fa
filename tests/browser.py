"""Debian's Chromium, driven by Playwright: `browser` is one for all tests of a file, `page` a fresh one for a test.

A page is a browser of its own: its cookies and its storage are nobody else's. Who needs several asks for `open_page`.
A script that throws, or that the page's own Content-Security-Policy forbids, fails the test.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
OpenPage = Callable[..., "Page"]


def chromium() -> str:
    """Return the path of the browser's program; what is missing fails, and is not skipped."""
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert path, "There is no Chromium here: install chromium, as `make test` does as root."
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The browser of a file: the next file's tests meet neither its processes nor its event loop."""
    from playwright.sync_api import sync_playwright  # half a second, and most tests need none

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium(), args=list(OPTIONS))
        yield found
        found.close()


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[OpenPage]:
    """Open pages, each with what Browser.new_context takes: viewport, color_scheme, locale, has_touch, offline …"""
    contexts, faults = [], Faults()

    def opened(**options: Any) -> "Page":
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(1000 * PATIENCE)
        page = contexts[-1].new_page()
        faults.watch(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults.found == []


@pytest.fixture
def page(open_page: OpenPage) -> "Page":
    """A page of 1000 by 700 pixels."""
    return open_page(viewport={"width": 1000, "height": 700})


class Faults:
    """What went wrong within pages: exceptions that nobody caught, and what a policy refused."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, page: "Page") -> None:
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("console", self.hear)

    def hear(self, message: "ConsoleMessage") -> None:
        if "Content Security Policy" in message.text:
            self.found.append(message.text)
