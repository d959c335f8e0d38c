"""Rewrites of real and random functions, right and wrong, and small changes of what is proven.

What is proven is run, before and after, on objects that record what is done with them. Exit code 1 where the
records differ.
"""

from __future__ import annotations

import ast
import random
import sys
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from campaigns.options import make_parser
from campaigns.proof.extraction import FAULTS, HELPER, extract
from campaigns.proof.mutants import mutate
from campaigns.proof.programs import make_function
from campaigns.proof.recorded import run
from campaigns.proof.rules import RIGHT, WRONG, Function
from pytest_antipasta.advice.proof.proof import Proof, Refused, prove
from tests.corpora import WHEELS, python_files

_RUNS = 8
_MUTANTS = 4
_FEWEST_LINES, _MOST_LINES = 5, 120


class Case(NamedTuple):
    """A function, alone in its module.

    Attributes:
        owner: the name of its class; empty for none.
        function: the function.
        helper: another function; ``None`` for none.
        is_method: whether the other one is in the class, too.
    """

    owner: str
    function: Function
    helper: Function | None = None
    is_method: bool = False

    @property
    def module(self) -> ast.Module:
        """The module."""
        helper = [self.helper] if self.helper else []
        inside: list[ast.stmt] = [*(helper if self.is_method else []), self.function]
        above: list[ast.stmt] = [*([] if self.is_method else helper)]
        if self.owner:
            inside = [ast.parse(f"class {self.owner}: pass").body[0]]
            inside[0].body = [*(helper if self.is_method else []), self.function]  # type: ignore[attr-defined]
        return ast.fix_missing_locations(ast.Module([*above, *inside], []))

    @property
    def path(self) -> list[str]:
        """Names of the class and of the function."""
        return [name for name in (self.owner, self.function.name) if name]

    @property
    def helper_name(self) -> str | None:
        """The qualified name of the other function."""
        return None if self.helper is None else f"{self.owner}.{HELPER}" if self.is_method else HELPER


def iter_cases(paths: Sequence[Path], chance: random.Random) -> Iterator[Case]:
    """Yield functions of files and random ones, in random order, without end."""
    while True:
        yield from (Case(owner, make_function(chance)) for owner in ("", "Own"))
        cases = _find_cases(chance.choice(paths))
        yield from chance.sample(cases, min(3, len(cases)))


def _find_cases(path: Path) -> list[Case]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    found = [("", each) for each in tree.body]
    found += [(owner.name, each) for owner in classes for each in owner.body]
    return [
        _make_case(owner, each)
        for owner, each in found
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and _is_fit(each)
    ]


def _make_case(owner: str, function: Function) -> Case:
    """Return a function without its decorators, but those that say how a method is called."""
    kept = ("classmethod", "staticmethod") if owner else ()
    function.decorator_list = [each for each in function.decorator_list if ast.unparse(each) in kept]
    return Case(owner, function)


def _is_fit(function: Function) -> bool:
    """Return whether a function can be run, and its run be ended."""
    if (
        function.name == "__del__"
        or not _FEWEST_LINES < (function.end_lineno or 0) - function.lineno < _MOST_LINES
    ):
        return False
    catches = (node.type for node in ast.walk(function) if isinstance(node, ast.ExceptHandler))
    return not any(each is None or "BaseException" in ast.unparse(each) for each in catches)


