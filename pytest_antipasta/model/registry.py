"""The registry of built-in metrics: all facts about each metric except how to compute it.

Settings, limits, suppressions, reports and ``explain`` take them from here. ``CONTRIBUTING.md`` has the
recipe for a new metric.
"""

from __future__ import annotations

from functools import partial
from typing import Literal, NamedTuple

from msgspec import Struct

from pytest_antipasta.model.judged import Comparison, Level
from pytest_antipasta.model.measured import Number


class Example(NamedTuple):
    """Code with a larger value of a metric, and the same with a smaller one."""

    before: str
    after: str


_SPLIT = "Move code that belongs together into a separate function."
_SPLIT_FILE = "Move code that belongs together into a separate module."
_ALL_PATHS = "Each branch is a path to test, and one more case to keep in mind."
_BIG_FILE = "What changes for different reasons is in one place, and nobody reads it as a whole."
_OUTDATED = "Comments get out of date, as nothing checks them."
_FLAT = Example(
    before="""\
def find_name(user):
    if user:
        if user.is_active:
            if user.name:
                return user.name
    return None
""",
    after="""\
def find_name(user):
    if user and user.is_active and user.name:
        return user.name
    return None
""",
)
_PARTED = Example(
    before="""\
def send(order):
    total = 0
    for item in order.items:
        if item.is_free:
            continue
        total += item.price
    if total > 100:
        total *= 0.9
    if order.is_open:
        order.post(total)
        return total
    return None
""",
    after="""\
def send(order):
    total = add_up(order)
    if order.is_open:
        order.post(total)
        return total
    return None


def add_up(order):
    total = sum(item.price for item in order.items if not item.is_free)
    return total * 0.9 if total > 100 else total
""",
)
_LOOKED_UP = Example(
    before="""\
def rate(price):
    if price < 10:
        return "low"
    if price < 100:
        return "usual"
    return "high"
""",
    after="""\
LIMITS = {10: "low", 100: "usual"}


def rate(price):
    return next((word for limit, word in LIMITS.items() if price < limit), "high")
""",
)
_GROUPED = Example(
    before="def draw(x, y, width, height, color):\n    print(x, y, width, height, color)\n",
    after="def draw(rectangle, color):\n    print(rectangle, color)\n",
)
_BY_KEYWORD = Example(
    before="def copy(source, target, force, follow):\n    print(source, target, force, follow)\n",
    after="def copy(source, target, *, force, follow):\n    print(source, target, force, follow)\n",
)
_NAMED = Example(
    before="def ship(a):\n    if a.paid and a.open and a.count > 0 and not a.held:\n        a.post()\n",
    after="""\
def ship(a):
    is_due = a.paid and a.open and not a.held
    if is_due and a.count > 0:
        a.post()
""",
)
_MODULES = Example(
    before="# shop.py has prices, messages and storage.\n",
    after="# prices.py, messages.py and storage.py have one subject each.\n",
)
_CLEAR = Example(before="# in euros\nx = 1\n", after="euros = 1\n")
_OUTSIDE = Example(before='"""Mail.\n\nDear customer,\n"""\n', after='"""The mail is in mail.txt."""\n')
_DENSE = Example(before="x = 1\n\n\n\ny = 2\n", after="x = 1\ny = 2\n")


