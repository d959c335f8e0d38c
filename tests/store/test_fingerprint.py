"""The fingerprint that is part of the key of each record: which versions change it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.store.fingerprint import make_fingerprint


def test_a_fingerprint_is_short_and_stays() -> None:
    assert make_fingerprint() == make_fingerprint()
    assert len(make_fingerprint()) == 8


@pytest.mark.parametrize("package", ["radon", "complexipy"])
def test_another_version_of_a_metric_makes_another_fingerprint(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, name, content in (
        (package, "__init__.py", "raise SystemExit('imported')\n"),
        (f"{package}-99.0.dist-info", "METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 99.0\n"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    program = (
        "import sys; from pytest_antipasta.runtime import imports; imports.TRUSTED = (sys.argv[1],);"
        "from pytest_antipasta.store.fingerprint import make_fingerprint; print(make_fingerprint().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert len(bytes.fromhex(done.stdout)) == 8
    assert bytes.fromhex(done.stdout) != make_fingerprint()


def test_another_minor_version_of_python_makes_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_fingerprint()
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    assert make_fingerprint() != before
