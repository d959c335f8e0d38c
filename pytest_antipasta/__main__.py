"""Run the command line as ``python -m pytest_antipasta``."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # Python puts the current folder first. Its modules are the checked project's, whatever their names.
        sys.path.append(sys.path.pop(0))
    from pytest_antipasta.cli import run

    run()