class JudgedMetric(Struct, frozen=True):
    """The facts about a metric.

    Attributes:
        name: name in settings, reports and rule ids; ``distribution:metric`` for a metric of an extension.
        short: a shorter name, which users may write in its place; empty for none.
        scope: whether its limit applies to each function or to the file.
        comparison: default relation between value and limit.
        limit: default limit; ``None`` for none.
        level: default level of its limit.
        has_block_limit: whether functions can have a limit in addition to the file's.
        unit: unit of the values; empty if the name says it.
        meaning: what it counts, in one sentence.
        reason: why a value over its limit matters, in one sentence.
        example: code whose value gets better; ``None`` for metrics of extensions.
        advice: what to do about a value over its limit, in one sentence; empty for metrics of extensions.
        fault: title of a violation; empty for the metric's name.
        ruff: ruff's rule with the same count.
        pylint: pylint's message about the same, by name and by number.
        needs_coverage: whether it is computed from coverage data, and never measured or stored.
        total: the file's metric that is missing if no block has a value; empty if all blocks have values.
    """

    name: str
    scope: Literal["block", "file"] = "file"
    comparison: Comparison = "<="
    limit: Number | None = None
    level: Level = "error"
    has_block_limit: bool = False
    unit: str = ""
    meaning: str = ""
    advice: str = _SPLIT
    fault: str = ""
    ruff: str = ""
    pylint: tuple[str, ...] = ()
    total: str = ""
    needs_coverage: bool = False
    short: str = ""
    reason: str = ""
    example: Example | None = None

    @property
    def title(self) -> str:
        """The name as the start of a sentence, followed by the extension."""
        distribution, _, name = self.name.rpartition(":")
        return f"{name.replace('_', ' ').capitalize()}{distribution and f' ({distribution})'}"

    @property
    def label(self) -> str:
        """The name for narrow columns, without the word complexity."""
        distribution, _, name = self.name.rpartition(":")
        short = name.removesuffix("_complexity").replace("_", " ")
        return f"{short}{distribution and f' ({distribution})'}"

    @property
    def family(self) -> str:
        """The word for this metric and those that are computed together with it."""
        return "Halstead" if self.name.startswith("halstead_") else self.label.removesuffix(" index")

    @property
    def more_is_better(self) -> bool:
        """Whether its limit is a minimum."""
        return self.comparison == ">="


_of_block = partial(JudgedMetric, scope="block")
# A metric that follows the size of a file.
_of_size = partial(JudgedMetric, reason=_BIG_FILE, example=_MODULES, advice=_SPLIT_FILE)

