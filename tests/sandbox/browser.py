"""A real browser for the page: Debian's chromium through Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

ARRIVES_MS = 45_000  # the machines of CI are slow and busy
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where it is installed; without it the test is left out, but not in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("chromium is missing, and in CI nothing is left out: apt install chromium")
    pytest.skip("left out: the page is tested in chromium, which is not installed")


@asynccontextmanager
async def opened(
    folder: Path, url: str, *, width: int = 1280, timezone: str = "UTC"
) -> AsyncIterator[Page]:
    """The page in a fresh browser; errors of its scripts fail the test."""
    errors: list[str] = []
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=list(FLAGS),
            viewport={"width": width, "height": 800},
            timezone_id=timezone,
        )
        try:
            page = context.pages[0] if context.pages else await context.new_page()
            page.set_default_timeout(ARRIVES_MS)
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(url)
            await expect(page.locator("body[data-connected=yes]")).to_be_attached()
            yield page
        finally:
            await context.close()
    assert errors == []


def message(page: Page, side: str, text: str) -> Locator:
    """The messages of one side that hold a text."""
    return page.get_by_test_id(f"{side}-message").filter(has_text=text)


async def speak(page: Page, side: str, name: str) -> None:
    """Be somebody else on one side."""
    await page.get_by_test_id(f"{side}-speaker").and_(page.locator(f'[data-name="{name}"]')).click()


async def write(page: Page, side: str, text: str) -> None:
    """Type a message and send it."""
    field = page.get_by_test_id(f"{side}-input")
    await field.fill(text)
    await field.press("Enter")


async def use(found: Locator, tool: str) -> None:
    """Press one of a message's buttons, which show where the mouse is."""
    await found.hover()
    await found.get_by_test_id(tool).click()


async def arrives(found: Locator) -> None:
    """Wait until it is there."""
    await expect(found).to_be_visible(timeout=ARRIVES_MS)


async def goes(found: Locator) -> None:
    """Wait until it is gone."""
    await expect(found).to_have_count(0, timeout=ARRIVES_MS)
