"""A few hostile files among a few others; ``python -m campaigns hostile`` has thousands of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from campaigns.hostile.kinds import KINDS
from campaigns.hostile.main import Tree, find_troubles
from campaigns.hostile.processes import Observed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_each_hostile_file_costs_itself_alone(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}.py").write_text(f"def f(a):\n    return a + {number}\n")
    command = [
        sys.executable,
        "-m",
        "campaigns",
        "hostile",
        "--tree",
        str(tmp_path),
        "--way",
        "check --jobs 2",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2].startswith("| `check --jobs 2` | ")
    assert "\nAll commands: 30 other files measured. Hostile files: " in done.stdout


def _tell_troubles(root: Path, **file: Any) -> list[str]:
    (heavy,) = (kind for kind in KINDS if kind.name == b"heavy.py")
    (root / "heavy.py").write_bytes(b"x = 1\n")
    tree = Tree(root, frozenset(), {"heavy.py": heavy})
    report = {"files": [{"path": "heavy.py", "status": "error", **file}]}
    return [*find_troubles("check --jobs 2", tree, Observed(3, 1.0, {}, 0), report)]


@pytest.mark.parametrize("kind", ["memory", "out_of_memory", "timeout"])
def test_what_is_given_up_has_its_size(tmp_path: Path, kind: str) -> None:
    error = {"kind": kind, "size": 6}
    assert _tell_troubles(tmp_path, error=error, partial=True) == []
    untold = [f"heavy.py: {kind}, without its size"]
    assert _tell_troubles(tmp_path, error=error) == untold
    assert _tell_troubles(tmp_path, error=error | {"size": None}, partial=True) == untold
