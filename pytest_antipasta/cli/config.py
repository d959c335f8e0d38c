"""``pytest-antipasta config``: validate, show, propose and migrate settings, and print their schema."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from pytest_antipasta.cli.command import RUN, Annotated, Operand, Option, add_actions, add_command
from pytest_antipasta.cli.options import RunOptions, SettingsOptions
from pytest_antipasta.cli.parser import SubParsers
from pytest_antipasta.cli.stdout import WRONG_USAGE, print_to_stderr, write_copied, write_lines
from pytest_antipasta.extension.metrics import is_of_blocks, look_up_metric
from pytest_antipasta.files.exclusion import ExclusionReason, Idle, find_exclusion, find_idle_patterns
from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.selection import Selection, require_paths, select_with_settings
from pytest_antipasta.files.source import Source
from pytest_antipasta.messages import count, format_path, format_value, list_names
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.runtime.environment import python_minor
from pytest_antipasta.settings.documents import format_key
from pytest_antipasta.settings.load import iter_nested_notes, load_settings
from pytest_antipasta.settings.origins import DEFAULT, Origins, Traced, find_origins, trace_places
from pytest_antipasta.settings.path_thresholds import Projects, trace_functions, with_projects
from pytest_antipasta.settings.toml_text import iter_toml_lines
from pytest_antipasta.settings.unmeasured import is_of_languages, iter_idle_limits, iter_missing_limits
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.setup.init_hook import CommitHook
    from pytest_antipasta.setup.proposal import Preset, SettingsProposal

_INSTEAD = "`pytest-antipasta config init` proposes settings by what the code has"
# What each set of limits says of whole files.
_OF_FILES = {
    "functions": "no limits of files",
    "files": "files fail, too",
    "default": "files only warn",
    "now": "files only warn",
}


class _ShowOptions(SettingsOptions, frozen=True):
    path: Annotated[
        Path | None, Operand("show whether this file is checked, and with which limits", "PATH", "?")
    ] = None


class _InitOptions(RunOptions, frozen=True):
    preset: Annotated[
        Literal["functions", "files", "default", "now"],
        Option("set of limits to propose"),
    ] = "functions"
    baseline: Annotated[bool, Option("also record existing violations in a baseline")] = False
    hook: Annotated[bool, Option("also install a commit hook")] = False
    yes: Annotated[bool, Option("write the proposed settings")] = False


class _MigrateOptions(SettingsOptions, frozen=True):
    file: Annotated[Path | None, Operand("read only this settings file", "FILE", "?")] = None
    yes: Annotated[bool, Option("write the proposed settings")] = False
    config: Annotated[Path | None, Option("file to write (default: pyproject.toml)", "FILE", RUN)] = None


class _SchemaOptions(Struct, frozen=True):
    pyproject: Annotated[
        bool, Option("schema for a whole pyproject.toml, not only [tool.pytest-antipasta]")
    ] = False


def add_parser(subparsers: SubParsers) -> None:
    """Add ``config`` with its actions to the command line."""
    actions = add_actions(subparsers, "config", "check, show and write the settings")
    text = "check the settings; exit code 2 if they are wrong"
    add_command(actions, "validate", text, SettingsOptions, _run_validate)
    text = "print all settings in effect as TOML; or those for one file with their origin"
    add_command(actions, "show", text, _ShowOptions, _run_show)
    text = "propose settings for the repository; for its pyproject.toml"
    add_command(actions, "init", text, _InitOptions, _run_init)
    text = "convert settings of other tools to a proposal; each line has its origin"
    add_command(actions, "migrate", text, _MigrateOptions, _run_migrate)
    text = "print the JSON Schema of the settings, for editors"
    add_command(actions, "schema", text, _SchemaOptions, _run_schema)


def _run_validate(options: SettingsOptions) -> int:
    from pytest_antipasta.baseline.file import find_baseline
    from pytest_antipasta.engine.rules import read_rules

    settings = load_settings(Path.cwd(), options.config).settings
    _require_all(settings, select_with_settings if settings.nested else require_paths, find_baseline)
    rules = read_rules(Path.cwd(), options.config)
    settings, notes = rules.settings, rules.notes
    if options.quiet:
        return 0
    from pytest_antipasta.setup.init_hook import iter_stub_notes

    loaded, selection = select_with_settings(settings)
    paths = [file.path for file in selection.files]
    notes = (*notes, *selection.notes, *(loaded.notes if settings.nested else ()))
    notes = (*notes, *iter_missing_limits(loaded.settings), *iter_idle_limits(settings))
    notes = (*notes, *iter_stub_notes(settings, paths), *rules.faults)
    notes = (*notes, *_iter_selection_notes(settings, selection))
    valid = "no settings found, using the defaults"
    if settings.source:
        valid = f"{format_path(settings.source)}: valid"
    write_lines(valid, *(f"note: {note}" for note in (*notes, *_iter_idle(settings, paths))))
    return 0


def _require_all(settings: Settings, *checks: Callable[[Settings], object]) -> None:
    """Make several checks of settings, and raise UsageError with the problems of all."""
    problems: list[str] = []
    for check in checks:
        try:
            check(settings)
        except UsageError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))


def _iter_selection_notes(settings: Settings, selection: Selection) -> Iterator[str]:
    """Yield which settings below the root are ignored, and whether the settings leave no file."""
    yield from iter_nested_notes(settings, (file.location for file in selection.files))
    if settings.source and not selection.files:
        yield "0 files: nothing is checked; check `paths`, `include` and `exclude`"


def _iter_idle(settings: Settings, files: Sequence[str]) -> Iterator[str]:
    """Yield the patterns in the settings file that match nothing, given the paths of all source files."""
    origins = find_origins(settings)
    found = find_idle_patterns(settings, files)
    if settings.critical_functions or any(override.functions for override in settings.overrides):
        found = chain(found, _find_idle_functions(settings))
    for key, pattern, said in found:
        if (place := origins.find(*key)) != DEFAULT:
            yield f"{format_key(key)} ({place}): {format_value(pattern)} {said}"


def _find_idle_functions(settings: Settings) -> Iterator[Idle]:
    """Yield the patterns of functions that match none; all files are measured, or looked up in the store."""
    from pytest_antipasta.engine.executor.worker_count import find_jobs
    from pytest_antipasta.engine.opening import open_run
    from pytest_antipasta.engine.rules import Rules
    from pytest_antipasta.engine.storage.storage import find_store
    from pytest_antipasta.results.idle_patterns import find_idle_functions

    jobs = find_jobs(None, settings)
    run = open_run(Rules(settings), find_store(settings)).judge_all(jobs)
    return find_idle_functions(
        run.rules.settings, {path: verdict.measurement for path, verdict in run.verdicts.items()}
    )


def _run_schema(options: _SchemaOptions) -> int:
    import json

    from pytest_antipasta.settings.schema import make_pyproject_schema, make_schema

    schema = make_pyproject_schema() if options.pyproject else make_schema()
    write_copied(json.dumps(schema, indent=2).splitlines())
    return 0


def _run_show(options: _ShowOptions) -> int:
    """Print the settings, or those that apply to one file."""
    settings, notes = load_settings(Path.cwd(), options.config)
    origins = find_origins(settings)
    comments = _iter_comments(settings, notes)
    if options.path is None:
        lines = iter_toml_lines(settings, None if options.quiet else origins.find)
    else:
        if os.path.isdir(options.path):  # unlike Path.is_dir, for any path
            raise UsageError(f"{format_path(options.path.absolute())}: is a folder; name a file")
        location = rebase(settings.root, os.path.abspath(options.path))  # as a walk from the root spells it
        settings, nearer = with_projects(settings, [location])
        comments = chain(comments, (f"note: {note}" for note in nearer))
        path = display_path(settings.root, location)
        limits = trace_places(settings, path, is_generated=_is_generated(settings, location))(None)
        comments = chain(comments, _iter_file_comments(settings, origins, location, limits))
        lines = chain(_iter_thresholds(limits), _iter_function_limits(settings, path))
    # Complete before printing: an error must not follow half a result.
    write_copied((*(() if options.quiet else (f"# {line}" for line in comments)), *lines))
    return 0


def _iter_comments(settings: Settings, notes: Iterable[str]) -> Iterator[str]:
    yield f"source: {format_path(settings.source)}" if settings.source else "source: defaults only"
    yield f"root: {format_path(settings.root)}"
    for note in notes:
        yield f"note: {note}"


def _iter_file_comments(settings: Settings, origins: Origins, location: str, limits: Traced) -> Iterator[str]:
    yield from (f"note: {note}" for note in iter_nested_notes(settings, [location]))
    warnings: list[str] = []
    omission = find_exclusion(settings, location, warnings.append)
    yield from (f"note: {warning}" for warning in warnings)
    if omission is not None:
        yield from _iter_omission(omission, origins, location)
        return
    from pytest_antipasta.engine.digests import find_language

    yield "checked: yes"
    if (language := find_language(settings.languages, location)) is not None:
        yield f"language: {language.name}; limits on metrics it does not measure are ignored"
        return
    if foreign := [metric for metric, (limit, _) in limits.items() if limit and is_of_languages(metric)]:
        yield f"note: Python files have no {list_names(foreign)}: limits on them are ignored"


def _iter_omission(omission: ExclusionReason, origins: Origins, location: str) -> Iterator[str]:
    by = f"{format_key(omission.key)} ({origins.find(*omission.key)}): " if omission.key else ""
    yield f"checked: no: {by}{omission.reason}"
    if os.path.isfile(location):
        yield "if it is named: `check` and pytest check it, `hook` and checks of a change do not"


def _is_generated(settings: Settings, location: str) -> bool:
    from pytest_antipasta.engine.digests import find_language
    from pytest_antipasta.metrics.generated import is_generated
    from pytest_antipasta.metrics.source import SourceError, decode_source

    if find_language(settings.languages, location) is not None:
        return False
    try:
        return is_generated(decode_source(Source(location, location).read(settings.max_file_bytes).data))
    except (UnreadableError, SourceError):
        return False


def _iter_thresholds(traced: Traced) -> Iterator[str]:
    width = max(map(len, traced), default=0)
    for metric, (threshold, place) in traced.items():
        yield f"{metric:{width}}  {_format_threshold(threshold)}  ({place})"


def _iter_function_limits(settings: Settings, path: str) -> Iterator[str]:
    """Yield the limits of some functions of a file, each with the patterns that select these."""
    project, inside = Projects(settings).find(path)
    origins = find_origins(project)
    for origin, limits in trace_functions(project, inside):
        for metric, limit in limits.thresholds:
            place = origins.locate_threshold(metric, origin)
            yield f"{metric} of {', '.join(limits.functions)}: {_format_threshold(limit)}  ({place})"


def _format_threshold(threshold: Threshold | None) -> str:
    if threshold is None:
        return "off"
    text = f"{threshold.comparison} {threshold.limit}"
    if threshold.block_limit is not None:
        text += f", each block {threshold.comparison} {threshold.block_limit}"
    return f"{text}, a warning" if threshold.level == "warning" else text


def _run_init(options: _InitOptions) -> int:
    """Propose settings, and write them with ``--yes``."""
    from pytest_antipasta.baseline.file import DEFAULT_NAME, read_baseline
    from pytest_antipasta.setup.init_hook import choose_commit_hook
    from pytest_antipasta.setup.proposal import iter_table, make_proposal
    from pytest_antipasta.setup.target import choose_target, require_no_other_settings

    target = choose_target(options.config)
    require_no_other_settings(options.config, target)
    hook = choose_commit_hook(target) if options.hook else None
    baseline = target.with_name(DEFAULT_NAME) if options.baseline else None
    if baseline is not None and os.path.lexists(baseline):
        read_baseline(baseline)  # a damaged baseline is reported before anything is written
    has_room = _check_room(options, target)
    proposal = make_proposal(target.parent, lambda settings: _judge_all(options, settings))
    preset = proposal.presets[options.preset]
    if not options.quiet:
        write_lines(*_iter_findings(target, proposal, preset), "")
    table = list(iter_table(proposal, preset))
    if not has_room:
        write_copied(table)
        return WRONG_USAGE
    _propose_table(options, target, table)
    if options.yes:
        return _finish(options, target, baseline, preset, hook)
    if not options.quiet:
        write_lines(*_iter_plans(baseline, preset, hook))
    return 0


def _check_room(options: _InitOptions, target: Path) -> bool:
    """Return whether our table can be added to the file to write; if not, print why."""
    from pytest_antipasta.setup.target import append_table, read_target

    try:
        append_table(target, read_target(target), ["[tool.pytest-antipasta]"])
    except UsageError as error:
        print_to_stderr([f"error: {error}{_advise_rest(options)}"])
        return False
    return True


def _advise_rest(options: _InitOptions) -> str:
    """Return how to do what was requested besides settings, which exist."""
    record = _format_command("baseline write", options.config)
    steps = {record: options.baseline, "pytest-antipasta hooks install": options.hook}
    left = [f"`{step}`" for step, is_wanted in steps.items() if is_wanted]
    return f"; then run {' and '.join(left)}" if left else ""


def _judge_all(options: _InitOptions, settings: Settings) -> Sequence[Verdict]:
    from pytest_antipasta.cli.running import choose_cache_dir, judge_all
    from pytest_antipasta.engine.opening import open_run
    from pytest_antipasta.engine.rules import Rules

    ledger = open_run(Rules(settings), choose_cache_dir(options, settings))
    run = judge_all(ledger, options)
    print_to_stderr(f"warning: {note}" for note in run.selection.notes)
    return run.sorted_verdicts()


def _iter_findings(target: Path, proposal: "SettingsProposal", preset: "Preset") -> Iterator[str]:
    """Yield the findings, how many functions and files would fail each preset, and limits to choose from."""
    from pytest_antipasta.report.suppressions import format_unheeded
    from pytest_antipasta.setup.exclusions import describe
    from pytest_antipasta.setup.migration.migrate import name_limited

    yield f"root: {format_path(target.parent)} ({count(proposal.found, 'file')})"
    if proposal.notebooks:
        yield f"notebooks: {proposal.notebooks}"
    yield from describe(proposal.exclusions)
    if proposal.newer:
        yield (
            f"Python {python_minor()} can't parse {count(proposal.newer, 'file')} with newer "
            "syntax; to check them, run under a newer Python version"
        )
    yield from name_limited(target.parent)
    yield from format_unheeded(proposal.verdicts)
    yield from _iter_presets(proposal, preset)
    yield from _iter_choices(proposal)


def _iter_presets(proposal: "SettingsProposal", chosen: "Preset") -> Iterator[str]:
    """Yield a table of the presets, with how many functions and files fail, and why to choose one."""
    if not proposal.files:
        return
    yield ""
    yield f"fail without a baseline, of {count(proposal.files, 'file')}:"
    yield f"{'--preset':11}  {'functions':>9}  {'files':>5}  limits"
    for preset in proposal.presets.values():
        mark = ">" if preset is chosen else " "
        numbers = f"{preset.functions:>9,}  {preset.failing:>5,}"
        yield f"{mark} {preset.name:9}  {numbers}  {_describe_limits(preset)}"
    is_usual = chosen.name == "functions"
    why = "what fails can be fixed one function at a time" if is_usual else "--preset names it"
    yield f"proposed: {chosen.name}, because {why}"
    if chosen.failing:
        yield "fail with --baseline: 0, as what fails today is recorded; it may not get worse"


def _iter_choices(proposal: "SettingsProposal") -> Iterator[str]:
    """Yield a table of limits to choose from; those that concern the same functions have one line."""
    from pytest_antipasta.report.wording import format_history

    edits, lines, shown = proposal.edits, list[str](), set[tuple[str, int]]()
    for choice in proposal.choices:
        row = choice.metric, len(choice.functions)
        if choice.functions and row not in shown:
            name = f"{look_up_metric(choice.metric).label} {choice.limit}"
            edited = f"  {len(choice.functions.keys() & edits.counts.keys()):>24,}" if edits else ""
            lines.append(f"{name:14}  {len(choice.functions):>9,}  {choice.lines:>7,}{edited}")
        shown.add(row)
    if lines:
        uncounted = "; changes in notebooks are not counted" if edits and proposal.notebooks else ""
        yield from (
            "",
            f"{'over a limit':14}  functions    lines{'  changed in the last year' if edits else ''}",
            *lines,
            "choose by how many functions you want to deal with, and write that limit into the settings",
            f"{format_history(edits)}{uncounted}",
        )


def _describe_limits(preset: "Preset") -> str:
    """Return the limits of functions, and what is limited of files."""
    limits = (
        f"{look_up_metric(metric).label} {threshold.limit}"
        for metric, threshold in preset.thresholds.items()
        if threshold is not None and is_of_blocks(metric)
    )
    return f"{', '.join(limits)}; {_OF_FILES[preset.name]}"


def _iter_plans(baseline: Path | None, preset: "Preset", hook: "CommitHook | None") -> Iterator[str]:
    """Yield what ``--yes`` would do besides writing the table."""
    if baseline is not None or hook is not None:
        yield ""
    if baseline is not None and preset.failing:
        yield f"would record {count(preset.failing, 'file')} with violations in {format_path(baseline)}"
    elif baseline is not None:
        yield "no violations, so there is nothing to record"
    if hook is not None:
        yield from hook.describe()


def _finish(
    options: _InitOptions, target: Path, baseline: Path | None, preset: "Preset", hook: "CommitHook | None"
) -> int:
    """Write everything else that was requested, and print the remaining steps."""
    code = 0 if baseline is None else _record(options, target)
    lines = [*hook.install()] if hook is not None else []
    recorded = [baseline] if baseline is not None and baseline.exists() else []
    to_commit = [target, *recorded, *(hook.to_change if hook is not None else ())]
    *others, last = map(format_path, to_commit)
    step = f"commit {', '.join(others)} and {last}" if others else f"commit {last}"
    if preset.failing and baseline is None:
        command, failing = _format_command("baseline write", options.config), count(preset.failing, "file")
        step += f"; after `{command}`, {failing} over a limit may stay but not get worse"
    lines.append(f"next: {step}")
    if not options.quiet:
        write_lines(*lines)
    return code


def _record(options: _InitOptions, target: Path) -> int:
    """Write the baseline, by the settings that were written."""
    from pytest_antipasta.cli.baseline import WriteOptions, run_write

    shared = {name: getattr(options, name) for name in RunOptions.__struct_fields__}
    return run_write(WriteOptions(**shared | {"config": target}))


def _run_migrate(options: _MigrateOptions) -> int:
    """Propose a table converted from other tools' settings, and write it with ``--yes``."""
    from pytest_antipasta.setup.migration.migrate import MIGRATED_FILES, find_migration, require_known
    from pytest_antipasta.setup.target import choose_target, require_no_other_settings

    target = choose_target(options.config)
    if options.file is not None:
        require_known(options.file)
        migration = find_migration(options.file.absolute().parent, options.file.name)
    else:
        migration = find_migration(target.parent)
    if migration is None:
        looked = ", ".join(MIGRATED_FILES) if options.file is None else format_path(options.file)
        raise UsageError(f"no complexity settings found in {looked}; {_INSTEAD}")
    if not migration.settings:
        lost = "".join(f"\n{lost.origin}: {lost.why}" for lost in migration.lost)
        raise UsageError(f"none of the settings found has an equivalent; {_INSTEAD}{lost}")
    require_no_other_settings(options.config, target, but_yaml=True)
    _propose_table(options, target, list(migration.iter_table()))
    if options.yes and not options.quiet:
        check, record = (_format_command(action, options.config) for action in ("check", "baseline write"))
        write_lines(f"next: `{check}` shows what fails; `{record}` records it")
    return 0


def _format_command(action: str, config: Path | None) -> str:
    """Return a command that reads the settings that an option named."""
    from pytest_antipasta.report.next_step import Invocation

    return Invocation(Path.cwd(), Path.cwd(), config).format_command(action)


def _propose_table(options: _InitOptions | _MigrateOptions, target: Path, table: Sequence[str]) -> None:
    """Print a table and its target file; with ``--yes``, append it there."""
    from pytest_antipasta.report.writing import write_parts
    from pytest_antipasta.setup.target import append_table, read_target

    is_there = os.path.lexists(target)
    try:
        content = append_table(target, read_target(target), table)
    except UsageError:
        write_copied(table)  # for the user to copy
        raise
    name = format_path(target)
    if options.yes:
        write_parts(target, [content], "settings")
        lines = [f"{name}: settings written"]
    else:
        lines = [f"nothing written; --yes {'adds this to' if is_there else 'creates'} {name}:", ""]
    write_lines(*([] if options.quiet else lines))
    write_copied([] if options.yes else table)
