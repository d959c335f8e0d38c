"""The one way to begin a campaign: ``python -m campaigns NAME --steps N --seed S``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

_FOLDERS = (
    "cold", "coverages", "faults", "forged", "fuzz", "hints", "hostile", "hunt", "lives", "memo",
    "migrations", "mutations", "proof", "reports", "soak", "stores", "ways",
)  # fmt: skip
_MODULES = (
    "baselines", "characters", "commits", "editor", "history", "kills", "patterns", "replay", "sessions",
    "settings", "suites",
)  # fmt: skip
NAMES = {
    **{name: f"campaigns.{name}.main" for name in _FOLDERS},
    **{name: f"campaigns.{name}" for name in _MODULES},
}


def main(argv: Sequence[str]) -> int:
    """Run the campaign that the first argument names, with the others as its options."""
    if not argv or argv[0] not in NAMES:
        print(f"usage: python -m campaigns {{{','.join(sorted(NAMES))}}} [--steps N] [--seed S] …")  # noqa: T201
        print("README.md in this folder says what each of them tries")  # noqa: T201
        return 2
    code: int = import_module(NAMES[argv[0]]).main([*argv[1:]])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
