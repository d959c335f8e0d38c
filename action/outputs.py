"""Write what a change does to complexity, as the outputs of a step; nothing for a run over all files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# The first one with a limit counts.
_METRICS = ("cognitive_complexity", "cyclomatic_complexity")


def main(path: str) -> int:
    """Write the outputs of a report and return the exit code."""
    report: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    if (points := report.get("points")) is not None:
        none = {"added": 0, "taken": 0}
        found = next((points[metric] for metric in _METRICS if metric in points), none)
        outputs = {
            "complexity_added": found["added"],
            "complexity_removed": found["taken"],
            "functions_worse": report["effects"]["worse"],
        }
        sys.stdout.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
