"""Faults put into modules one at a time; exit 1 where the tests near a module do not notice one."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from campaigns.mutations.mutants import find_mutants
from campaigns.mutations.trial import CleanRunError, Trials
from campaigns.options import make_parser

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
_PACKAGE = "pytest_antipasta"
_METRICS, _POLICY = "tests/metrics", "tests/policy"
_FOLLOWING = f"{_METRICS}/following/test_comparison.py"
_NUMBERS = tuple(
    f"{_METRICS}/test_{name}.py"
    for name in ("cyclomatic", "cognitive", "halstead", "maintainability", "ruff_counts")
)
_ADVICE, _PROOF = "tests/advice", "tests/advice/proof"
_REWRITING = tuple(f"{_ADVICE}/test_{name}.py" for name in ("rewrites", "conditions", "joining"))
_EXTRACTION = (f"{_ADVICE}/test_extraction.py", f"{_PROOF}/test_extractions.py")
_PLANS = (f"{_ADVICE}/test_plan.py", f"{_ADVICE}/test_module.py", f"{_ADVICE}/test_extraction.py")
_PROOFS = tuple(f"{_PROOF}/test_{name}.py" for name in ("surroundings", "extractions", "rewrites"))
# For each module the tests that are near to it: those that call it in their own process, and are fast.
NEAREST: dict[str, tuple[str, ...]] = {
    "policy/limits.py": (f"{_POLICY}/test_limits.py",),
    "policy/suppressions/apply.py": (f"{_POLICY}/suppressions/test_apply.py",),
    "policy/suppressions/comments.py": (f"{_POLICY}/suppressions/test_comments.py",),
    "policy/suppressions/directives.py": (f"{_POLICY}/suppressions/test_directives.py",),
    "policy/suppressions/patterns.py": (f"{_POLICY}/suppressions",),
    "engine/memo.py": ("tests/engine/test_memo_steps.py",),
    "engine/storage/stat_index.py": ("tests/engine/storage/test_stat_index.py",),
    "engine/storage/storage.py": (
        "tests/engine/storage/test_storage.py",
        "tests/engine/storage/test_finding.py",
    ),
    "metrics/blocks.py": (*_NUMBERS, f"{_METRICS}/test_decorators.py"),
    "metrics/cognitive.py": (f"{_METRICS}/test_cognitive.py",),
    "metrics/following/comparison.py": (
        _FOLLOWING,
        f"{_METRICS}/following/test_identity.py",
        "tests/gate/test_decisions.py",
    ),
    "metrics/generated.py": (f"{_METRICS}/test_generated.py", "tests/setup/test_exclusions.py"),
    "metrics/halstead.py": (f"{_METRICS}/test_halstead.py",),
    "metrics/maintainability.py": (f"{_METRICS}/test_maintainability.py",),
    "metrics/names.py": (f"{_METRICS}/test_names.py",),
    "metrics/nodes.py": (f"{_METRICS}/test_cyclomatic.py", f"{_METRICS}/test_halstead.py"),
    "metrics/points.py": (f"{_METRICS}/test_points.py",),
    "metrics/raw.py": (f"{_METRICS}/test_raw.py",),
    "metrics/walk.py": _NUMBERS,
    "advice/naming.py": (f"{_ADVICE}/test_naming.py",),
    "advice/edits.py": (f"{_ADVICE}/test_edits.py", f"{_ADVICE}/test_plan.py"),
    **{
        f"advice/{module}.py": tests
        for modules, tests in (
            ("rewrites conditions joining breaking indentation layout control_flow", _REWRITING),
            ("annotations bindings extraction liveness moving obstacles", _EXTRACTION),
            ("aims module new_functions plan search snippet trials", _PLANS),
            ("proof/bisimulation proof/constants proof/equivalence proof/helper proof/lowering", _PROOFS),
            ("proof/machine proof/operands proof/proof proof/steps proof/surroundings", _PROOFS),
            ("proof/traits proof/values proof/versions", _PROOFS),
        )
        for module in modules.split()
    },
    "gate/decisions.py": ("tests/gate/test_decisions.py",),
    "gate/rule_files.py": ("tests/gate/test_rule_files.py",),
}


class Equivalent(NamedTuple):
    """A mutant that does what the module does, so that no test can tell them apart.

    Attributes:
        module: its path in the package.
        line: the text of the line that it is in.
        change: what the mutant has for what.
        reason: why nothing comes of that.
    """

    module: str
    line: str
    change: str
    reason: str


def read_equivalents(text: str) -> list[Equivalent]:
    """Return the mutants that are known to be none, from paragraphs of four lines."""
    paragraphs = text.strip().split("\n\n")[1:]  # the first one is for readers
    return [Equivalent(*map(str.strip, paragraph.splitlines())) for paragraph in paragraphs]


def try_module(module: str, equivalents: Iterable[Equivalent], sample: int | None, seed: int) -> list[str]:
    """Try the mutants of a module; say what was done, and return a line for each thing that is wrong."""
    path = ROOT / _PACKAGE / module
    lines = path.read_text().splitlines()
    found = {mutant: (lines[mutant.line - 1].strip(), mutant.change) for mutant in find_mutants(path)}
    known = {(each.line, each.change) for each in equivalents if each.module == module}
    tried = [mutant for mutant, told in found.items() if told not in known]
    wrong = [
        f"{EQUIVALENT.name}: no such mutant: {line}: {change}" for line, change in known - {*found.values()}
    ]
    if sample is not None and sample < len(tried):
        tried = sorted(random.Random(seed).sample(tried, sample), key=tried.index)
    began = time.monotonic()
    trials = Trials(f"{_PACKAGE}.{module[:-3].replace('/', '.')}", NEAREST[module], tried)
    try:
        trials.run()
    except CleanRunError as error:
        wrong.append(str(error))
    survivors = trials.survivors
    seconds = time.monotonic() - began
    numbers = f"{len(found)} mutants, {len(tried)} tried, {len(survivors)} survived, {seconds:.0f} s"
    _say(f"{module}: {numbers}")
    return [*sorted(wrong), *(f"{module}:{mutant.line}: {mutant.change}" for mutant in survivors)]


def _run_apart(module: str, sample: int | None, seed: int) -> None:
    wrong = try_module(module, read_equivalents(EQUIVALENT.read_text()), sample, seed)
    for line in wrong:
        _say(f"  {line}")
    sys.exit(bool(wrong))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """Try the modules whose paths begin as one of the arguments; return 1 where a mutant survived."""
    parser = make_parser("mutations", __doc__, steps=0, step="mutants of each module, 0 for all")
    parser.add_argument(
        "module", nargs="*", default=[""], help="as policy/limits.py, or metrics for all of them"
    )
    options = parser.parse_args(argv)
    modules = [module for module in NEAREST if module.startswith(tuple(options.module))]
    if not modules:
        parser.error(f"no such module; known: {' '.join(NEAREST)}")
    os.chdir(ROOT)
    codes = []
    for module in modules:  # each in a process where nothing of ours was imported or changed yet
        process = get_context("fork").Process(
            target=_run_apart, args=(module, options.steps or None, options.seed)
        )
        process.start()
        process.join()
        codes.append(process.exitcode)
    return int(any(codes))
