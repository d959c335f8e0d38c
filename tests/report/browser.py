"""Chromium without a network, and pages that are open in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

try:
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
    from selenium.webdriver.support.wait import WebDriverWait

    HAS_SELENIUM = True
except ImportError:
    HAS_SELENIUM = False

INSTALL = "`apt-get install chromium chromium-driver` and `pip install -e '.[browser]'`"
# Alone in the network of nobody: what the page would load from elsewhere is an error in its log.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1280,900", "--force-device-scale-factor=1",
)  # fmt: skip
SCHEMES = ("light", "dark")


def give_up(reason: str) -> None:
    """Skip, or fail where programs of others have to be there."""
    (pytest.fail if os.environ.get("PYTEST_ANTIPASTA_PROGRAMS") == "required" else pytest.skip)(reason)


def open_browser(profile: Path) -> Iterator[Any]:
    """Yield Chromium of the distribution, with a new profile, and close it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not HAS_SELENIUM or program is None or driver is None:
        give_up(f"needs {INSTALL}")
    options = ChromeOptions()
    options.binary_location = str(program)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options, ChromeService(driver))
    chrome.set_network_conditions(offline=True, latency=0, throughput=0)
    yield chrome
    chrome.quit()


class Shown:
    """A page that is open.

    Attributes:
        READY: a program that says whether all of it is there.
    """

    READY = "return 'ready' in document.documentElement.dataset"

    def __init__(self, browser: Any, path: Path, scheme: str = "light", fragment: str = "") -> None:
        """Open it, and wait until all of it is there."""
        self.browser = browser
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        # The page before may have been shown as on a phone.
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(path.as_uri() + fragment)
        self.wait(self.READY)

    def follow(self, fragment: str) -> None:
        """Go to another place of the page, as a link in it does."""
        script = """
            const [fragment, done] = arguments;
            addEventListener("hashchange", () => setTimeout(done), { once: true });
            location.hash = fragment;
        """
        self.browser.execute_async_script(script, fragment)

    def run(self, script: str, *args: object) -> Any:
        """Return what a program says of the page."""
        return self.browser.execute_script(script, *args)

    def wait(self, script: str) -> None:
        """Wait until a program says that something is so."""
        WebDriverWait(self.browser, 60, poll_frequency=0.02).until(lambda _: self.run(script), script)

    def find(self, selector: str) -> Any:
        """Return the first element of a kind."""
        return self.browser.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        """Return what is read in it."""
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def texts(self, selector: str) -> list[str]:
        """Return what is read in all of them."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
        return [str(text) for text in self.run(script, selector)]

    def cells(self, field: str, table: str = "blocks") -> list[str]:
        """Return a column of a table, as far as it is drawn."""
        return self.texts(f'#{table}-table .tabulator-row [tabulator-field="{field}"]')

    def choose(self, field: str, value: str) -> None:
        """Choose a value in a field."""
        self.find(f"#{field}").send_keys(value)

    def press(self, key: str) -> None:
        """Press a key, by its name, in what has the focus."""
        self.browser.switch_to.active_element.send_keys(getattr(Keys, key))


def find_axe() -> Path | None:
    """Return axe-core, where npm has installed it."""
    folder = os.environ.get("PYTEST_ANTIPASTA_NODE")
    path = Path(folder or "/nowhere") / "node_modules/axe-core/axe.min.js"
    return path if path.is_file() else None


def find_barriers(shown: Shown, *rules: str) -> list[tuple[str, list[str]]]:
    """Return what axe-core finds in a page, the slightest included; by all rules, or by those named."""
    axe = find_axe()
    if axe is None:
        give_up("needs `npm install --prefix FOLDER axe-core`, and PYTEST_ANTIPASTA_NODE=FOLDER")
    if shown.run("return typeof axe === 'undefined'"):
        shown.run(str(axe and axe.read_text(encoding="utf-8")))
    found = shown.browser.execute_async_script(
        "const [rules, done] = arguments, options = rules.length ? { runOnly: rules } : {};"
        "axe.run(document, options).then((result) => done(result.violations))",
        rules,
    )
    return [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]
