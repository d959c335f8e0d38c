"""``--profile``: where the time of a command goes, in its own process."""

from __future__ import annotations

import argparse
import marshal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_antipasta.cli.stdout import tell
from pytest_antipasta.model import UsageError
from pytest_antipasta.runtime import trusted_first


def add_profile_option(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="PATH",
        help="write there what takes the time of this process, for `python -m pstats` and other viewers",
    )


@contextmanager
def keep_profile(path: Path | None) -> Iterator[None]:
    """Write a profile of the block, if there is to be one; how a command ends does not depend on it.

    Raises:
        UsageError: it would replace a source file, or there is a profiler already.
    """
    if path is None:
        yield
        return
    # Here, because hardly anybody asks for one.
    with trusted_first():
        from cProfile import Profile

        from pytest_antipasta.report import require_no_source, write_report

    require_no_source(path)
    profile = Profile()
    try:
        profile.enable()
    except ValueError as error:  # from Python 3.12 on, another profiler is at work
        raise UsageError(f"--profile: {error}") from error
    try:
        yield
    finally:
        profile.disable()
        profile.create_stats()
        try:
            write_report(path, marshal.dumps(profile.stats), "profile")
        except UsageError as error:
            tell([f"warning: {error}"])
