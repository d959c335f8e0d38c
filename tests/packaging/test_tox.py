"""The pairs of versions that tox tries are those that are promised."""

from __future__ import annotations

import re
from pathlib import Path
from tomllib import loads
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
TOX: Any = loads((ROOT / "tox.toml").read_text(encoding="utf-8"))
PROJECT: Any = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    extras = PROJECT["optional-dependencies"]
    named = [
        *PROJECT["dependencies"],
        *(text for name in (*TOX["env_run_base"]["extras"], "xdist") for text in extras[name]),
    ]
    bounds = {}
    for requirement in map(Requirement, named):
        (bounds[requirement.name],) = (
            item.version for item in requirement.specifier if item.operator == ">="
        )
    pinned = [Requirement(text) for text in TOX["env"]["oldest"]["deps"] if isinstance(text, str)]
    assert {one.name: str(one.specifier).removeprefix("==") for one in pinned} == {
        name: version.removesuffix(".0") if name == "complexipy" else version
        for name, version in bounds.items()
    }
    assert TOX["env"]["oldest"]["base_python"] == [f"python{PROJECT['requires-python'].removeprefix('>=')}"]


def test_the_page_on_security_has_what_is_not_audited_and_what_the_bounds_leave_out() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    excepted = set(re.findall(r"CVE-[\d-]+", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    assert set(re.findall(r"^\| (CVE-[\d-]+) \|", page, re.MULTILINE)) == excepted
    rows = re.findall(r"^\| (\w+) \| (\d[\d.]+) \|", page, re.MULTILINE)
    assert len(rows) == 2
    assert {f"{name}>={version}" for name, version in rows} <= {*PROJECT["dependencies"]}


def test_every_pair_is_run_and_has_its_reason() -> None:
    names = TOX["env_list"]
    assert sorted(TOX["env"]) == sorted(names)
    maintaining = (ROOT / "docs/maintaining.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w.-]+)` \| CPython", maintaining, re.MULTILINE) == names
    have = {name: f"{TOX['env'][name].get('deps')} {TOX['env'][name].get('extras')}" for name in names}
    assert [name for name in names if not re.search("pytest-xdist|'test'", have[name])] == [
        "pytest8-alone",
        "newest-alone",
    ]


def test_the_tests_that_tox_runs_are_there() -> None:
    words = re.findall(r'"(tests/[^"]+)"', (ROOT / "tox.toml").read_text(encoding="utf-8"))
    assert len(words) > 15
    assert [word for word in words if not (ROOT / word.partition("::")[0]).exists()] == []
