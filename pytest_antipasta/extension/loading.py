"""Load installed extensions: their values and their faults."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from typing import TypeVar

import pluggy

from pytest_antipasta.extension.checks import check_format, check_language, check_metric, list_names
from pytest_antipasta.extension.containment import contained, limited
from pytest_antipasta.extension.contract import Language, Metric
from pytest_antipasta.extension.hooks import PROJECT, Hooks
from pytest_antipasta.extension.loaded import GROUP, PACKAGE, Extensions, Loaded, Owner, normalise_name
from pytest_antipasta.model.errors import ExtensionError
from pytest_antipasta.model.formats import ReportFormat
from pytest_antipasta.model.measured import FOREIGN
from pytest_antipasta.runtime.imports import trusted_first

_Answer = TypeVar("_Answer")
_Given = TypeVar("_Given", Metric, Language, ReportFormat)
# Maximum length of an error's text.
_LONGEST = 200
# Top-level modules that are not an extension's.
_NOT_THEIRS = sys.stdlib_module_names | {PACKAGE, pluggy.__name__}


def load_all(
    distributions: Iterable[Path], folders: Sequence[str], adapters: Mapping[str, str]
) -> Extensions:
    """Load extensions.

    Args:
        distributions: ``*.dist-info`` folders of their distributions.
        folders: folders to import them from.
        adapters: modules that make distributions work as extensions, by the names of these.
    """
    loaded: dict[str, Extensions] = {}
    faults: dict[str, str] = {}
    # Output of an extension during loading must not get into a report.
    with trusted_first(folders), redirect_stdout(sys.stderr):
        for distribution in map(Distribution.at, distributions):
            owner = Owner(normalise_name(distribution.name), distribution.version)
            if owner.name in loaded:
                continue  # another folder contains it too, and Python imports the first
            try:
                with limited(str(owner)), contained():
                    loaded[owner.name] = _load(owner, distribution, adapters.get(owner.name))
                _require_free(loaded)
            except ExtensionError as error:
                loaded[owner.name] = Extensions()
                faults[owner.name] = f"extension {owner} is disabled: {error}"
    return Extensions(
        tuple(metric for item in loaded.values() for metric in item.metrics),
        tuple(language for item in loaded.values() for language in item.languages),
        tuple(form for item in loaded.values() for form in item.formats),
        frozenset(loaded.keys() - faults.keys()),
        faults,
    )


def _require_free(loaded: Mapping[str, Extensions]) -> None:
    """Check that the last extension uses no format name of another one."""
    *others, last = loaded.values()
    taken = {name: owner for each in others for owner, form in each.formats for name in list_names(form)}
    for _, form in last.formats:
        for name in list_names(form):
            if name in taken:
                raise ExtensionError(f"report format {name!r} is already defined by {taken[name]}")


def _load(owner: Owner, distribution: Distribution, adapter: str | None) -> Extensions:
    """Load one distribution, or the module that adapts it, if all of its parts are valid.

    Raises:
        ExtensionError: a part is invalid.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    for entry_point in _find_entry_points(owner, distribution, adapter):
        plugin = _call(entry_point.load, f"importing {entry_point.value}")
        _call(partial(manager.register, plugin, entry_point.name), f"registering {entry_point.value}")
        if not manager.get_hookcallers(plugin):
            raise ExtensionError(f"{entry_point.value} has no hooks; mark its functions with `@hookimpl`")
    _call(manager.check_pending, "its hooks")
    metrics = _ask(manager.hook.antipasta_metrics, Metric, check_metric)
    languages = _ask(manager.hook.antipasta_languages, Language, check_language)
    formats = _ask(manager.hook.antipasta_report_formats, ReportFormat, check_format)
    prefix = f"{owner.name}{FOREIGN}"
    return Extensions(
        tuple(Loaded(prefix + metric.name, owner, metric) for metric in metrics),
        tuple(Loaded(prefix + language.name, owner, language) for language in languages),
        tuple((owner, item) for item in formats),
    )


def _find_entry_points(owner: Owner, distribution: Distribution, adapter: str | None) -> list[EntryPoint]:
    if adapter is not None:
        return [EntryPoint(owner.name, adapter, GROUP)]
    found = [point for point in distribution.entry_points if point.group == GROUP]
    if not found:
        groups = {point.group for point in distribution.entry_points if point.group.startswith(f"{PACKAGE}.")}
        raise ExtensionError(f"needs {', '.join(sorted(groups))}, but this pytest-antipasta supports {GROUP}")
    return found


def _call(function: Callable[[], _Answer], what: str) -> _Answer:
    """Call code of an extension and return its result.

    Raises:
        ExtensionError: the code raises an error, or exits.
    """
    try:
        return function()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # such as SystemExit, GeneratorExit, and a panic in Rust
        raise ExtensionError(f"{what} failed with {describe(error)}") from error


def describe(error: BaseException) -> str:
    """Return an error of an extension in one line, with the line of its code where it was raised."""
    text = describe_message(error)
    return (f"{type(error).__name__}: {text}" if text else type(error).__name__) + _find_place(error)


def _find_place(error: BaseException) -> str:
    """Return the last line outside Python's own modules and ours; empty if there is none."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__"))
        if module.partition(".")[0] not in _NOT_THEIRS:
            place = f" ({module}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place


def describe_message(error: BaseException) -> str:
    """Return only the message of an error."""
    return " ".join(str(error)[:_LONGEST].split())


def _ask(hook: pluggy.HookCaller, kind: type[_Given], check: Callable[[_Given], None]) -> list[_Given]:
    """Return the combined answers to a hook.

    Raises:
        ExtensionError: an answer has the wrong type, or a name occurs twice.
    """
    found: dict[str, _Given] = {}
    answers = _call(hook, hook.name)
    asked = [each for each in hook.get_hookimpls() if not (each.wrapper or each.hookwrapper)]
    if len(answers) < len(asked):  # pluggy leaves out None
        raise ExtensionError(f"{hook.name} returned None instead of a list")
    for answer in answers:
        for given in _call(partial(list[object], answer), hook.name):
            if not isinstance(given, kind):
                raise ExtensionError(
                    f"{hook.name} returned {type(given).__name__} instead of {kind.__name__}"
                )
            check(given)
            if given.name in found:
                raise ExtensionError(f"{hook.name} returned {given.name} twice")
            found[given.name] = given
    return list(found.values())
