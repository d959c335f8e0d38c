"""Convert the rules that ruff, flake8 and pylint apply, from all settings that decide about a rule."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import PureWindowsPath

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.messages import format_json
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.setup.exclusions import anchor
from pytest_antipasta.setup.migration.converted import (
    Converted,
    Lost,
    Setting,
    SourceTree,
    exclude,
    include,
    lose,
    lose_number,
    override,
)
from pytest_antipasta.setup.migration.measurers import ASSERTS
from pytest_antipasta.setup.migration.options import Options, ToolOption, is_true, merge
from pytest_antipasta.setup.migration.patterns import (
    convert_name,
    convert_path,
    convert_regex,
    escape,
    expand_braces,
)


class _Rule(Struct, frozen=True):
    """A rule: its codes for ruff and pylint, name, metric (empty without one), option and default limit."""

    code: str
    id: str
    name: str
    metric: str
    option: str
    limit: str

    def iter_limit(self, option: ToolOption | None, origin: str, note: str = "") -> Iterator[Converted]:
        """Yield the limit of an option, or the default with another origin."""
        text, origin = (str(option.value), option.origin) if option is not None else (self.limit, origin)
        is_number = re.fullmatch(r"\d+", text)
        yield Setting(self.metric, text, origin, note) if is_number else lose_number(origin, text)


_METRICS = {metric.name: metric for metric in OUR_METRICS}


def _make_rule(name: str, option: str, limit: str, ruff_name: str = "") -> _Rule:
    """Return the rule with the count of a metric; most have the same name for ruff and pylint."""
    metric = _METRICS[name]
    return _Rule(metric.ruff, metric.pylint[1], ruff_name or metric.pylint[0], name, option, limit)


_RULES = (
    _make_rule("mccabe_complexity", "max-complexity", "10", "complex-structure"),
    _make_rule("returns", "max-returns", "6"),
    _make_rule("branches", "max-branches", "12"),
    _make_rule("parameters", "max-args", "5"),
    _make_rule("statements", "max-statements", "50"),
    _make_rule("boolean_expressions", "max-bool-expr", "5"),
    _make_rule("positional_parameters", "max-positional-arguments", "5"),
)
_COGNITIVE = _Rule("CCR001", "", "", "cognitive_complexity", "max-cognitive-complexity", "7")
_RADON = _Rule("R701", "", "", "cyclomatic_complexity", "radon-max-cc", "10")
_WITHOUT_METRIC = (
    _Rule("PLR0904", "", "too-many-public-methods", "", "max-public-methods", ""),
    _Rule("PLR0914", "", "too-many-locals", "", "max-locals", ""),
    _Rule("PLR1702", "", "too-many-nested-blocks", "", "max-nested-blocks", ""),
)
# Those of ruff that have to be switched on.
_IN_PREVIEW = ("PLR0904", "PLR0914", "PLR0916", "PLR1702")
# Folders that ruff leaves out unless `exclude` is set; others of these never have source files.
_LEFT_OUT_BY_RUFF = {"__pypackages__", "_build", "buck-out", "dist", "node_modules", "site-packages", "venv"}
# Measured with mccabe 0.7.0 on 2,345 functions of django, black and homeassistant.
MCCABE = "counted like ruff; mccabe's numbers are equal for 91 % of functions, and higher for most others"
# Measured with pylint 4.1 on 2,620 functions of the standard library and rich; all other values are equal.
_PYLINT = {
    "mccabe_complexity": MCCABE,
    "statements": "counted like ruff; pylint counts one more in most functions without a docstring",
}
_NOTHING = ToolOption("", "")
_PLUGIN = "counted like complexipy; the plugin for flake8 counts some functions otherwise"
_NOT_APPLIED = "{} does not apply {}, so there is no limit"
_INCLUDE = "not converted; write `include`, which replaces the default"
_UNDERSCORES = "arguments that begin with an underscore are not counted"


def _decide(
    on: Iterable[ToolOption | None], off: Iterable[ToolOption | None], weigh: Callable[[str], int | None]
) -> tuple[bool, str] | None:
    """Return whether a rule is on, and the origin; ``None`` if there is no code for it.

    ``weigh`` returns how much a code says, and ``None`` if it is not for this rule. What says most decides.
    """
    found = [
        (weight, is_off, option.origin)
        for is_off, options in enumerate((on, off))
        for option in filter(None, options)
        for code in option.split()
        if (weight := weigh(code)) is not None
    ]
    return (not max(found)[1], max(found)[2]) if found else None


class _Ruff:
    """The settings of ruff: of its command line, its file, and the files that this extends."""

    def __init__(self, layers: Sequence[Options]) -> None:
        self._layers = layers
        preview = next(chain(self.iter_all("lint.preview"), self.iter_all("preview")), None)
        self._has_preview = preview is not None and preview.value is True
        explicit = self.find("explicit-preview-rules")
        self._has_explicit = explicit is not None and explicit.value is True

    def find(self, name: str) -> ToolOption | None:
        """Return an option of the linter, from the first layer that has it; also in its old place."""
        return next(self.iter_all(f"lint.{name}", name), None)

    def iter_all(self, *names: str) -> Iterator[ToolOption]:
        """Yield an option from each layer, by the first of its names that is there."""
        for layer in self._layers:
            yield from [layer[name] for name in names if name in layer][:1]

    def find_limit(self, rule: _Rule) -> ToolOption | None:
        """Return the option that limits a rule."""
        table = "mccabe" if rule.code == "C901" else "pylint"
        return self.find(f"{table}.{rule.option.replace('arguments', 'args')}")

    def find_selection(self, rule: _Rule) -> str:
        """Return where a rule is selected; empty if it is not."""
        origin, carried = "", None
        for layer in reversed(self._layers):
            select, extend, *ignore = (
                layer.get(f"lint.{name}", layer.get(name))
                for name in ("select", "extend-select", "ignore", "extend-ignore")
            )
            decision = _decide((select, extend), (*ignore, carried), partial(self.weigh, rule))
            # An empty `select` leaves what it ignores to the file that extends it.
            carried = ignore[0] if select is not None and not select.value else None
            if decision is not None or select is not None:
                origin = decision[1] if decision is not None and decision[0] else ""
        return origin

    def weigh(self, rule: _Rule, code: str) -> int | None:
        """Return how many letters a code for a rule has; ``None`` if it is not for the rule."""
        is_in_preview = rule.code in _IN_PREVIEW
        if code in (rule.code, rule.name):
            is_shown = self._has_preview or (code == rule.code and not is_in_preview)
            return len(rule.code) if is_shown else None
        if is_in_preview and (self._has_explicit or not self._has_preview):
            return None
        # C9 is an old name of C90.
        return 0 if code == "ALL" else len(code) + (code == "C9") if rule.code.startswith(code) else None


def convert_ruff(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for what ruff checks."""
    ruff = _Ruff(layers)
    for rule in (*_RULES, *_WITHOUT_METRIC):
        yield from _convert_rule(ruff, rule)
    if applied := [rule for rule in _RULES if ruff.find_selection(rule)]:
        yield from _convert_files_of_ruff(ruff, tree)
        yield from _convert_ignores_of_ruff(ruff, applied)
        yield from (Setting("foreign_suppressions", f'"{name}"', "as ruff") for name in ("noqa", "ruff"))
        yield from lose(ruff.find("dummy-variable-rgx"), _UNDERSCORES)


