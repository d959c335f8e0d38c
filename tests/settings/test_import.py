"""What importing and loading the settings costs: every start of pytest pays it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("yaml", "tomllib", "pathspec", "difflib", "pytest")
TABLE = '[tool.pytest-antipasta]\nexclude = ["build/"]\n'


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        pytest.param(None, set(), id="importing loads nothing heavy"),
        pytest.param(
            {"pyproject.toml": "[tool.ruff]"}, set(), id="a file that does not name us is not parsed"
        ),
        pytest.param({"pyproject.toml": TABLE}, {"tomllib"}, id="TOML loads its parser alone"),
        pytest.param({".antipasta.yaml": ""}, {"yaml"}, id="YAML likewise"),
    ],
)
def test_only_what_is_needed_is_imported(
    tmp_path: Path, files: dict[str, str] | None, allowed: set[str]
) -> None:
    """Looked at in a fresh process."""
    for name, text in (files or {}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = "import sys, pathlib\nfrom pytest_antipasta.settings.load import load_settings\n"
    if files is not None:
        code += f"load_settings(pathlib.Path({str(tmp_path)!r}))\n"
    code += f"print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= allowed
