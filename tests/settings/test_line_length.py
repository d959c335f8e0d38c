"""The length of lines that formatters are set to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.settings.line_length import find_line_length

RUFF, BLACK = "[tool.ruff]\nline-length = 100\n", "[tool.black]\nline-length = 90\n"
OWN = "line-length = 110\n"


@pytest.mark.parametrize(
    ("files", "length"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"pyproject.toml": "[project]\n"}, None, id="none is set"),
        pytest.param({"pyproject.toml": RUFF}, 100, id="ruff"),
        pytest.param({"pyproject.toml": BLACK}, 90, id="black"),
        pytest.param({"pyproject.toml": f"{BLACK}{RUFF}"}, 100, id="ruff before black"),
        pytest.param({"pyproject.toml": RUFF, "ruff.toml": OWN}, 110, id="a file of ruff's own before"),
        pytest.param({"ruff.toml": OWN, ".ruff.toml": "line-length = 120"}, 120, id="its hidden one first"),
        pytest.param({"pyproject.toml": RUFF, "a/pyproject.toml": BLACK}, 90, id="the nearest"),
        pytest.param(
            {"pyproject.toml": RUFF, "a/b/ruff.toml": "[lint]\n"}, 88, id="the default of the nearest"
        ),
        pytest.param({"ruff.toml": "extend = '../ruff.toml'\n"}, None, id="of settings that extend others"),
        pytest.param({"ruff.toml": "line-length = true"}, None, id="no number"),
        pytest.param({"../ruff.toml": OWN}, None, id="outside of the root"),
        pytest.param({"pyproject.toml": RUFF, "ruff.toml": "line-length = ["}, 100, id="broken"),
        pytest.param({"ruff.toml": "line-length = 'x'"}, None, id="a wrong value"),
        pytest.param({"pyproject.toml": "tool = 1  # line-length"}, None, id="no table"),
    ],
)
def test_the_nearest_settings_name_the_length(
    tmp_path: Path, files: dict[str, str], length: int | None
) -> None:
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    assert find_line_length(root / "a" / "b", root) == length


def test_a_source_outside_has_the_length_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text(OWN, encoding="utf-8")
    assert find_line_length(tmp_path.parent, tmp_path) == 110
