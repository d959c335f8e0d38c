"""``docs/settings.md``: it has every key with its default, and its examples do what it says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tomllib import loads

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.schema import make_pyproject_schema, make_schema
from pytest_antipasta.setup.proposal import make_presets
from tests.cli.test_config_init import FILES
from tests.cli.test_main import PROGRAM
from tests.documents.pages import renew_session

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "settings.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TABLES = [text for kind, text in BLOCKS if kind == "toml"]


def complete(text: str) -> str:
    """Return an example as a whole file."""
    return text if text.startswith("[") else f"[tool.pytest-antipasta]\n{text}"


def test_every_key_has_a_section() -> None:
    assert sorted(SECTIONS) == sorted(make_schema()["properties"])


def test_each_list_that_is_empty_by_default_has_an_example() -> None:
    empty = [name for name, section in SECTIONS.items() if "Default: `[]`." in section]
    assert len(empty) > 4
    assert [
        name
        for name in empty
        if f"\n{name} = [" not in PAGE and f"[[tool.pytest-antipasta.{name}]]" not in PAGE
    ] == []


@pytest.mark.parametrize("text", TABLES)
def test_each_example_is_valid(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(complete(text), encoding="utf-8")
    assert load_settings(tmp_path, tmp_path / "a.toml").notes == ()
    assert list(Draft202012Validator(make_pyproject_schema()).iter_errors(loads(complete(text)))) == []


def test_the_thresholds_of_the_page_are_the_defaults() -> None:
    example = re.findall(r"^```toml\n(.*?)^```", SECTIONS["thresholds"], re.M | re.S)[0]
    limits = {metric: threshold.limit for metric, threshold in default_thresholds().items()}
    assert loads(example)["tool"]["pytest-antipasta"]["thresholds"] == limits


def iter_sessions() -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Yield each console example with the files that were shown above it in its section."""
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE):
        names = re.findall(r"^With this `(.*)`:$", section, re.MULTILINE)
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        shown = [text for kind, text in blocks if kind in ("toml", "ini")]
        for kind, text in blocks:
            if kind == "console":
                yield list(zip(names, shown, strict=False)), text


SESSIONS = list(iter_sessions())


@pytest.mark.parametrize(("files", "text"), SESSIONS, ids=[text.splitlines()[0] for _, text in SESSIONS])
def test_each_command_prints_what_the_page_says(
    files: list[tuple[str, str]], text: str, tmp_path: Path, renew: Callable[[Path, str], None]
) -> None:
    def run(command: str) -> str:
        arguments, _, output = command.removeprefix("pytest-antipasta ").partition(" > ")
        done = subprocess.run([*PROGRAM, *arguments.split()], cwd=tmp_path, capture_output=True, check=True)
        assert not output or json.loads(done.stdout) == make_pyproject_schema()
        return "" if output else done.stdout.decode()

    shop = {name: content for name, content in FILES.items() if "broken" not in name and ".toml" not in name}
    for name, content in [*shop.items(), *files]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    renew(DOCS / "settings.md", PAGE.replace(text, renew_session(text, run)))


def test_the_presets_of_the_page_are_those_that_are_proposed() -> None:
    section = PAGE.partition("\n## Presets\n")[2].partition("\n## ")[0]
    said = dict(re.findall(r"^- `(\w+)`(?: \(default\))?: (.+)$", section, re.MULTILINE))
    presets = make_presets({})
    assert list(said) == list(presets)
    defaults = default_thresholds()
    limits = {
        name: {metric: limit for metric, limit in preset.thresholds.items() if limit is not None}
        for name, preset in presets.items()
    }
    named = [f"{metric.replace('_', ' ')} {limit.limit}" for metric, limit in limits["functions"].items()]
    assert said["functions"] == f"only {' and '.join(named)}"
    assert limits["files"] == {name: replace(limit, level="error") for name, limit in defaults.items()}
    assert limits["default"] == limits["now"] == defaults, "of code without functions"
