"""Random sessions of pytest over one tree: which items there are, and their results, is what ``check`` says.

Given the same paths, part or change, ``check`` says which files a session has; a naive rule, which of them
options of pytest leave.

``python -m campaigns sessions --steps N --seed S``
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from campaigns.hunt.commands import Said, TroubleError, call, start_pytest
from campaigns.hunt.trees import sources_of
from campaigns.steps import Difference, Step, do_steps
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project

_SAME, _CODE, _REPORT = "items are those of check", "the exit code fits", "the report is that of check"
_SESSIONS = 3
_LAST_LINES = 25
_RESULT = re.compile(r"^(PASSED|FAILED) (.+)::antipasta\b", re.MULTILINE)
# With these, nothing to check is no fault.
_MAY_BE_EMPTY = (("--diff",), ("--shard",), ("--staged",))


class _Asked(NamedTuple):
    """What a session is asked for.

    Attributes:
        narrowing: paths, and options that ``check`` has, too.
        filtering: options of pytest alone.
        workers: how xdist is used.
    """

    narrowing: tuple[str, ...]
    filtering: tuple[str, ...]
    workers: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """All of it as pytest has it."""
        narrowing = (re.sub("^--", "--antipasta-", word) for word in self.narrowing)
        return [*narrowing, *self.filtering, *self.workers]


class _Session(NamedTuple):
    """A session that has ended.

    Attributes:
        code: its exit code.
        output: what it printed.
        results: whether each of its items failed, by the path of its file.
    """

    code: int
    output: str
    results: dict[str, bool]


class SessionsStep(Step):
    """A commit, a change of it in the working tree, and some sessions."""

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that there are two states."""
        return "sessions", 2

    def _run(self) -> Iterator[Difference]:
        first = {"pytest.ini": "[pytest]\n", **make_project(Random(f"{self._plan.seed}:files"))}
        commit, tree = self._edit_in_turn(first, select_edits(first))
        self._repository.put(self._repository.commit(commit), commit, tree)
        sources = sorted(sources_of(tree))
        folders = sorted({path.rpartition("/")[0] for path in sources} - {""})
        failed: set[str] = set()
        for _ in range(_SESSIONS):
            asked = _choose(self._rng, [*sources, *folders])
            session = self._begin(asked)
            for difference in self._compare(asked, session, failed):
                last = session.output.splitlines()[-_LAST_LINES:]
                yield difference._replace(lines=[*difference.lines, " ".join(asked.words), *last])
            failed.difference_update(session.results)
            failed.update(path for path, fails in session.results.items() if fails)

    def _begin(self, asked: _Asked) -> _Session:
        """Run pytest, which writes a report."""
        done = start_pytest(self._repository.path, self._report, "-rA", "--tb=no", *asked.words)
        output = done.stdout + done.stderr
        if "INTERNALERROR" in output or "Traceback" in output:
            raise TroubleError(Said(done.returncode, done.stdout, done.stderr))
        results = {path: result == "FAILED" for result, path in _RESULT.findall(done.stdout)}
        return _Session(done.returncode, output, results)

    @property
    def _report(self) -> Path:
        return self._repository.path.with_name("report.json")

    def _compare(self, asked: _Asked, session: _Session, failed: set[str]) -> Iterator[Difference]:
        """Yield what differs in a session; some files failed in those before."""
        said = call(self._repository.path, "check", "--format", "json", *asked.narrowing)
        if said.code == 2:
            if session.code != pytest.ExitCode.USAGE_ERROR:
                yield Difference(_CODE, [f"check says {said.err}"])
            return
        files = _read_files(said.out)
        everything = {path: _fails(file) for path, file in files.items()}
        expected = _filter(everything, asked.filtering, failed)
        if not _agree(asked, session.results, expected):
            yield Difference(_SAME, [f"pytest {session.results}", f"check  {expected}"])
        if session.code not in _find_codes(asked, session, everything):
            yield Difference(_CODE, [str(session.code)])
        elif not asked.filtering and files and _read_files(self._report.read_text("utf-8")) != files:
            yield Difference(_REPORT, [])


def _choose(rng: Random, names: Sequence[str]) -> _Asked:
    """Return a session about some files and folders."""
    some = tuple(rng.sample(names, min(len(names), rng.randint(1, 3))))
    one = rng.choice(names)
    word = one.rpartition("/")[2].removesuffix(".py")
    narrowing: tuple[tuple[str, ...], ...] = (
        *((), (), some, some, ("--shard", "1/2"), ("--diff", "HEAD"), ("--staged",)),
        *(("--baseline", "other.json"), ("--no-baseline",), ("--no-ignore",)),
    )
    filtering: tuple[tuple[str, ...], ...] = (
        *((), (), (), ("--lf",), ("--lf",), ("--ff",), ("-x",), ("-k", word), ("-k", f"not {word}")),
        *(("--deselect", one), ("-m", "antipasta"), ("-m", "not antipasta")),
    )
    workers = ((), (), ("-n", "0"), ("-n", "2"))
    return _Asked(rng.choice(narrowing), rng.choice(filtering), rng.choice(workers))


def _read_files(report: str) -> dict[str, dict[str, Any]]:
    """Return the files of a report by path, without their plans, which are made in the time there is."""
    files = json.loads(report)["files"]
    return {file["path"]: {key: value for key, value in file.items() if key != "plans"} for file in files}


def _fails(file: Mapping[str, Any]) -> bool:
    """Return whether a file of a report fails."""
    is_error = file["status"] == "error" and file["error"]["severity"] == "error"
    return bool(is_error or file["violations"] or any(one["fails"] for one in file["suppressions"]))


def _filter(files: Mapping[str, bool], filtering: Sequence[str], failed: Collection[str]) -> dict[str, bool]:
    """Return the files that options of pytest leave, some of which failed before."""
    option, value = (*filtering, "", "")[:2]
    word = value.removeprefix("not ").lower()

    def keeps(path: str) -> bool:
        if option == "--lf":
            return path in failed or files.keys().isdisjoint(failed)
        if option == "-k":
            return any(word in part.lower() for part in (*path.split("/"), "antipasta")) != value.startswith(
                "not "
            )
        return value != "not antipasta" and not (option == "--deselect" and path.startswith(value))

    return {path: fails for path, fails in files.items() if keeps(path)}


def _agree(asked: _Asked, results: Mapping[str, bool], expected: Mapping[str, bool]) -> bool:
    """Return whether results are those expected; ``-x`` ends a session after the first that fails.

    Then, another worker may have begun one that fails, too.
    """
    if "-x" not in asked.filtering or not any(expected.values()):
        return results == expected
    most = 2 if "2" in asked.workers else 1
    return 1 <= sum(results.values()) <= most and results.items() <= expected.items()


def _find_codes(asked: _Asked, session: _Session, files: Collection[str]) -> tuple[int, ...]:
    """Return the exit codes that a session about some files may have."""
    if any(session.results.values()):
        # With workers, xdist interrupts the session where pytest ends it.
        is_stopped = "-x" in asked.filtering and "2" in asked.workers
        return (1, 2) if is_stopped else (1,)
    may_be_empty = not files and asked.narrowing[:1] in _MAY_BE_EMPTY
    return (0,) if session.results or may_be_empty else (pytest.ExitCode.NO_TESTS_COLLECTED,)


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if pytest and ``check`` differ."""
    return do_steps("sessions", SessionsStep, main.__doc__, argv, steps=100, slow=1)