def _convert_rule(ruff: _Ruff, rule: _Rule) -> Iterator[Converted]:
    limit, origin = ruff.find_limit(rule), ruff.find_selection(rule)
    if not origin:
        yield from lose(limit, _NOT_APPLIED.format("ruff", rule.code))
    elif rule.metric:
        if limit is None and rule.code == "PLR0917":
            limit = ruff.find("pylint.max-args")
        yield from rule.iter_limit(limit, f"{origin}, with ruff's default limit")
    else:
        place = limit.origin if limit is not None else f"{origin} {rule.code}"
        yield Lost(place, "has no equivalent; ruff continues to check it")


def _convert_ignores_of_ruff(ruff: _Ruff, applied: Sequence[_Rule]) -> Iterator[Converted]:
    extended = ruff.iter_all("lint.extend-per-file-ignores", "extend-per-file-ignores")
    for option in filter(None, (*extended, ruff.find("per-file-ignores"))):
        convert = partial(_convert_glob, folder=option.folder, files_only=True)
        for pattern, codes in option.value.items() if isinstance(option.value, dict) else ():
            off = {rule.metric: "false" for rule in applied if _is_named(ruff, rule, codes)}
            if off:
                yield override(pattern, f"{option.origin}.{format_json(pattern)}", off, convert)


def _is_named(ruff: _Ruff, rule: _Rule, codes: Iterable[str]) -> bool:
    return any(ruff.weigh(rule, code) is not None for code in codes)


