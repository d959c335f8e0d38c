"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from tomllib import loads

import pytest
import yaml

from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.load import load_settings
from tests.documents.drawing import THEMES
from tests.documents.pages import iter_blocks

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
MOST_BYTES = 7000
"""What is longer is not read; it belongs on a page."""


def test_it_is_short() -> None:
    assert len(TEXT.encode()) <= MOST_BYTES


def iter_commands() -> Iterator[list[str]]:
    """Yield the words of each command that is there to be typed."""
    for language, block in re.findall(r"^```(.*?)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL):
        for line in () if language else block.splitlines():
            for command in line.split(" && "):
                yield shlex.split(command.split("  #")[0])
    yield from map(shlex.split, re.findall(r"`(pytest-antipasta .+?)`", TEXT))


def test_its_commands_are_ours(pytestconfig: pytest.Config) -> None:
    """An option that is misspelt or gone ends the program."""
    ours = [words[1:] for words in iter_commands() if words and words[0] == "pytest-antipasta"]
    assert {words[0] for words in ours} == {"check", "hooks", "config", "trend"}
    for words in ours:
        make_parser().parse_args(words)
    options = {f"--{name.replace('_', '-')}" for name in vars(pytestconfig.option)}
    named = re.findall(r"--antipasta[\w-]*", TEXT)
    assert {"--antipasta", "--antipasta-only"} <= set(named) <= options


def test_what_it_says_of_helpers_is_on_the_page_that_a_test_runs() -> None:
    (shown,) = re.findall(r"`(.+ together with its new helper .+)`", TEXT)
    assert f": {shown}\n" in (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def test_its_settings_are_valid_and_its_limits_the_defaults(tmp_path: Path) -> None:
    (block,) = (block for block in iter_blocks(README) if block.name == "pyproject.toml")
    (tmp_path / block.name).write_text(block.text, encoding="utf-8")
    settings, notes = load_settings(tmp_path)
    assert not notes
    shown = loads(block.text)["tool"]["pytest-antipasta"]["thresholds"]
    assert len(shown) == 2
    defaults = default_thresholds()
    assert {name: settings.thresholds[name] for name in shown} == {name: defaults[name] for name in shown}


def test_what_it_installs_is_there() -> None:
    """On PyPI there is no release until the changelog has one."""
    pages = [README, *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md")]
    texts = [page.read_text(encoding="utf-8") for page in pages]
    commands = [line for text in texts for line in re.findall(r"(?:^|`)pip install (.+)", text, re.MULTILINE)]
    ours = {line.partition("  ")[0].split("`")[0] for line in commands if re.search(r"antipasta|REPO", line)}
    assert '"git+$REPO"' in ours
    named = {line.partition("[")[0] for line in ours if "[" in line}
    assert named <= {'"pytest-antipasta', "'pytest-antipasta", "'/path/to/pytest-antipasta"}
    is_released = "(unreleased)" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    before = {"README.md": "no release yet", "get-started.md": "no release yet", "index.md": "no release yet"}
    before["installing.md"] = "Until the first release"
    for page in pages:
        if (said := before.pop(page.name, None)) is not None:
            assert (said in page.read_text(encoding="utf-8")) != is_released
    assert not before


def test_where_it_comes_from_is_written_once() -> None:
    """Every line that installs it can then be copied as it stands."""
    assert re.findall(r"^.*\bREPO=.*$", TEXT, re.MULTILINE) == [
        line for line in TEXT.splitlines() if line.startswith("REPO=URL ")
    ]
    assert not re.search(r"(?:git\+|repo: )[A-Z]", TEXT)


def test_its_hook_is_ours() -> None:
    (shown,) = re.findall(r'^pre-commit try-repo "\$REPO" (.+)$', TEXT, re.MULTILINE)
    assert shown in [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]


class Pictures(HTMLParser):
    """What a page's HTML says of its pictures."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.dark: list[str] = []
        self.light: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what a tag names."""
        found = {name: value or "" for name, value in attrs}
        if tag == "source":
            assert found["media"] == "(prefers-color-scheme: dark)"
            self.dark.append(found["srcset"])
        if tag == "img":
            self.light.append(found["src"])
            self.texts.append(found["alt"])


def test_its_pictures_are_there_for_light_and_dark_pages_with_texts_for_who_sees_none() -> None:
    pictures = Pictures()
    pictures.feed(TEXT)
    assert [Path(path).name for path in pictures.light] == [
        "commit-light.svg",
        "peers-light.svg",
        "trend-light.svg",
    ]
    light, dark = THEMES
    assert [path.replace(f"-{light}.", f"-{dark}.") for path in pictures.light] == pictures.dark
    assert all((ROOT / path).is_file() for path in [*pictures.light, *pictures.dark])
    assert all(len(text.split()) > 15 for text in pictures.texts)
    assert "![" not in TEXT, "such a picture has no dark variant"
