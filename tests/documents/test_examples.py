"""The example project does what its README and its workflow say."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"


@pytest.fixture
def shop(pytester: pytest.Pytester) -> Path:
    """A copy of the project to stand in, so that nothing is written into the checkout."""
    folder = shutil.copytree(SHOP, pytester.path / "shop")
    os.chdir(folder)
    return folder


@pytest.mark.slow
def test_its_workflow_runs_tests_and_checks_and_writes_both_reports(
    pytester: pytest.Pytester, shop: Path
) -> None:
    steps = yaml.safe_load((shop / ".github/workflows/tests.yml").read_text())["jobs"]["tests"]["steps"]
    command = next(step["run"] for step in steps if step.get("run", "").startswith("pytest "))
    result = pytester.runpytest_subprocess(*command.split()[1:])
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["no violations in 3 files"])
    cases = ElementTree.parse(shop / "report.xml").findall(".//testcase")
    assert sum((case.get("name") or "").endswith(".py") for case in cases) == 3
    assert (shop / "antipasta.json").is_file()


@pytest.mark.slow
def test_a_function_made_worse_fails_in_its_run(pytester: pytest.Pytester, shop: Path) -> None:
    cart = shop / "src/shop/cart.py"
    branches = "".join(f"        if amount == {number}:\n            amount += 1\n" for number in range(8))
    cart.write_text(re.sub(r"( +return amount\n)", lambda match: branches + match[0], cart.read_text()))
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["*Cart.total  cyclomatic 12/8"])