def _convert_files_of_ruff(ruff: _Ruff, tree: SourceTree) -> Iterator[Converted]:
    whole, of_linter = ([*ruff.iter_all(name)][:1] for name in ("exclude", "lint.exclude"))
    for option in (*ruff.iter_all("extend-exclude"), *whole, *of_linter):
        files_only = option in of_linter
        yield from exclude(option, partial(_convert_glob, folder=option.folder, files_only=files_only))
    by_default = sorted(_LEFT_OUT_BY_RUFF & tree.find_names()) if not whole else []
    yield from (Setting("exclude", f'"{name}"', "as ruff by default") for name in by_default)
    has_preview = [option.value for option in ruff.iter_all("preview")][:1] == [True]
    yield from include(tree, {".py", ".pyw"} if has_preview else {".py"}, "ruff")
    for name in ("include", "extend-include"):
        yield from lose(next(ruff.iter_all(name), None), _INCLUDE)
    respects = next(ruff.iter_all("respect-gitignore"), None)
    if respects is not None and respects.value is False:
        yield Setting("use_gitignore", "false", respects.origin)


def _convert_glob(pattern: str, folder: str, *, files_only: bool) -> list[str]:
    """Return the patterns for one of ruff, which is compared with paths, and without a slash with names."""
    found: list[str] = []
    for each in expand_braces(pattern):
        if "/" not in (each if files_only else pattern):
            found += convert_name(each, files_only=files_only, is_globset=True)
        found += convert_path(each, folder, files_only=files_only, is_globset=True)
    # What names match, the same pattern for paths need not match again.
    return [*dict.fromkeys(glob for glob in found if glob[0] != "/" or glob[1:] not in found)]


