"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace

from pytest_antipasta.cli import make_parser
from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.settings import Settings, load_settings
from pytest_antipasta.settings.toml_lines import loads
from tests.documents.pages import iter_blocks, run_page

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
# The plugins that our items are tested beside would change what is shown.
_ALONE = "-p no:randomly -p no:sugar -p no:pytest_jsonreport -p no:html"
_PROGRAMS = {"pytest-antipasta": ["-m", "pytest_antipasta"], "pytest": ["-m", "pytest"], "python": []}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is git's top; the current one."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTEST_ADDOPTS", _ALONE)
    return tmp_path


def run(command: str) -> str:
    program, *args = shlex.split(command)
    line = [sys.executable, *_PROGRAMS[program], *args]
    return subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def test_every_command_prints_what_it_shows(folder: Path) -> None:
    assert run_page(README, folder, run) == 4


def test_its_settings_are_the_defaults_and_others_that_are_valid(folder: Path) -> None:
    blocks = [block.text for block in iter_blocks(README) if "[tool.pytest-antipasta" in block.text]
    found = []
    for text in blocks:
        (folder / "pyproject.toml").write_text(text)
        settings, notes = load_settings(folder)
        assert not notes
        found.append(settings)
    defaults, others = found
    assert list(loads(blocks[0])["tool"]["pytest-antipasta"]["thresholds"]) == list(default_thresholds())
    assert replace(defaults, source=None) == Settings(folder, None)
    assert others.thresholds["halstead_volume"].block_limit == 300


def test_what_it_installs_is_there() -> None:
    """On PyPI there is no release until the changelog has one."""
    pages = [README, *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md")]
    texts = [page.read_text(encoding="utf-8") for page in pages]
    commands = [line for text in texts for line in re.findall(r"(?:^|`)pip install (.+)", text, re.MULTILINE)]
    assert "pytest-xdist git+URL-OF-THIS-REPOSITORY " in "".join(commands)
    ours = [line.partition("  ")[0].split("`")[0] for line in commands if "antipasta" in line]
    assert {line.partition("[")[0] for line in ours if "[" in line} == {
        "'pytest-antipasta",
        "'/path/to/pytest-antipasta",
    }
    is_released = "(unreleased)" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    for page, said in (("README.md", "no release yet"), ("docs/installing.md", "Until the first release")):
        assert (said in (ROOT / page).read_text(encoding="utf-8")) != is_released


def test_its_hooks_are_ours() -> None:
    (text,) = (block.text for block in iter_blocks(README) if block.name == ".pre-commit-config.yaml")
    (repository,) = yaml.safe_load(text)["repos"]
    assert repository["rev"] == "COMMIT", "of releases there is none yet"
    (shown,) = (hook["id"] for hook in repository["hooks"])
    ours = [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]
    assert shown in ours
    assert all(f"`{name}`" in README.read_text() or f"or {name}" in text for name in ours if name != shown)


def test_all_of_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", re.sub(r"\s+", " ", README.read_text(encoding="utf-8")))
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_it_names_every_command_and_option(pytestconfig: pytest.Config) -> None:
    text = README.read_text(encoding="utf-8")
    (subparsers,) = (action for action in make_parser()._actions if action.dest == "command")
    assert [name for name in subparsers.choices or () if f"pytest-antipasta {name}" not in text] == []
    options = [option for option in pytestconfig.option.__dict__ if option.startswith("antipasta")]
    assert [name for name in options if f"`--{name.replace('_', '-')}" not in text] == []
