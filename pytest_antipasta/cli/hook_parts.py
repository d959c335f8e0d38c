"""What a hook judges: the commit, a range of commits, or each of the references of a push."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.cli.command import Annotated, Operand, Option
from pytest_antipasta.cli.options import JudgingOptions, LimitsFrom, PolicyFrom, RunOptions
from pytest_antipasta.cli.running import load_rules
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.gate.change_sets import ChangeSet, committed_changes, pushed_changes, staged_changes
from pytest_antipasta.gate.committed_rules import open_received
from pytest_antipasta.gate.sides import Side, open_commit, open_index
from pytest_antipasta.gate.trees import CommitTree
from pytest_antipasta.git.process import GitError, decode
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.messages import chain_commands
from pytest_antipasta.settings.rule_files import DISK, RuleFiles

Opened: TypeAlias = Rules | ChangeSet
"""The change, with the rules to judge it by; or the rules alone, to judge whole files."""
# Of all remotes: a fork may lack commits of the repository that it comes from, and who pushes a branch to it
# has not made these.
_REMOTES = "refs/remotes"
_EXPECTED = "git should pass the pushed refs there"
_LOST = (
    "warning: antipasta checked nothing of this push, as standard input is empty; if git pushes something, "
    "another program read the pushed refs, or did not pass them on"
)


class HookOptions(RunOptions, frozen=True):
    """The options of ``hook``."""

    files: Annotated[Sequence[str], Operand("only these files (default: all staged files)", "FILE", "*")] = ()
    whole: Annotated[
        bool, Option("check whole files, not only what the commit changes", exclusive="what")
    ] = False
    push: Annotated[bool, Option("check what git is about to push (from stdin)", exclusive="what")] = False
    receive: Annotated[
        bool, Option("check what a server is about to receive (from stdin)", exclusive="what")
    ] = False
    agent: Annotated[
        bool,
        Option("check what a coding agent's task changed (its event from stdin)", exclusive="what"),
    ] = False
    from_ref: Annotated[
        str | None,
        Option(
            "with --agent: where the task began (default: merge base with the default branch)",
            "REF",
            name="--from",
        ),
    ] = None
    on_internal_error: Annotated[
        Literal["block", "allow"] | None, Option("with --receive, if a check fails (default: block)")
    ] = None
    policy_from: PolicyFrom = None
    limits_from: LimitsFrom = None
    judging: JudgingOptions = JudgingOptions()


def find_named_range() -> tuple[str | None, str] | None:
    """Return both ends of the range in pre-commit's variables, if set.

    The start is ``None`` for a push of a first commit, of which pre-commit and prek name only what is pushed.
    """
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    if start and end:
        return start, end
    pushed = os.environ.get("PRE_COMMIT_LOCAL_BRANCH")
    return (None, pushed) if pushed else None


class JudgedPart(NamedTuple):
    """A separately judged part: the commit, or one of the pushed references.

    Attributes:
        name: name of the reference; ``None`` for the commit.
        open: returns the change, or the rules if whole files are judged; ``None`` without anything to judge.
        advice: what to print if it is refused; ``None`` for nothing.
    """

    name: str | None
    open: Callable[[], Opened | None]
    advice: str | None = None


def find_parts(options: HookOptions, budget: TimeBudget) -> list[JudgedPart]:
    """Return the parts to judge.

    Raises:
        GitError: git fails, or does not list the push.
        SlowGitError: git does not answer in time.
    """
    if options.whole:
        return [JudgedPart(None, lambda: load_rules_in_time(options, budget, DISK))]
    repository = Repository(Path.cwd(), budget)
    if options.push or options.receive:
        return _find_updates(options, repository, budget)
    return [JudgedPart(None, partial(_open_staged_or_range, options, repository, budget))]


def load_rules_in_time(options: HookOptions, budget: TimeBudget, files: RuleFiles) -> Rules:
    """Return the rules to judge by, and limit the time by their settings."""
    rules = load_rules(options.config, options.judging, files, limits_from=options.limits_from, budget=budget)
    budget.limit(rules.settings.time_budget)
    return rules


def _open_staged_or_range(
    options: HookOptions, repository: Repository, budget: TimeBudget
) -> ChangeSet | None:
    here, load = Path.cwd(), partial(load_rules_in_time, options, budget)
    if (named := find_named_range()) is None:
        return _with_notes(staged_changes(open_index(repository, here, load)))
    start, end = named
    if start is not None and "PRE_COMMIT_REMOTE_NAME" not in os.environ:
        return _with_notes(committed_changes(open_commit(repository, end, here, load, start), start))
    # A push, without commits on remote branches.
    known = [*repository.history.list_heads(_REMOTES), *([] if start is None else [start])]
    if (bases := repository.history.merge_bases(end, known)) is None:
        return None
    return _with_notes(pushed_changes(open_commit(repository, end, here, load, start), bases))


def _with_notes(change_set: ChangeSet) -> ChangeSet:
    """Print which files of the rules of a change differ from those on disk, and return the change."""
    notes = change_set.after.files.iter_notes()
    print_to_stderr(f"warning: {note}" for note in notes)
    return change_set


def _find_updates(options: HookOptions, repository: Repository, budget: TimeBudget) -> list[JudgedPart]:
    """Return the references that git pushes or receives, from the standard input of its hook."""
    heads = repository.history.list_heads(_REMOTES if options.push else "refs/heads")
    # Bytes: a name that is not UTF-8 must not prevent judging the others.
    lines = _read_input().split(b"\n")
    if not any(lines):
        if options.receive:  # git runs no hook of a server without references
            raise GitError(f"standard input is empty; {_EXPECTED} (did another program read it?)")
        if find_named_range() is not None:  # pre-commit and prek have read the lines
            return [JudgedPart(None, partial(_open_staged_or_range, options, repository, budget))]
        _warn_of_lost_refs(repository, heads)
    advice = None if heads or options.receive else _advise_fetch(repository.history.list_remotes())
    return [_make_update(options, repository, budget, heads, line, advice) for line in lines if line]


def _read_input() -> bytes:
    """Return the standard input of git's hook, which is a pipe."""
    if sys.stdin is None:
        raise GitError(f"standard input is closed; {_EXPECTED}")
    if sys.stdin.isatty():  # of a program that runs git's hooks, or of a user
        raise GitError(f"standard input is a terminal; {_EXPECTED}")
    return sys.stdin.buffer.read()


