"""One episode of the hunt: a repository, and commits upon each other, each judged in all ways."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.hunt.edits import Files, edit_files
from tests.hunt.functions import find_stem
from tests.hunt.oracle import find_new, find_worse, has_to_pass, look_at
from tests.hunt.project import BASELINE, Project, Said

STEPS = 25
# Every so many steps pytest judges, too, which takes longer than all else.
_PYTEST = 50


class WrongVerdictError(Exception):
    """An invariant does not hold."""


def play(folder: Path, seed: int, number: int) -> None:
    """Play an episode.

    Raises:
        WrongVerdictError: a verdict is wrong; the repository is left as it was judged.
    """
    random = Random(f"{seed} {number}")
    episode = _Episode(Project(folder, random, has_baseline=random.random() < 0.6), random)
    for step in range(STEPS):
        episode.play(number * STEPS + step)
    episode.sum_up()


class _Episode:
    """A repository in which one commit follows another."""

    def __init__(self, project: Project, random: Random) -> None:
        self._project = project
        self._random = random
        self._done: list[str] = []
        self._is_green = project.say("check", "--quiet").code == 0
        self._start = self._head()

    def play(self, step: int) -> None:
        """Edit, judge, and commit or give up."""
        if self._random.random() < 0.15 and len(self._history()) > 3:
            self._merge(step)
        else:
            self._edit(step)

    def sum_up(self) -> None:
        """Judge all commits since the last one that did not pass as one."""
        said = self._project.say("check", "--diff", f"{self._start}..HEAD", "--quiet")
        self._hold(said.code == 0, "commits that pass alone pass together", said)

    def _edit(self, step: int) -> None:
        files = self._project.read()
        before = dict(files)
        self._done = edit_files(self._random, files)
        self._project.stage(files)
        touched = self._edit_baseline()
        said = self._judge_all(step)
        self._ask_oracle(before, files, said, is_tolerance_changed=touched)
        self._end(said, was_green=self._is_green)

    def _edit_baseline(self) -> bool:
        """Now and then change what is recorded; return whether that was done."""
        has_one = (self._project.folder / BASELINE).exists()
        if not has_one or self._random.random() > 0.15:
            return False
        what = self._random.choice(("write", "prune", "drop", "lower"))
        self._done.append(f"baseline {what}")
        if what in ("write", "prune"):
            self._project.say("baseline", what, "--quiet")
        else:
            self._edit_line(what)
        self._project.git("add", "--all")
        return True

    def _edit_line(self, what: str) -> None:
        """Drop the line of an entry, or add a second one with a lower value."""
        file = self._project.folder / BASELINE
        lines = file.read_text().splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if '"value"' in line]
        if len(places) < 3:
            return
        at = self._random.choice(places[1:-1])
        if what == "drop":
            del lines[at]
        else:
            value = lines[at].partition('"value": ')[2].partition(",")[0].partition("}")[0].strip()
            lines.insert(at, lines[at].replace(f'"value": {value}', f'"value": {int(value) - 1}'))
        file.write_text("".join(lines))

    def _merge(self, step: int) -> None:
        """Have a side branch of one commit, and merge it; a conflict is resolved for one of the sides."""
        random, project = self._random, self._project
        main, base = self._head(), random.choice(self._history()[1:4])
        project.git("checkout", "--quiet", "--detach", base)
        files = project.read()
        self._done = edit_files(random, files)
        project.stage(files)
        side_passes = project.say("hook").code == 0
        project.commit("side")
        side, side_green = self._head(), project.say("check", "--quiet").code == 0
        project.git("checkout", "--quiet", "main")
        project.git("merge", "--no-commit", "--no-ff", "--quiet", side, check=False)
        for path in project.git("diff", "--name-only", "--diff-filter=U", "-z").split("\0")[:-1]:
            choice = random.choice(("--ours", "--theirs"))
            self._done.append(f"merge {choice} {path}")
            project.git("checkout", choice, "--", path, check=False)
        project.git("add", "--all")
        self._done.append(f"merge of {side[:9]} into {main[:9]}")
        said = self._judge_all(step)
        # The sum of its commits has a side branch in it that may not have passed.
        self._end(said, was_green=self._is_green and side_green)
        if not side_passes:
            self._start = self._head()

    def _judge_all(self, step: int) -> Said:
        """Judge what is staged in every way in; what else is in the worktree counts for nothing."""
        project = self._project
        said = project.say("hook")
        self._hold(said.code in (0, 1, 3), "it is judged", said)
        if self._random.random() < 0.2:
            files = project.read()
            kept = dict(files)
            edit_files(self._random, files)
            for path, text in files.items():
                if kept.get(path, text) != text:
                    (project.folder / path).write_text(text, encoding="utf-8")
            self._hold(project.say("hook") == said, "the worktree counts for nothing", said)
            project.git("checkout", "--", ".")
            project.git("clean", "--quiet", "--force", "-d")
        others = {"check --staged": project.say("check", "--staged")}
        if self._random.random() < 0.2:
            others["file by file"] = self._judge_each(said)
        if step % _PYTEST == _PYTEST - 1:
            others |= {"pytest": project.say_pytest(), "pytest -n 2": project.say_pytest("-n", "2")}
        for way, other in others.items():
            is_same = other.failing == said.failing and bool(other.code) == bool(said.code)
            self._hold(is_same, f"{way} says what the hook says", said, other)
        return said

    def _judge_each(self, said: Said) -> Said:
        names = self._project.git("diff", "--cached", "--name-only", "--diff-filter=d", "-z").split("\0")
        answers = [self._project.say("hook", name) for name in names if name.endswith(".py")]
        if not answers:
            return said
        failing = frozenset[str]().union(*(one.failing for one in answers))
        # What fails by the baseline alone is told with every file.
        return Said(max(one.code for one in answers), failing, "\n".join(one.text for one in answers))

    def _ask_oracle(self, before: Files, after: Files, said: Said, *, is_tolerance_changed: bool) -> None:
        old, new = look_at(before), look_at(after)
        recorded = self._project.read_recorded()
        if not recorded and not is_tolerance_changed and has_to_pass(old, new):
            self._hold(said.code == 0, "nothing is new over its limit, and nothing worse", said)
        names = {find_stem(str(entry.get("qualified_name"))).rpartition(".")[2] for entry in recorded}
        for kind, places in (("new", find_new(old, new)), ("worse", find_worse(old, new))):
            for path, name in places:
                if find_stem(name).rpartition(".")[2] not in names:
                    self._hold(said.code == 1, f"{path}::{name} is {kind}, and over its limit", said)

    def _end(self, said: Said, *, was_green: bool) -> None:
        """Commit what passes, after which a check passes if it did before; give up or record what fails."""
        project = self._project
        if said.code == 0:
            project.commit("; ".join(self._done) or "nothing")
            check = project.say("check", "--quiet")
            self._is_green = check.code == 0
            self._hold(
                self._is_green or not was_green, "a check passes after what the hook lets pass", said, check
            )
        elif self._random.random() < 0.3:
            if (project.folder / BASELINE).exists():
                project.say("baseline", "write", "--quiet")
            project.commit("; ".join(self._done))
            self._is_green = project.say("check", "--quiet").code == 0
            self._start = self._head()
        else:
            project.git("reset", "--quiet", "--hard")
            project.git("clean", "--quiet", "--force", "-d")

    def _hold(self, holds: bool, what: str, *said: Said) -> None:
        if not holds:
            answers = "\n---\n".join(f"{one.code}\n{one.text}" for one in said)
            raise WrongVerdictError("\n".join([f"does not hold: {what}", *self._done, answers]))

    def _head(self) -> str:
        return self._project.git("rev-parse", "HEAD").strip()

    def _history(self) -> list[str]:
        return self._project.git("rev-list", "--first-parent", "HEAD").split()
