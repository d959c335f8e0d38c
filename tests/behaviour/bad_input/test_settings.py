"""Settings of any text: values, or an error that names the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import load_settings

_TOML = (
    "[tool.pytest-antipasta]\n",
    "[tool.pytest-antipasta.thresholds]\n",
    "[[tool.pytest-antipasta.overrides]]\n",
    "paths = ['.']\n",
    "exclude = ['*.egg', '[']\n",
    "cyclomatic_complexity = 1e999\n",
    "files = ['!']\n",
    "halstead_volume = {limit = -1, block_limit = nan}\n",
    "cache_dir = '\\u0000'\n",
    "time_budget = 0x" + "f" * 5000,
    "thresholds = {}\n",
    "judge = 'all'\n",
    "\x00",
    "\ud7ff",
    "[[[[",
    "'''",
    '"""',
    "# c\n",
    "=",
    "\n",
    "a.b.c = 1\n",
)
_YAML = (
    "defaults:\n",
    "  max_cyclomatic_complexity: 1e4\n",
    "languages:\n",
    "- name: python\n",
    "  metrics:\n",
    "  - type: cyclomatic\n",
    "    threshold: .nan\n",
    "ignore_patterns: ['[', \"\\ud800\"]\n",
    "use_gitignore: 2001-99-99\n",
    "&a [*a]\n",
    "*a\n",
    "<<: {}\n",
    "!!python/object/apply:os.system ['touch ran']\n",
    "? - : x\n",
    "\t",
    "%YAML 9\n",
    "---\n",
    "{" * 1000,
    "a: !!binary x\n",
    "0: 1\n",
    "x: &x [1]\ny: *x\n",
)


def texts(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return texts of known pieces and of anything."""
    return st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=8)), max_size=8).map("".join)


@pytest.mark.parametrize(("name", "pieces"), [("pyproject.toml", _TOML), (".antipasta.yaml", _YAML)])
def test_whatever_they_say_it_is_a_value_or_told(
    name: str, pieces: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(texts(pieces).map(lambda text: text.encode("utf-8", "replace")), st.binary(max_size=40)))
    def check(data: bytes) -> None:
        (tmp_path / name).write_bytes(pieces[0].encode() + data)
        try:
            load_settings(tmp_path)
        except UsageError as error:
            assert all(line.startswith(name) for line in str(error).split("\n"))

    check()
    assert not (tmp_path / "ran").exists()
