"""Commits and pushes as people make them, through an installed hook: what git takes is what is judged.

``python -m campaigns commits --steps N --seed S``

The tree that a commit would have had without its hook comes from git itself, by ``--no-verify``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import yaml

from campaigns.hunt.baselines import record, write_files
from campaigns.hunt.commands import Number, Said, TroubleError, call_safely, find_numbers
from campaigns.hunt.edits import ALL_EDITS, SOURCE_EDITS, is_python, suppress
from campaigns.hunt.oracle import Side, expect, find_faults
from campaigns.hunt.repositories import Repository, find_origins, write_worktree
from campaigns.hunt.trees import FOLDERS, Tree, make_tree, sources_of
from campaigns.steps import Difference, Step, do_steps

# None of these changes what a commit has.
_OF_GIT = (
    ("index.version", "4"),
    ("core.splitIndex", "true"),
    ("core.untrackedCache", "true"),
    ("core.quotePath", "false"),
    ("core.preloadIndex", "false"),
    ("core.abbrev", "4"),
    ("core.pager", "false"),
    ("color.ui", "always"),
    ("diff.algorithm", "histogram"),
    ("diff.external", "false"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.mnemonicPrefix", "true"),
    ("diff.noprefix", "true"),
    ("diff.relative", "true"),
    ("diff.renames", "false"),
    ("diff.renames", "copies"),
    ("diff.submodule", "log"),
    ("diff.wordRegex", "."),
    ("feature.manyFiles", "true"),
    ("log.showSignature", "true"),
    ("status.renames", "false"),
    ("status.showUntrackedFiles", "no"),
)
# What git says where it has nothing to commit, or can't commit what it is told to.
_REFUSALS = (
    "nothing to commit", "no changes added", "nothing added", "did not match any file", "No changes",
    "cannot do a partial commit",
)  # fmt: skip
_MANIFEST = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"
_TROUBLE = ("Traceback", "did not check", "bug in", "fatal:")


class _Place(NamedTuple):
    """Where somebody works.

    Attributes:
        top: the working tree.
        folder: where git is called.
        words: how it is called.
        env: the variables of the environment that are set for that.
    """

    top: Path
    folder: Path
    words: Sequence[str] = ("git",)
    env: Mapping[str, str] = {}

    def git(self, *words: str, answers: str = "") -> Said:
        """Call git as somebody does who works there."""
        done = subprocess.run(
            [*self.words, *words],
            cwd=self.folder,
            env=os.environ | self.env,
            input=answers,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str) -> str:
        """Return what git says at the top of the working tree, where it must succeed."""
        done = subprocess.run(["git", *words], cwd=self.top, capture_output=True, text=True, check=True)
        return done.stdout

    def read_tree(self, name: str) -> dict[str, str]:
        """Return the files of a commit or a tree."""
        paths = self.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", name).split("\0")
        return {path: self.ask("cat-file", "blob", f"{name}:{path}") for path in paths if path}

    def look(self) -> list[str]:
        """Return the state of HEAD, of the index and of the working tree."""
        asked = (["rev-parse", "HEAD"], ["ls-files", "--stage"], ["status", "--porcelain", "-uall"])
        return [self.ask(*words) for words in asked]

    def list_folders(self) -> list[Path]:
        """Return the folders of the working tree, and its top."""
        return [self.top, *(item for item in sorted(self.top.iterdir()) if item.name in FOLDERS)]


def _stay(repository: Repository) -> _Place:
    """Work in the repository."""
    return _Place(repository.path, repository.path)


def _go_apart(repository: Repository) -> _Place:
    """Work in a repository whose folder of git lies elsewhere."""
    apart = _make_beside(repository, "apart.git")
    repository.git("init", "-q", "--separate-git-dir", str(apart))
    return _stay(repository)


def _go_by_link(repository: Repository) -> _Place:
    """Work in the repository by way of a link to its folder."""
    link = _make_beside(repository, "link")
    link.symlink_to(repository.path)
    return _Place(repository.path, link)


def _go_to_worktree(repository: Repository) -> _Place:
    """Work in a linked working tree."""
    top = _make_beside(repository, "linked")
    repository.git("worktree", "add", "-q", "-b", "side", str(top))
    return _Place(top, top)


def _go_to_submodule(repository: Repository) -> _Place:
    """Work in a submodule of another repository."""
    outer = _make_beside(repository, "outer")
    outer.mkdir()
    for words in (["init", "-q"], ["submodule", "--quiet", "add", str(repository.path), "inner"]):
        git = ["git", "-c", "protocol.file.allow=always", *words]
        subprocess.run(git, cwd=outer, check=True, capture_output=True)
    place = _Place(outer / "inner", outer / "inner")
    place.ask("remote", "remove", "origin")  # it has all commits
    return place


def _name_in_options(repository: Repository) -> _Place:
    """Call git from elsewhere, with options that name the repository and its working tree."""
    path = repository.path
    return _Place(path, path.parent, ("git", f"--git-dir={path / '.git'}", f"--work-tree={path}"))


def _name_in_environment(repository: Repository) -> _Place:
    """Call git from elsewhere, with variables that name both."""
    path = repository.path
    return _Place(path, path.parent, env={"GIT_DIR": str(path / ".git"), "GIT_WORK_TREE": str(path)})


_GO = (_stay, _stay, _go_apart, _go_by_link, _go_to_worktree, _go_to_submodule)
# From where git starts a push hook in no working tree.
_GO_OUTSIDE = (_name_in_options, _name_in_environment)


def _install(place: _Place, stage: str) -> None:
    """Install the hook as a script of ours; that of commits for merges, too."""
    said = call_safely(place.top, "hooks", "install", "--type", stage)
    if said.code:
        raise TroubleError(said)
    hook = Path(place.top, place.ask("rev-parse", "--git-path", f"hooks/{stage}").strip())
    if stage == "pre-commit":
        shutil.copy(hook, hook.with_name("pre-merge-commit"))


def _install_by(program: str, place: _Place, stage: str, beside: Path) -> None:
    """Have a program run the hook as it is published, from this environment, for every change."""
    published = {each["id"]: each for each in yaml.safe_load(_MANIFEST.read_text("utf-8"))}
    hook = published["antipasta" if stage == "pre-commit" else "antipasta-push"]
    hook |= {"language": "system", "entry": f"{sys.executable} -m {hook['entry'].replace('-', '_')}"}
    hook |= {"always_run": True, "types": ["text"], "types_or": ["python", "toml", "json"]}
    config = beside / "hooks.yaml"
    config.write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
    command = [str(Path(sys.executable).with_name(program)), "install", "--config", str(config)]
    subprocess.run([*command, "--hook-type", stage], cwd=place.top, check=True, capture_output=True)


def _make_beside(repository: Repository, name: str) -> Path:
    """Return a path beside a repository, where nothing is."""
    path = repository.path.parent / name
    if path.is_symlink():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)
    return path


class CommitsStep(Step):
    """A commit by one of the ways that git has, a merge, or a push, through the hook."""

    _place: _Place

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:
        """Return what is done, and of how many states it is made."""
        return rng.choice(("commit", "commit", "commit", "merge", "cherry-pick", "push")), 3

    def _run(self) -> Iterator[Difference]:
        files = Random(f"{self._plan.seed}:files")
        first = make_tree(files)
        if files.random() < 0.4:
            self.said.append(f"all recorded: {record(first, files)}")
        if files.random() < 0.3:
            self.said += [suppress(first, files) for _ in range(3)]
        before = self._edit(first, 0, ALL_EDITS)
        run = {"commit": self._run_commit, "push": self._run_push}.get(self._plan.kind, self._run_merge)
        yield from run(before)

    def _enter(self, head: str, tree: Tree) -> _Place:
        """Go to where a commit is checked out, and install the hook."""
        self._repository.put(head, tree, tree)
        go = self._rng.choice(_GO if self._plan.kind == "push" else (*_GO, *_GO_OUTSIDE))
        place = go(self._repository)
        self.said.append(go.__name__)
        for name, value in self._rng.sample(_OF_GIT, self._rng.randint(0, 3)):
            self.said.append(f"git config {name} {value}")
            place.ask("config", name, value)
        stage = "pre-push" if self._plan.kind == "push" else "pre-commit"
        # Of a merge, pre-commit names only the files with conflicts, and then others are not judged.
        programs = ("", "", "pre-commit", "prek") if self._plan.kind in ("commit", "push") else ("",)
        if program := self._rng.choice(programs):
            self.said.append(program)
            self.counts[f"by {program}"] += 1
            _install_by(program, place, stage, self._repository.path.parent)
        else:
            _install(place, stage)
        return place

    def _run_commit(self, before: Tree) -> Iterator[Difference]:
        index = self._edit(before, 1, ALL_EDITS)
        worktree = self._edit(index, 2, SOURCE_EDITS)
        head, staged = self._repository.commit(before), self._repository.commit(index)
        place = self._place = self._enter(head, before)
        place.ask("read-tree", "--reset", staged)
        write_worktree(place.top, worktree)
        if place.folder == place.top and self._rng.random() < 0.4:
            place = place._replace(folder=self._rng.choice(place.list_folders()))
        words, answers = self._choose_way({**before, **index, **worktree})
        self.said.append(f"git commit {' '.join(words)}, in {place.folder.name}")
        commit = partial(place.git, "commit", "-q", "-m", "step", answers=answers)
        state, said = place.look(), commit(*words)
        if _is_refused(said):
            self.counts["refused by git"] += 1
            return
        if said.code:
            if place.look() != state:
                yield Difference("a blocked commit changes nothing", [*state, *place.look()])
            done = commit("--no-verify", *words)
            if done.code:
                raise TroubleError(done)
        yield from self._compare(said, place, {head: before}, "HEAD")

    def _choose_way(self, paths: Tree) -> tuple[Sequence[str], str]:
        """Return the options of ``git commit``, and what is answered to its questions."""
        some = [f":/{path}" for path in self._rng.sample(sorted(paths), min(2, len(paths)))]
        ask = self._place.ask
        ways: list[tuple[Sequence[str], Callable[[], object]]] = [
            ([], str),
            (["-a"], str),
            (["--only", "--", *some], str),
            (["--include", "--", *some], str),
            (["--amend"], str),
            (["--amend", "-a"], str),
            (["--patch"], str),
            (["-a"], partial(ask, "add", "--intent-to-add", ".")),
            ([], partial(ask, "add", "--all")),
            ([], partial(ask, "stash", "-q", "--keep-index")),
        ]
        words, prepare = self._rng.choice(ways)
        prepare()
        answers = "".join(self._rng.choice("yyn") + "\n" for _ in range(100))
        return words, answers if "--patch" in words else ""

    def _run_merge(self, base: Tree) -> Iterator[Difference]:
        ours, theirs = self._edit(base, 1, ALL_EDITS), self._edit(base, 2, ALL_EDITS)
        root = self._repository.commit(base)
        head, other = (self._repository.commit(tree, [root]) for tree in (ours, theirs))
        place = self._place = self._enter(head, ours)
        is_merge = self._plan.kind == "merge"
        first = ["merge", "--no-ff", "-m", "step"] if is_merge else ["cherry-pick"]
        said = place.git(*first, other)
        listed = place.ask("diff", "--name-only", "--diff-filter=U", "-z", "--no-relative").split("\0")
        if unmerged := [path for path in listed if path]:
            self._settle(unmerged, (ours, theirs))
            state = place.look()
            last = ["commit", "-qm", "step"] if is_merge else ["cherry-pick", "--continue"]
            said = place.git("-c", "core.editor=true", *last)
            if said.code and place.look() != state:
                yield Difference("a blocked commit changes nothing", [*state, *place.look()])
        elif not is_merge:
            return  # git asks no hook
        if _is_refused(said):
            self.counts["refused by git"] += 1
            return
        after = place.ask("write-tree").strip() if said.code else "HEAD"
        sources = sources_of(place.read_tree(after)).values()
        if all(map(is_python, sources)):
            parents = {head: ours, other: theirs} if is_merge else {head: ours}
            yield from self._compare(said, place, parents, after)

    def _run_push(self, base: Tree) -> Iterator[Difference]:
        first = self._edit(base, 1, ALL_EDITS)
        last = self._edit(first, 2, ALL_EDITS)
        root = self._repository.commit(base)
        head = self._repository.commit(last, [self._repository.commit(first, [root])])
        place = self._place = self._enter(head, last)
        remote = _make_beside(self._repository, "remote.git")
        place.ask("init", "-q", "--bare", str(remote))
        place.ask("remote", "add", "there", str(remote))
        place.ask("push", "-q", "--no-verify", "there", f"{root}:refs/heads/main")
        places = [
            ("there", "heads/main"),
            ("there", "heads/new"),
            ("there", "tags/v1"),
            (str(remote), "heads/main"),
        ]
        there, to = self._rng.choice(places)
        self.said.append(f"git push {there} HEAD:refs/{to}")
        said = place.git("push", "-q", there, f"HEAD:refs/{to}")
        has_come = head in place.ask("ls-remote", str(remote), f"refs/{to}")
        if has_come != (not said.code):
            yield Difference("a blocked push changes nothing", [said.out, said.err])
        yield from self._compare(said, place, {root: base}, "HEAD")

    def _settle(self, unmerged: Sequence[str], sides: Sequence[Tree]) -> None:
        """Settle each conflict for one of the sides."""
        for path in unmerged:
            self._place.ask("rm", "-q", "--cached", "-f", "--", f":/{path}")
            (self._place.top / path).unlink(missing_ok=True)
            text = self._rng.choice(sides).get(path)
            write_files(self._place.top, {} if text is None else {path: text})
        self._place.ask("add", "--all")

    def _compare(
        self, said: Said, place: _Place, parents: Mapping[str, Tree], after: str
    ) -> Iterator[Difference]:
        """Yield what does not hold of what the hook said of a tree."""
        self.counts["blocked" if said.code else "made"] += 1
        failing = _find_failing(said, place)
        sides = [Side(tree, find_origins(place.top, name, after)) for name, tree in parents.items()]
        if faults := find_faults(expect(sides, place.read_tree(after)), failing):
            yield Difference("what git takes is what is judged", [*faults, said.out, said.err])
        if bool(said.code) != bool(failing):
            yield Difference("what fails blocks, and nothing else", [str(said.code), said.out, said.err])


def _is_refused(said: Said) -> bool:
    return bool(said.code) and any(text in said.out + said.err for text in _REFUSALS)


def _find_failing(said: Said, place: _Place) -> frozenset[Number]:
    """Return what the hook says that fails, by paths from the top."""
    if any(text in said.err for text in _TROUBLE):
        raise TroubleError(said)
    folder = place.folder if place.folder.is_relative_to(place.top) else place.top
    return frozenset(
        (os.path.relpath(os.path.join(folder, path.strip()), place.top), name, metric)  # prek indents it
        for path, name, metric in find_numbers(said.out + said.err)
    )


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if the hook judges something else than what git takes."""
    return do_steps("commits", CommitsStep, main.__doc__, argv, steps=100, slow=1)
