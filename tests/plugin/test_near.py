"""``--antipasta-near``."""

from __future__ import annotations

from tests.cli.test_near import SETTINGS, SOURCE
from tests.plugin.conftest import Project, told


def test_functions_close_to_a_limit_are_listed(project: Project) -> None:
    project.write({"pyproject.toml": SETTINGS, "a.py": SOURCE})
    for args in ([], [], ["-n", "1"]):  # cold, warm, in workers
        result = project.run("--antipasta-only", "--antipasta-near", "0.8", *args)
        assert told(result)[:4] == [
            "2 functions within the limits that reached 80 % of one",
            "a.py",
            "    9:1  at    cyclomatic 5/5",
            "    4:1  near  cyclomatic 4/5",
        ]
    assert project.run("--antipasta-only", "--antipasta-near", "2").ret == 4