def _warn_of_lost_refs(repository: Repository, heads: Sequence[str]) -> None:
    """Warn of an empty list of pushed references if HEAD has commits that no branch of a remote has.

    This is not an error: git also leaves out references that are up to date, or that it rejects. And a push
    may be of another commit than HEAD.
    """
    history = repository.history
    if history.knows("HEAD") and history.merge_bases("HEAD", heads) is not None:
        print_to_stderr([_LOST])


def _advise_fetch(remotes: Sequence[str]) -> str:
    """Return that all commits count as new, and what to fetch from the only remote.

    A clone by ``git clone --bare``, which is a usual home of worktrees, has no branches of its remote, and
    ``git fetch`` gets none until it is configured.
    """
    fetch = "fetch them to refs/remotes"
    if len(remotes) == 1:
        name = remotes[0]
        refs = f'"+refs/heads/*:refs/remotes/{name}/*"'
        commands = chain_commands((f"git config remote.{name}.fetch {refs}", f"git fetch {name}"))
        fetch = f"run `{'` and `'.join(commands)}`"
    return (
        "warning: all commits count as new, as this clone has no branches of a remote; "
        f"if the remote has some, {fetch} first"
    )


def _make_update(
    options: HookOptions,
    repository: Repository,
    budget: TimeBudget,
    heads: Sequence[str],
    line: bytes,
    advice: str | None,
) -> JudgedPart:
    """Return the part of a line; ``advice`` is for one of which nothing is known."""
    # A pushed commit can be named by words of a message; the other fields contain no blanks.
    words = list(map(decode, line.rsplit(b" ", 3) if options.push else line.split(b" ", 2)))
    if len(words) != (4 if options.push else 3):
        raise GitError(
            f"unexpected line on standard input: {decode(line)!r}; expected git's list of pushed refs"
        )
    _, commit, name, *there = words
    is_known = any(head.strip("0") for head in there)
    update = partial(_open_update, options, repository, budget, commit, [*there, *heads])
    return JudgedPart(name, update, None if is_known else advice)


def _open_update(
    options: HookOptions,
    repository: Repository,
    budget: TimeBudget,
    commit: str,
    known: Sequence[str],
) -> ChangeSet | None:
    """Return the change of a reference.

    Returns:
        ``None`` if the reference is deleted or is not a commit, or if the commit is known: its settings may
        be of another version, and nobody can change them.
    """
    if not repository.history.has_commit(commit):
        return None
    if (bases := repository.history.merge_bases(commit, known)) is None:
        return None
    if not (repository.is_bare or options.receive):
        load = partial(load_rules_in_time, options, budget)
        base = next((name for name in known if name.strip("0")), None)  # a new branch has zeros
        side = open_commit(repository, commit, Path.cwd(), load, base)
        return _with_notes(pushed_changes(side, bases))
    side = _open_received(options, repository, commit)
    if not options.receive:
        budget.limit(side.rules.settings.time_budget)
    change_set = pushed_changes(side, bases, "HEAD")
    if not options.receive:
        return change_set
    after = change_set.after
    return change_set._replace(after=after._replace(rules=_harden(options, after.rules)))


def _open_received(options: HookOptions, repository: Repository, commit: str) -> Side:
    """Return the side of a pushed commit, with the rules of another one that an option names."""
    judging = options.judging

    def open_tree(name: str) -> Side:
        return open_received(
            CommitTree(repository, name),
            options.config,
            judging.baseline,
            has_baseline=not judging.no_baseline,
            honours_suppressions=not judging.no_ignore,
        )

    if options.limits_from is None:
        return open_tree(commit)
    other = open_tree(repository.history.resolve(options.limits_from)).complete(())
    # Settings of the pushed commit in folders below the root must not change those of the other one.
    settings = replace(other.rules.settings, has_all_projects=True)
    rules = replace(other.rules, settings=settings, has_other_limits=True)
    return other._replace(tree=CommitTree(repository, commit), rules=rules)


def _harden(options: HookOptions, rules: Rules) -> Rules:
    """Return the rules that a server judges by."""
    # A pushed commit must not choose whether the server judges it, nor how many processes do.
    settings = replace(
        rules.settings,
        time_budget=float("inf"),
        jobs="auto",
        fail_fast=False,
        on_error="fail",
        on_timeout="block",
        on_internal_error=options.on_internal_error or "block",
    )
    return replace(rules, settings=settings)
