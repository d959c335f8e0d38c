"""``python -m pytest_antipasta``."""

from pytest_antipasta.cli import run

if __name__ == "__main__":
    run()
