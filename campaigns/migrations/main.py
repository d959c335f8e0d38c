"""Projects with random settings of other tools, before and after ``config migrate``.

``python -m campaigns migrations --steps N --seed S``
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from campaigns.migrations.projects import SEVERAL, Project, make_project
from campaigns.migrations.running import TOOLS, Reported, ToolError, run_check
from campaigns.options import make_parser
from pytest_antipasta.cli import main as call
from tests.environment import ENVIRONMENT

# The cheaper a tool, the more of its projects.
_TURNS = (
    "ruff", "flake8", "ruff", "xenon", "complexipy", "ruff", "pylint", "radon", SEVERAL, "flake8",
)  # fmt: skip
_SHOWN = 6
# What is said in a comment, and which differences that explains.
_EXPLANATIONS: Mapping[str, Callable[[str, Reported], bool]] = {
    r"^# \*\.pyi: ": lambda _, found: found.path.endswith(".pyi"),
    r"^# \.gitignore: ": lambda side, _: side != "check",
    r"(include|filename): not converted": lambda *_: True,
    r"(dummy-variable-rgx|ignored-argument-names): ": lambda _, found: found.metric.endswith("parameters"),
    r"pylint counts one more": lambda _, found: found.metric == "statements",
    r"mccabe's numbers are": lambda _, found: found.metric == "mccabe_complexity",
    r"ignore-patterns: pylint checks ": lambda side, _: side != "check",
    r"`nested_blocks = false` would apply": lambda _, found: found.function == "in_outer",
    r"`paths = .*` would apply": lambda *_: True,
    r"`include = .*` would apply": lambda _, found: found.path.endswith(".pyw"),
    r"can't be converted to a pattern": lambda *_: True,
}


class Compared(NamedTuple):
    """What became of a project.

    Attributes:
        outcome: ``same``, ``explained`` by a comment, ``different`` or ``refused`` by the tool.
        lines: what differs.
        written: what ``config migrate`` says.
    """

    outcome: str
    lines: Sequence[str] = ()
    written: str = ""


def find_missing() -> list[str]:
    """Return the tools that are not installed beside this Python."""
    return [tool for tool in TOOLS if not (Path(sys.executable).parent / tool).exists()]


def write_project(project: Project, folder: Path) -> None:
    """Write the files of a project into a folder that is a repository, so that none above it counts."""
    for path, text in project.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for name in ("objects", "refs"):
        (folder / ".git" / name).mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")


def compare(project: Project, folder: Path) -> Compared:
    """Run the tool on a project in the folder, migrate, and run our check."""
    with contextlib.chdir(folder):
        try:
            theirs = {found for tool, args in project.arguments.items() for found in TOOLS[tool](args)}
        except ToolError as error:
            return Compared("refused", [str(error)])
        written = _migrate()
        ours = {found for found in run_check(folder.parent / "report.json") if _counts(project, found)}
    return _judge(project, theirs, ours if "[tool.pytest-antipasta" in written else set(), written)


def _judge(project: Project, theirs: set[Reported], ours: set[Reported], written: str) -> Compared:
    left = [(project.name, found) for found in sorted(theirs - ours)]
    left += [("check", found) for found in sorted(ours - theirs)]
    said = [line for line in written.splitlines() if line.startswith(("# ", "error: "))]
    unexplained = [each for each in left if not _is_explained(*each, said)]
    outcome = "different" if unexplained else "explained" if left else "same"
    lines = [f"{side} alone: {found}" for side, found in unexplained or left]
    return Compared(outcome, lines[:_SHOWN], written)


def _is_explained(side: str, found: Reported, said: Sequence[str]) -> bool:
    return any(
        re.search(comment, line) and does_explain(side, found)
        for comment, does_explain in _EXPLANATIONS.items()
        for line in said
    )


def _counts(project: Project, found: Reported) -> bool:
    # radon has no limits; of ours, only those of functions are compared with what it shows.
    return project.name != "radon" or found.metric == "cyclomatic_complexity"


def _migrate() -> str:
    """Write the table; return it with all messages."""
    shown, target = io.StringIO(), Path("pyproject.toml")
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        if call(["config", "migrate", "--yes", "--quiet"]) not in (0, 2):
            raise AssertionError(shown.getvalue())
    return shown.getvalue() + (target.read_text(encoding="utf-8") if target.exists() else "")


def _describe(seed: int, number: int, project: Project, compared: Compared, folder: Path) -> None:
    name = project.name
    said = [line for line in compared.written.splitlines() if line.startswith("# ")]
    lines = [
        f"{name}, project {number}: {compared.outcome}; in {folder}; again with",
        f"    python -m campaigns migrations --seed {seed} --tool {name} --first {number} --steps 1",
        *(f"    {line}" for line in (*compared.lines, *said)),
    ]
    print("\n".join(lines), flush=True)  # noqa: T201


def main(argv: list[str] | None = None) -> int:
    """Make projects and compare; return 1 if a difference has no comment that names its option."""
    parser = make_parser("migrations", main.__doc__, steps=50, step="how many projects")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the project to begin with")
    parser.add_argument("--tool", choices=(*TOOLS, SEVERAL), help="projects of this tool alone")
    parser.add_argument("--show", default="different", help="outcome of the projects to print")
    args = parser.parse_args(argv)
    if missing := find_missing():
        print(f"{', '.join(missing)}: not installed; pip install -e '.[test,lint]'")  # noqa: T201
        return 2
    root = Path(tempfile.mkdtemp(prefix="antipasta-old-tools-")).resolve()
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(root / "cache")}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for number in range(args.first, args.first + args.steps):
        tool = args.tool or _TURNS[number % len(_TURNS)]
        project = make_project(args.seed, tool, number)
        folder = root / f"{tool}-{number}"
        folder.mkdir()
        write_project(project, folder)
        compared = compare(project, folder)
        counts[tool][compared.outcome] += 1
        if compared.outcome == args.show:
            _describe(args.seed, number, project, compared, folder)
        if compared.outcome != "different":
            shutil.rmtree(folder)
    for tool, outcomes in counts.items():
        print(f"{tool}: {', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))}")  # noqa: T201
    wrong = sum(outcomes["different"] + outcomes["refused"] for outcomes in counts.values())
    print(f"seed {args.seed}: {args.steps} projects, {wrong} wrong")  # noqa: T201
    return int(bool(wrong))
