"""What the command line says beside its answer."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from pytest_antipasta.printable import make_printable


def tell(lines: Iterable[str]) -> None:
    """Write lines to standard error, whatever is in them."""
    for line in lines:
        print(make_printable(line), file=sys.stderr)