class Campaign:
    """What was done.

    Attributes:
        counts: how often what came out, by rule.
        differences: what is proven and does not do the same.
    """

    def __init__(self, seed: int) -> None:
        """Begin with nothing."""
        self.counts = Counter[tuple[str, str]]()
        self.differences: list[str] = []
        self._seed = seed

    def try_rewrite(self, case: Case, chance: random.Random) -> None:
        """Rewrite a function by a rule, and change what is proven."""
        name, after = _rewrite(case, chance)
        if after is None:
            return
        if not self._judge(name, case, after):
            return
        for _ in range(_MUTANTS):
            changed = deepcopy(after)
            functions = [each for each in (changed.function, changed.helper) if each is not None]
            kind = mutate(functions, chance)
            if kind and _write(changed) != _write(after):
                self._judge(f"mutant: {kind}", case, changed)

    def _judge(self, name: str, before: Case, after: Case) -> bool:
        """Return whether a rewrite is proven."""
        old, new = _write(before), _write(after)
        if not old or not new or old == new:
            return False
        proof = prove(old, new, ".".join(before.path), after.helper_name)
        self.counts[name, "refused" if isinstance(proof, Refused) else "proven"] += 1
        if isinstance(proof, Refused):
            self.counts["", "seen" if self._find_difference(before, old, new) else "unseen"] += 1
            return False
        if difference := self._find_difference(before, old, new, opposites=proof is Proof.EQ):
            self.differences.append(f"{name}, {proof}\n{old}\n--- is not\n{new}\n{difference}")
        return True

    def _find_difference(self, case: Case, old: str, new: str, *, opposites: bool = False) -> str:
        """Return what differs when both are run; empty if nothing does."""
        for number in range(_RUNS):
            self.counts["", "runs"] += 1
            seed = f"{self._seed} {number}"
            records = [run(ast.parse(text), case.path, seed, opposites=opposites) for text in (old, new)]
            if None not in records and records[0] != records[1]:
                return "\n".join(f"    {record}" for record in records)
        return ""


def _write(case: Case) -> str:
    """Return the text of a module; empty if it has none that can be compiled."""
    try:
        text = ast.unparse(case.module) + "\n"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<case>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return ""
    return text


def _rewrite(case: Case, chance: random.Random) -> tuple[str, Case | None]:
    """Return the name of a rule, and what it makes of a function; ``None`` where it makes nothing."""
    kind = chance.randrange(5)
    if kind < 2:
        rules = [*(RIGHT if kind == 0 else WRONG).items()]
        for name, rule in chance.sample(rules, len(rules)):
            after = deepcopy(case)
            if rule(after.function, chance):
                return name if kind == 0 else f"wrong: {name}", after
        return "", None
    after = deepcopy(case)
    fault = "" if kind == 2 else chance.choice(FAULTS)
    is_method = bool(case.owner and case.function.args.args and chance.randrange(2))
    helper = extract(after.function, chance, fault, is_method=is_method)
    named = f"wrong: extraction: {fault}" if fault else "extraction"
    return named, None if helper is None else after._replace(helper=helper, is_method=is_method)


def _find_files(corpus: str | None) -> list[Path]:
    if corpus is not None:
        return python_files(corpus)
    found = Path(sysconfig.get_path("stdlib")).rglob("*.py")
    return sorted(path for path in found if not {"site-packages", "test", "tests", "lib2to3"} & {*path.parts})


def main(argv: Sequence[str] | None = None) -> int:
    """Try rewrites; print what came out, and return 1 if something is proven that does not do the same."""
    parser = make_parser("proof", __doc__, steps=2000, step="rewrites")
    parser.add_argument(
        "--corpus", choices=sorted(WHEELS), help="functions of this wheel (default: of Python)"
    )
    args = parser.parse_args(argv)
    chance = random.Random(args.seed)
    campaign = Campaign(args.seed)
    cases = iter_cases(_find_files(args.corpus), chance)
    for _ in range(args.steps):
        campaign.try_rewrite(next(cases), chance)
    _report(campaign, args.steps, args.seed)
    return int(bool(campaign.differences))


def _report(campaign: Campaign, steps: int, seed: int) -> None:
    counts = campaign.counts
    for name in sorted({name for name, _ in counts if name}):
        print(f"{name}: {counts[name, 'proven']} proven, {counts[name, 'refused']} refused")  # noqa: T201
    for difference in campaign.differences:
        print(difference)  # noqa: T201
    version = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    mutants = Counter(
        what for (name, what), count in counts.items() if "mutant" in name for _ in range(count)
    )
    print(  # noqa: T201
        f"{version}, seed {seed}: {steps} steps, {counts['', 'runs']} runs, {mutants['refused']} mutants "
        f"refused and {mutants['proven']} proven; of all that was refused, {counts['', 'seen']} were seen to "
        f"differ and {counts['', 'unseen']} were not; {len(campaign.differences)} differences"
    )
