"""One step of the hunt: files, edits of them, and what has to hold of what is said of these."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random

from campaigns.hunt import commands
from campaigns.hunt.baselines import record
from campaigns.hunt.commands import Verdict, differ
from campaigns.hunt.edits import ALL_EDITS, SOURCE_EDITS, Edit, apply, is_python, suppress
from campaigns.hunt.following import find_stem
from campaigns.hunt.listed import find_wrong_rows
from campaigns.hunt.oracle import Expected, Side, expect, find_faults, has_failing, has_stayed
from campaigns.hunt.trees import SETTINGS, Tree, make_tree, read_settings, sources_of
from campaigns.hunt.waivers import find_wrong_waivers
from campaigns.steps import Difference, Step

_SAME, _RULE = "every way in says the same", "the verdict is the rule's"
_WAIVERS = "what passes and would have failed is waived, and nothing else"
_LIST = "the list of a change has what it touches"
_WAYS = ("hook", "check --staged")
# Of the steps that begin with a baseline of all that is over a limit, and of those with comments.
_SHARE_RECORDED, _SHARE_SUPPRESSED = 0.4, 0.3


class HuntStep(Step):
    """A commit, a merge or a range of commits."""

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:
        """Return what is judged, and of how many parts its history is."""
        kind = rng.choice(("commit",) * 7 + ("merge", "merge", "range"))
        return kind, {"commit": 2, "merge": 4, "range": 4}[kind]

    def _run(self) -> Iterator[Difference]:
        edits: Sequence[Edit] = SOURCE_EDITS if self._plan.kind == "range" else ALL_EDITS
        files = Random(f"{self._plan.seed}:files")
        first = self._edit(make_tree(files), 0, ALL_EDITS)
        if files.random() < _SHARE_RECORDED:
            self.said.append(f"all recorded: {record(first, files)}")
        if files.random() < _SHARE_SUPPRESSED:
            self.said += [suppress(first, files) for _ in range(5)]
        judge: Callable[[Tree, Sequence[Edit]], Iterator[Difference]] = getattr(
            self, f"_run_{self._plan.kind}"
        )
        yield from judge(first, edits)

    def _run_commit(self, before: Tree, edits: Sequence[Edit]) -> Iterator[Difference]:
        after = self._edit(before, 1, edits)
        head = self._repository.commit(before)
        self._repository.put(head, after, self._disturb(after))
        hook = commands.hook(self._repository.path)
        yield from self._judge(hook, [before], after)
        if not self._rng.randrange(4):
            commit = self._repository.commit(after, [head])
            self._repository.write(after)
            yield from _make(_SAME, differ({"hook": hook, "check --diff": self._diff(head, commit)}))

    def _disturb(self, tree: Tree) -> Tree:
        """Return what lies in the worktree: at times sources that are not staged as they are."""
        if self._rng.random() < 0.7:
            return tree
        disturbed, _ = apply(tree, f"{self._plan.seed}:worktree", SOURCE_EDITS)
        return disturbed

    def _judge(self, hook: Verdict, parents: Sequence[Tree], after: Tree) -> Iterator[Difference]:
        """Compare what the hook says of what is staged with the oracle and with another way in."""
        sides = self._find_sides(parents)
        expected = expect(sides, after)
        self._count(expected)
        yield from _make(_RULE, find_faults(expected, hook.failing))
        yield from _make(_SAME, self._ask_others(hook, parents, after))
        if not self._rng.randrange(3):
            listed = commands.report_staged(self._repository.path)["changes"]
            yield from _make(_LIST, find_wrong_rows(sides, after, listed))
        if len(parents) == 1:
            waivers = commands.report_staged(self._repository.path)["waivers"]
            yield from _make(_WAIVERS, find_wrong_waivers(sides[0], after, waivers))
        if not hook.code:
            yield from self._look_after(parents, after)

    def _find_sides(self, parents: Sequence[Tree]) -> list[Side]:
        """Return what is staged is compared with."""
        names = ("HEAD", "MERGE_HEAD")[: len(parents)]
        origins = [self._repository.find_origins("--cached", name) for name in names]
        return [Side(tree, renamed) for tree, renamed in zip(parents, origins, strict=True)]

    def _count(self, expected: Expected) -> None:
        """Count the numbers, and those of which it is sure whether they fail."""
        self.counts["numbers over a limit"] += len(expected)
        unsure = sum("fails" in said and said != {"fails"} for said in expected.values())
        self.counts["numbers with an expectation"] += len(expected) - unsure

    def _ask_others(self, hook: Verdict, parents: Sequence[Tree], after: Tree) -> Sequence[str]:
        folder = self._repository.path
        ways = {"hook": hook}
        if self._is_slow:
            ways["pytest"] = commands.run_pytest(folder)
            ways["pytest -n 2"] = commands.run_pytest(folder, "-n", "2")
        turn = self._rng.randrange(4)
        if turn < 2 or self._is_slow:
            ways["check --staged"] = commands.check(folder, "--staged")
        found = differ(ways)
        changed = [
            path for path, text in sources_of(after).items() if any(text != one.get(path) for one in parents)
        ]
        if turn == 2 and changed:
            alone = [commands.hook(folder, path) for path in changed]
            together = [number for one in alone for number in one.failing]
            # What fails by the baseline alone, in another file, is told with every file.
            hooks = {"hook": hook.failing, "file by file": together}
            found = [*found, *differ({way: _keep(numbers, changed) for way, numbers in hooks.items()})]
        return found

    def _look_after(self, parents: Sequence[Tree], after: Tree) -> Iterator[Difference]:
        """A change that passes leaves nothing that fails, unless that failed before."""
        if any(has_failing(one, after) for one in parents):
            return
        folder = self._repository.path
        self._repository.write(after)
        now = commands.check(folder)
        if not now.code:
            return
        for one in parents:
            self._repository.write({**one, SETTINGS: after[SETTINGS]})
            if commands.check(folder).code:
                return
        yield Difference(
            "green stays green", [f"check says: {number}" for number in sorted(now.failing, key=str)]
        )

    def _run_range(self, before: Tree, edits: Sequence[Edit]) -> Iterator[Difference]:
        trees = [before]
        for part in range(1, len(self._plan.edits)):
            trees.append(self._edit(trees[-1], part, edits))
        commits: list[str] = []
        for tree in trees:
            commits.append(self._repository.commit(tree, commits[-1:]))
        self._repository.put(commits[-1], trees[-1], trees[-1])
        every = [self._diff(*pair) for pair in itertools.pairwise(commits)]
        steps = [
            (self._open(trees, commits, place, place + 1), trees[place + 1]) for place in range(len(every))
        ]
        expected = [expect([side], after) for side, after in steps]
        for said, one in zip(expected, every, strict=True):
            yield from _make(_RULE, find_faults(said, one.failing))
        whole = self._diff(commits[0], commits[-1])
        expected_of_all = expect([self._open(trees, commits, 0, -1)], trees[-1])
        yield from _make(_RULE, find_faults(expected_of_all, whole.failing))
        extra = _find_extra(whole, every)
        sure = [one for one in extra if not any("fails" in said.get(one, ()) for said in expected)]
        # What is renamed in one commit and edited in another is new beside the first, or an edited one whose
        # name it has now.
        sure = [
            one
            for one in sure
            if expected_of_all[one] == {"fails"}
            and all(has_stayed(side, after, one) for side, after in steps)
        ]
        yield from _make("a range is no worse than its commits", sorted(map(str, sure)))

    def _open(self, trees: Sequence[Tree], commits: Sequence[str], old: int, new: int) -> Side:
        """Return one commit as what another one is compared with."""
        return Side(trees[old], self._repository.find_origins(commits[old], commits[new]))

    def _diff(self, old: str, new: str) -> Verdict:
        return commands.check(self._repository.path, "--diff", f"{old}..{new}")

    def _run_merge(self, base: Tree, edits: Sequence[Edit]) -> Iterator[Difference]:
        ours, theirs = self._edit(base, 1, edits), self._edit(base, 2, edits)
        root = self._repository.commit(base)
        commits = [self._repository.commit(side, [root]) for side in (ours, theirs)]
        self._repository.put(commits[0], ours, ours)
        self._repository.git("update-index", "-q", "--refresh")
        self._repository.git("merge", "--no-commit", "--no-ff", commits[1])
        if not (self._repository.path / ".git/MERGE_HEAD").exists():
            return
        yield from self._settle_conflicts((ours, theirs))
        merged = self._repository.read()
        if not all(map(is_python, sources_of(merged).values())):
            return
        if self._rng.random() < 0.3:
            merged = self._edit(merged, 3, SOURCE_EDITS)
            self._repository.stage(merged)
            self._repository.write(merged)
        yield from self._judge(commands.hook(self._repository.path), [ours, theirs], merged)

    def _settle_conflicts(self, sides: Sequence[Tree]) -> Iterator[Difference]:
        listed = self._repository.git("diff", "--name-only", "--diff-filter=U", "-z").stdout
        unmerged = [path for path in listed.split("\0") if path]
        if sources := self._list_sources(unmerged):
            said = {way: commands.call(self._repository.path, *way.split()) for way in _WAYS}
            silent = [f"{way}: {one.code}" for way, one in said.items() if one.code not in (1, 3)]
            pairs = itertools.product(said.items(), sources)
            silent += [f"{way}: no {path}" for (way, one), path in pairs if path not in one.out]
            yield from _make("unmerged files are named", silent)
        for path in unmerged:
            self._choose(path, self._rng.choice(sides).get(path))
        self._repository.git("add", "--all")

    def _list_sources(self, unmerged: Sequence[str]) -> list[str]:
        """Return those that the settings measure; none where there are no settings of both sides."""
        if not all(path.endswith(".py") for path in unmerged):
            return []
        excluded = read_settings(self._repository.read()[SETTINGS]).excluded
        return [path for path in unmerged if path.partition("/")[0] not in excluded]

    def _choose(self, path: str, text: str | None) -> None:
        """Settle a conflict for one of the sides."""
        self._repository.git("rm", "-q", "--cached", "-f", "--", path)
        place = self._repository.path / path
        place.unlink(missing_ok=True)
        if text is not None:
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(text.encode())


def _keep(numbers: Iterable[commands.Number], paths: Sequence[str]) -> Verdict:
    return Verdict(0, frozenset(number for number in numbers if number[0] in paths))


def _find_extra(whole: Verdict, every: Sequence[Verdict]) -> list[commands.Number]:
    """Return the numbers that fail in a range and in none of its commits.

    Of several functions of a name, another one may be new beside the first commit.
    """
    told = {_strip_number(number) for one in every for number in one.failing}
    return [one for one in whole.failing if _strip_number(one) not in told]


def _strip_number(number: commands.Number) -> tuple[str, str | None, str]:
    """Return a number without what tells functions of one name in a file apart."""
    path, name, metric = number
    return path, name and find_stem(name), metric


def _make(invariant: str, lines: Sequence[str]) -> Iterator[Difference]:
    if lines:
        yield Difference(invariant, lines)
