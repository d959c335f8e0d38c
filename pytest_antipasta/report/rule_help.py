"""Why each metric has a limit, with an example, for reports that explain their rules."""

from __future__ import annotations

from typing import NamedTuple


class RuleHelp(NamedTuple):
    """Why a value over the limit of a metric matters, and how it gets lower.

    Attributes:
        reason: what is hard about such code.
        before: code with a larger value.
        after: the same with a smaller value.
    """

    reason: str
    before: str
    after: str


_NESTED = """\
def find_name(user):
    if user:
        if user.is_active:
            if user.name:
                return user.name
    return None
"""
_FLAT = """\
def find_name(user):
    if user and user.is_active and user.name:
        return user.name
    return None
"""
_LONG = """\
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
"""
_PARTED = """\
def send(order):
    total = add_up(order)
    if order.is_open:
        order.post(total)
        return total
    return None


def add_up(order):
    total = sum(item.price for item in order.items if not item.is_free)
    return total * 0.9 if total > 100 else total
"""
_RETURNS = """\
def rate(price):
    if price < 10:
        return "low"
    if price < 100:
        return "usual"
    return "high"
"""
_TABLE = """\
LIMITS = {10: "low", 100: "usual"}


def rate(price):
    return next((word for limit, word in LIMITS.items() if price < limit), "high")
"""
_MODULE = "# shop.py has prices, messages and storage.\n"
_MODULES = "# prices.py, messages.py and storage.py have one subject each.\n"
_ALL_PATHS = "Each branch is a path to test, and one more case to keep in mind."
_BIG_FILE = "What changes for different reasons is in one place, and nobody reads it as a whole."
RULE_HELP = {
    "cyclomatic_complexity": RuleHelp(_ALL_PATHS, _LONG, _PARTED),
    "cognitive_complexity": RuleHelp(
        "A reader has to remember all conditions around the line that they read.", _NESTED, _FLAT
    ),
    "mccabe_complexity": RuleHelp(_ALL_PATHS, _LONG, _PARTED),
    "branches": RuleHelp(_ALL_PATHS, _LONG, _PARTED),
    "returns": RuleHelp("The result is decided in many places.", _RETURNS, _TABLE),
    "statements": RuleHelp("A function that does many things is hard to name and test.", _LONG, _PARTED),
    "length": RuleHelp("A function that does not fit on a screen can't be read at once.", _LONG, _PARTED),
    "nesting_depth": RuleHelp("Each level is one more condition to keep in mind.", _NESTED, _FLAT),
    "crap": RuleHelp("Complex code that no test runs breaks without notice.", _LONG, _PARTED),
    "parameters": RuleHelp(
        "Callers mix up long lists of arguments, and most callers have to pass all of them on.",
        "def draw(x, y, width, height, color):\n    print(x, y, width, height, color)\n",
        "def draw(rectangle, color):\n    print(rectangle, color)\n",
    ),
    "positional_parameters": RuleHelp(
        "A call such as `copy(a, b, True, False)` does not say what it does.",
        "def copy(source, target, force, follow):\n    print(source, target, force, follow)\n",
        "def copy(source, target, *, force, follow):\n    print(source, target, force, follow)\n",
    ),
    "boolean_expressions": RuleHelp(
        "A long condition has no name that says what it is about.",
        "def ship(a):\n    if a.paid and a.open and a.count > 0 and not a.held:\n        a.post()\n",
        "def ship(a):\n    is_due = a.paid and a.open and not a.held\n"
        "    if is_due and a.count > 0:\n        a.post()\n",
    ),
    **dict.fromkeys(
        (
            "maintainability_index",
            "halstead_volume",
            "halstead_effort",
            "halstead_time",
            "halstead_bugs",
            "lines_of_code",
            "logical_lines_of_code",
            "source_lines_of_code",
        ),
        RuleHelp(_BIG_FILE, _MODULE, _MODULES),
    ),
    "halstead_difficulty": RuleHelp(
        "The same names are used again and again, with many kinds of operators.", _MODULE, _MODULES
    ),
    **dict.fromkeys(
        ("comment_lines", "single_comment_lines"),
        RuleHelp(
            "Comments get out of date, as nothing checks them.", "# in euros\nx = 1\n", "euros = 1\n"
        ),
    ),
    "multi_line_string_lines": RuleHelp(
        "Long texts hide the code, and nobody can translate or check them.",
        '"""Mail.\n\nDear customer,\n"""\n', '"""The mail is in mail.txt."""\n',
    ),
    "blank_lines": RuleHelp("Less code fits on a screen.", "x = 1\n\n\n\ny = 2\n", "x = 1\ny = 2\n"),
}  # fmt: skip
"""The help by name of the metric; metrics of extensions have none."""
