"""Run the command line as ``python -m pytest_antipasta``."""

from __future__ import annotations

from pytest_antipasta.cli import run

if __name__ == "__main__":
    run()
