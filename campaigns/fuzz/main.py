"""Fuzzing one target with atheris; options behind its name are libFuzzer's."""

from __future__ import annotations

import shutil
import sys
import tempfile
import warnings
from pathlib import Path

_SEEDS = Path(__file__).with_name("corpus")
_SOURCES = Path(__file__).parents[2] / "tests" / "behaviour" / "bad_input" / "corpus"


def main(argv: list[str]) -> None:
    """Fuzz until something is found, or for as long as `-max_total_time=SECONDS` says."""
    import atheris

    warnings.simplefilter("ignore")  # of the measured code, as in a run
    with atheris.instrument_imports(include=["pytest_antipasta"]):
        from campaigns.fuzz.targets import TARGETS

    if not argv or argv[0] not in TARGETS:
        sys.exit(f"usage: python -m campaigns fuzz {{{','.join(TARGETS)}}} [libFuzzer's options]")
    with tempfile.TemporaryDirectory() as corpus:
        for path in (*_SEEDS.glob(f"{argv[0]}/*"), *(_SOURCES.iterdir() if argv[0] == "source" else ())):
            shutil.copy(path, corpus)
        atheris.Setup([sys.argv[0], *argv[1:], corpus], TARGETS[argv[0]])
        atheris.Fuzz()
