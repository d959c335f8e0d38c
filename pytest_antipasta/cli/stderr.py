"""What the command line says beside its answer."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from pytest_antipasta.cli.stdout import drop
from pytest_antipasta.printable import make_printable


def tell(lines: Iterable[str]) -> None:
    """Write lines to standard error, whatever is in them.

    Where nothing can be written, they are lost: what is judged, and the exit code, stay what they are.
    """
    for line in lines:
        if sys.stderr is None:  # closed by who started us; `print` would take the answer's way
            return
        try:
            print(make_printable(line), file=sys.stderr, flush=True)
        except OSError:
            drop(sys.stderr)
            return
