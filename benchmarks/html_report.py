"""What an HTML report of the largest tree takes: ``python -m benchmarks.html_report``.

It is written in turn with a check that writes none, both without a store; then Chromium opens it, which needs
``pip install -e '.[browser]'`` and the browser with its driver.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests.corpora import corpus

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1280,900")
# From what is typed until the frame behind the filter is drawn; the page waits a moment for more letters.
_FILTER = """
const [word, done] = arguments, find = document.getElementById("find"), start = performance.now();
const tell = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
const apply = applyFilter;
applyFilter = () => { apply(); applyFilter = apply; tell(); };
find.value = word;
find.dispatchEvent(new Event("input"));
"""
_READY = """
const done = arguments[0];
const isReady = () => "ready" in document.documentElement.dataset;
const look = () => isReady() ? done(performance.now()) : setTimeout(look, 5);
look();
"""


def _check(folder: Path, *args: str) -> float:
    """Return the seconds of a check without a store."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest_antipasta", "check", "--quiet", "--no-cache", *args]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr)
    return time.perf_counter() - start


def _write(folder: Path, path: Path, rounds: int) -> Iterator[str]:
    """Write the report, and yield what that takes besides the check."""
    plain, both = [], []
    for _ in range(rounds):
        plain.append(_check(folder))
        both.append(_check(folder, f"--report=html={path}"))
    ratios = [(more - less) / less for less, more in zip(plain, both, strict=True)]
    yield f"| check, cold | {statistics.median(plain):.2f} s |"
    yield f"| the report besides | {statistics.median(both) - statistics.median(plain):.2f} s |"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    yield f"| the report by the check | {statistics.median(ratios):.2f} ({spread}) |"
    yield f"| size | {path.stat().st_size / 1e6:.1f} MB |"


def _open(path: Path, rounds: int) -> Iterator[str]:
    """Open the report, and yield how long one waits for what."""
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in _FLAGS:
        options.add_argument(flag)
    browser = Chrome(options, ChromeService(shutil.which("chromedriver")))
    opened, filtered = [], []
    for _ in range(rounds):
        browser.get("about:blank")
        browser.get(path.as_uri())
        opened.append(float(browser.execute_async_script(_READY)))
        filtered += [
            float(browser.execute_async_script(_FILTER, word)) for word in ("s", "sensor", "setup hue", "")
        ]
    browser.quit()
    yield f"| opens | {statistics.median(opened) / 1e3:.2f} s (at most {max(opened) / 1e3:.2f}) |"
    yield f"| filters | {statistics.median(filtered):.0f} ms (at most {max(filtered):.0f}) |"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.html_report", description=__doc__)
    parser.add_argument("--corpus", default="homeassistant")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "report.html"
        for part in (_write(corpus(args.corpus), path, args.rounds), _open(path, args.rounds)):
            for row in part:
                print(row, flush=True)


if __name__ == "__main__":
    main()