def convert_flake8(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for what flake8 checks; a plugin is installed if there is an option of it."""
    options = _merge_for_flake8(layers)
    applied: dict[_Rule, str] = {}
    for rule, note in ((_RULES[0], MCCABE), (_COGNITIVE, _PLUGIN), (_RADON, "")):
        limit = options.get(rule.option)
        if limit is not None and _applies(options, rule):
            applied[rule] = str(limit.value)
            yield from rule.iter_limit(limit, "", note)
        else:
            yield from lose(limit, _NOT_APPLIED.format("flake8", rule.code))
    if not applied:
        return
    for name in ("exclude", "extend-exclude"):
        yield from exclude(options.get(name), partial(_convert_fnmatch, files_only=False))
    yield from include(tree, {".py"}, "flake8")
    yield from lose(options.get("filename"), _INCLUDE)
    yield from _convert_ignores(options, tree, applied)
    if not is_true(options, "disable-noqa"):
        yield Setting("foreign_suppressions", '"noqa"', "as flake8")
    if _RULES[0] in applied:
        yield Setting("nested_blocks", "false", "as mccabe")
    elif _RADON in applied and not is_true(options, "radon-show-closures"):
        yield Setting("nested_blocks", "false", "as radon")
    yield from lose(options.get("radon-no-assert"), ASSERTS)


def _merge_for_flake8(layers: Sequence[Options]) -> Options:
    """Return all options with lists split, and with the limit that a plugin has if a hook installs it."""
    # Blanks separate items, too.
    options = {
        name: replace(option, value=re.split(r"[,\s]+", str(option.value)))
        if re.fullmatch("(extend-)?(select|ignore|exclude)", name)
        else option
        for name, option in merge(layers).items()
    }
    plugins = options.get("plugins", _NOTHING)
    if not any(re.match("flake8[-_]cognitive", name) for name in plugins.split()):
        return options
    return {_COGNITIVE.option: ToolOption(_COGNITIVE.limit, plugins.origin), **options}


def _applies(options: Options, rule: _Rule, more: ToolOption | None = None) -> bool:
    """Return whether flake8 applies a rule, with more codes to ignore."""
    if str(options[rule.option].value) == "-1":
        return False
    on, off = ([options.get(name), options.get(f"extend-{name}")] for name in ("select", "ignore"))
    if "select" not in options and on[1] is not None and any(map(rule.code.startswith, on[1].split())):
        on.append(ToolOption([rule.code[:3]], ""))  # the default, which counts only beside others
    decision = _decide(on, [*off, more], lambda code: len(code) if rule.code.startswith(code) else None)
    return decision[0] if decision is not None else "select" not in options


def _convert_fnmatch(pattern: str, *, files_only: bool) -> list[str]:
    """Return the patterns for one of flake8, which is compared with names and with absolute paths."""
    if "/" in pattern:  # also at its end: flake8 makes it absolute
        return convert_path(pattern, files_only=files_only)
    found = convert_name(pattern, files_only=files_only)
    found += convert_path(pattern, files_only=files_only) if pattern.startswith("*") else []
    return [*dict.fromkeys(found)]


def _convert_ignores(options: Options, tree: SourceTree, applied: Mapping[_Rule, str]) -> Iterator[Converted]:
    """Yield the exceptions for files; of those for a file, flake8 takes the one with the longest pattern."""
    option = options.get("per-file-ignores", _NOTHING)
    code = r"[A-Z]+[0-9]*(?=$|[\s,])[\s,]*"
    pairs = [
        (pattern, ToolOption(codes.replace(",", " ").split(), option.origin))
        for patterns, codes in re.findall(rf"([^:]+):\s*((?:{code})+)", str(option.value))
        for pattern in re.split(r"[\s,]+", patterns.strip())
    ]
    # With equal lengths, flake8 takes the first, and the last of ours counts.
    pairs.reverse()
    pairs.sort(key=lambda pair: len(os.path.join(tree.root, pair[0]) if "/" in pair[0] else pair[0]))
    is_off = False
    for pattern, codes in pairs:
        limits = {
            rule.metric: limit if _applies(options, rule, codes) else "false"
            for rule, limit in applied.items()
        }
        is_off = is_off or "false" in limits.values()
        if is_off:
            yield override(pattern, option.origin, limits, partial(_convert_fnmatch, files_only=True))


def convert_pylint(layers: Sequence[Options], tree: SourceTree) -> Iterator[Converted]:
    """Yield the settings for what pylint checks; most of its rules apply unless they are disabled."""
    options = merge(layers)
    has_mccabe = "pylint.extensions.mccabe" in options.get("load-plugins", _NOTHING).split()
    place = next((option.origin.partition(":")[0] for option in options.values()), "pylint")
    for rule in _RULES:
        limit = options.get(rule.option)
        if _is_enabled(layers, rule) and (has_mccabe or rule.code != "C901"):
            yield from rule.iter_limit(limit, f"{place}: pylint's default", _PYLINT.get(rule.metric, ""))
        else:
            yield from lose(limit, _NOT_APPLIED.format("pylint", rule.id))
    for rule in _WITHOUT_METRIC:
        yield from lose(options.get(rule.option), "has no equivalent; pylint continues to check it")
    for name, convert in _IGNORED_BY_PYLINT.items():
        yield from exclude(options.get(name), convert)
    yield from include(tree, {".py"}, "pylint")
    yield from _leave_out_of_packages(tree, options.get("ignore-patterns"))
    yield Setting("foreign_suppressions", '"pylint"', "as pylint")
    yield from lose(options.get("ignored-argument-names"), _UNDERSCORES)


def _leave_out_of_packages(tree: SourceTree, ignored: ToolOption | None) -> Iterator[Converted]:
    """Yield the folders in packages that are no packages, which pylint does not check; it does all others."""
    for folder in tree.find_folders():
        inner, outer = (parent / "__init__.py" in tree.paths for parent in (folder, folder.parent))
        if outer and not inner:
            yield Setting("exclude", format_json(anchor(f"{folder}/")), "not of its package for pylint")
        elif outer and ignored is not None and _is_ignored(folder.name, ignored):
            yield Lost(ignored.origin, f"pylint checks {folder}, as it ignores no packages by these")


def _is_ignored(name: str, patterns: ToolOption) -> bool:
    with suppress(re.error):  # pylint itself refuses such a pattern
        return any(re.match(pattern, name) for pattern in patterns.split())
    return False


def _convert_ignored_name(name: str) -> list[str]:
    if name == "__init__.py":  # that of the outermost package counts all the same
        raise ValueError
    # pylint compares names with it, not paths; CVS is in each file that it generates, and not in git.
    return [] if "/" in name or name == "CVS" else [escape(name)]


_IGNORED_BY_PYLINT: Mapping[str, Callable[[str], list[str]]] = {
    "ignore": _convert_ignored_name,
    "ignore-patterns": lambda regex: [
        glob
        for glob in convert_regex(regex, is_path=False)
        if "/" not in glob  # no name matches others
    ],
    "ignore-paths": lambda regex: convert_regex(PureWindowsPath(regex).as_posix(), is_path=True),
}


def _is_enabled(layers: Sequence[Options], rule: _Rule) -> bool:
    """Return whether pylint applies a rule: the last name of it counts, and `all` comes first."""
    names = {rule.id.lower(), "too-complex" if rule.code == "C901" else rule.name, "design", "r", "all"}
    is_on = True
    for options in reversed(layers):
        switches = [(name, options[name].split()) for name in options if name in ("enable", "disable")]
        for name, texts in sorted(switches, key=lambda switch: "all" not in switch[1]):
            is_on = name == "enable" if names.intersection(map(str.lower, texts)) else is_on
    return is_on
