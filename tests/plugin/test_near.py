"""``--antipasta-near``."""

from __future__ import annotations

from tests.cli.test_near import SETTINGS, SOURCE
from tests.plugin.conftest import Project, told


def test_functions_close_to_a_limit_are_listed(project: Project) -> None:
    project.write({"pyproject.toml": SETTINGS, "a.py": SOURCE})
    for args in ([], [], ["-n", "1"]):  # cold, warm, in workers
        result = project.run("--antipasta-only", "--antipasta-near", "0.8", *args)
        lines = [line for line in told(result) if line.startswith("near: ")]
        assert [line.split()[2] for line in lines] == ["at:", "near:"]
    assert project.run("--antipasta-only", "--antipasta-near", "2").ret == 4
