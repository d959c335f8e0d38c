"""A file that takes too much is a failed item, and costs no other."""

from __future__ import annotations

from tests.limits import LARGE, SLOW
from tests.plugin.conftest import PASSING, Project, outcomes

SETTINGS = "[tool.pytest-antipasta]\nfile_timeout = 0.1\n"


def test_a_file_that_takes_too_long_is_named(project: Project, xdist_args: list[str]) -> None:
    project.write({"slow.py": SLOW, "large.py": LARGE, "fine.py": PASSING, "pyproject.toml": SETTINGS})
    result = project.run("--antipasta-only", *xdist_args)
    found = {name.removesuffix("::antipasta"): outcome for name, outcome in outcomes(result).items()}
    assert found == {"slow.py": "failed", "large.py": "passed", "fine.py": "passed"}
    reason = "it takes more than 0.1 s of processor time; raise file_timeout or exclude the file"
    known = "    still known (partial): bytes 450016, lines_of_code 150002*"
    result.stdout.fnmatch_lines([f"slow.py: not measured (timeout): {reason}", known], consecutive=True)