OUR_METRICS = (
    _of_block(
        "cyclomatic_complexity",
        limit=10,
        meaning="Branches of a Python function, plus one, as radon counts them.",
        reason=_ALL_PATHS,
        example=_PARTED,
        fault="Too complex",
        short="cyclomatic",
    ),
    _of_block(
        "cognitive_complexity",
        limit=15,
        meaning=("How hard a function is to follow, as complexipy counts it: nested code counts more."),
        reason="A reader has to remember all conditions around the line that they read.",
        example=_FLAT,
        advice="Return early, and move nested code into functions.",
        fault="Too complex",
        total="total_cognitive_complexity",
        short="cognitive",
    ),
    _of_size(
        "maintainability_index",
        comparison=">=",
        limit=50,
        level="warning",
        meaning=(
            "0 to 100, higher is better: falls with a file's volume, branches and lines, as radon "
            "computes it."
        ),
        short="maintainability",
    ),
    _of_size(
        "halstead_volume",
        limit=1000,
        level="warning",
        has_block_limit=True,
        unit="bits",
        meaning="Halstead volume: operators and operands, in bits.",
        short="volume",
    ),
    JudgedMetric(
        "halstead_difficulty",
        limit=10,
        level="warning",
        has_block_limit=True,
        meaning=(
            "Halstead difficulty: grows with the number of distinct operators and with repeated operands."
        ),
        reason="The same names are used again and again, with many kinds of operators.",
        example=_MODULES,
        short="difficulty",
    ),
    JudgedMetric(
        "halstead_effort",
        limit=10000,
        level="warning",
        has_block_limit=True,
        meaning="Halstead effort: volume times difficulty.",
        reason=_BIG_FILE,
        example=_MODULES,
        short="effort",
    ),
    _of_size(
        "halstead_time",
        unit="seconds",
        meaning="Halstead's estimated time to write a file: effort / 18, in seconds.",
    ),
    _of_size("halstead_bugs", meaning="Halstead's estimated number of bugs: volume / 3000."),
    _of_size("lines_of_code", meaning="All lines of a file."),
    _of_size("logical_lines_of_code", meaning="The statements of a file."),
    _of_size("source_lines_of_code", meaning="The lines of a file that hold code."),
    JudgedMetric(
        "comment_lines",
        meaning="The comments of a file.",
        reason=_OUTDATED,
        example=_CLEAR,
        advice="Use clearer names, or move comments to the documentation.",
    ),
    JudgedMetric(
        "single_comment_lines",
        meaning="Lines of a file that have only a comment or a one-line docstring.",
        reason=_OUTDATED,
        example=_CLEAR,
        advice="Use clearer names instead.",
    ),
    JudgedMetric(
        "multi_line_string_lines",
        meaning="Lines of standalone multi-line strings, such as docstrings.",
        reason="Long texts hide the code, and nobody can translate or check them.",
        example=_OUTSIDE,
        advice="Move long texts into separate files.",
    ),
    JudgedMetric(
        "blank_lines",
        meaning="The blank lines of a file.",
        reason="Less code fits on a screen.",
        example=_DENSE,
        advice="Remove blank lines that separate nothing.",
    ),
    _of_block(
        "parameters",
        ruff="PLR0913",
        pylint=("too-many-arguments", "R0913"),
        meaning="A function's parameters, except self, cls and unused ones, as ruff counts them (PLR0913).",
        reason="Callers mix up long lists of arguments, and most callers have to pass all of them on.",
        example=_GROUPED,
        advice="Pass parameters that belong together as one object.",
        fault="Too many parameters",
    ),
    _of_block(
        "positional_parameters",
        ruff="PLR0917",
        pylint=("too-many-positional-arguments", "R0917"),
        meaning="Parameters that can be passed by position, as ruff counts them (PLR0917).",
        reason="A call such as `copy(a, b, True, False)` does not say what it does.",
        example=_BY_KEYWORD,
        advice="Make rarely used parameters keyword-only: put a * before them.",
        fault="Too many positional parameters",
    ),
    _of_block(
        "branches",
        ruff="PLR0912",
        pylint=("too-many-branches", "R0912"),
        meaning="A function's branches: if, elif, else, loops, except, finally and case (ruff's PLR0912).",
        reason=_ALL_PATHS,
        example=_PARTED,
        fault="Too many branches",
    ),
    _of_block(
        "returns",
        ruff="PLR0911",
        pylint=("too-many-return-statements", "R0911"),
        meaning="A function's return statements, as ruff counts them (PLR0911).",
        reason="The result is decided in many places.",
        example=_LOOKED_UP,
        fault="Too many returns",
    ),
    _of_block(
        "statements",
        ruff="PLR0915",
        pylint=("too-many-statements", "R0915"),
        meaning=(
            "A function's statements, including those of nested functions, as ruff counts them (PLR0915)."
        ),
        reason="A function that does many things is hard to name and test.",
        example=_PARTED,
        fault="Too many statements",
    ),
    _of_block(
        "mccabe_complexity",
        ruff="C901",
        pylint=("too-complex", "R1260"),
        meaning="A function's branches, plus one, as mccabe and ruff count them (C901).",
        reason=_ALL_PATHS,
        example=_PARTED,
        fault="Too complex",
    ),
    _of_block(
        "boolean_expressions",
        ruff="PLR0916",
        pylint=("too-many-boolean-expressions", "R0916"),
        meaning="Most conditions joined by and/or in one if or elif of a function (ruff's PLR0916).",
        reason="A long condition has no name that says what it is about.",
        example=_NAMED,
        advice="Assign part of the condition to a named variable.",
        fault="Too many conditions",
    ),
    _of_block(
        "nesting_depth",
        unit="levels",
        meaning="Maximum nesting depth of if, for, while, with, try and match in a function.",
        reason="Each level is one more condition to keep in mind.",
        example=_FLAT,
        advice="Return early, and move nested code into functions.",
        fault="Nested too deeply",
    ),
    _of_block(
        "length",
        unit="lines",
        meaning="A function's lines, from its def to its end.",
        reason="A function that does not fit on a screen can't be read at once.",
        example=_PARTED,
        fault="Too long",
    ),
    _of_block(
        "crap",
        needs_coverage=True,
        meaning="Complexity² x (1 - covered)³ + complexity, with cyclomatic complexity and coverage data.",
        reason="Complex code that no test runs breaks without notice.",
        example=_PARTED,
        advice="Test the function, or make it simpler.",
        fault="Complex and untested",
    ),
)
"""The built-in metrics in the order of reports."""
SHORT_NAMES = {metric.short: metric.name for metric in OUR_METRICS if metric.short}
"""The names of metrics by their short names."""
COVERAGE_METRICS = frozenset(metric.name for metric in OUR_METRICS if metric.needs_coverage)
"""Metrics that need coverage data and are not part of a measurement."""


def complete_name(name: str) -> str:
    """Return the name of a metric for its short name; any other word as it is."""
    return SHORT_NAMES.get(name, name)
