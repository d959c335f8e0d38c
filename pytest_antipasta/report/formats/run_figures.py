"""The figures of a run, for comparing runs: text for Prometheus, and a row of CSV.

The text for the textfile collector of node_exporter is written by hand. ``prometheus_client`` would only
escape labels, and importing it takes longer than a warm run over some hundred files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias, get_args

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.measured import ErrorKind, Number
from pytest_antipasta.model.run import MissReason, ProcessFacts, RunFacts
from pytest_antipasta.report.csv_cells import format_cell_path, format_rows
from pytest_antipasta.report.findings import count_failed
from pytest_antipasta.runtime.environment import VERSION, python_minor

Values: TypeAlias = Mapping[str, "Number | None"]
_PHASES = ("find", "open", "estimate", "judge", "remember", "pytest")
_SPREAD = ("median", "p95", "worst")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


class Figure(NamedTuple):
    """A figure of a run.

    Attributes:
        name: name that ends with the unit, by the conventions of Prometheus.
        meaning: description in one sentence.
        label: name of the label that distinguishes values; empty for a single value.
        values: values by label; ``None`` if unknown.
    """

    name: str
    meaning: str
    label: str
    values: Values


def iter_figures(report: Report) -> Iterator[Figure]:
    """Yield the figures; names and labels are the same for all runs."""
    run = report.facts
    yield from _iter_results(report)
    yield from _iter_times(run)
    yield from _iter_store(run)
    yield from _iter_processes(run.processes)
    yield _single("open_handles", "Number of files, pipes and sockets open in the process.", run.handles)


def _single(name: str, meaning: str, value: Number | None) -> Figure:
    return Figure(name, meaning, "", {"": value})


def _iter_results(report: Report) -> Iterator[Figure]:
    totals, run = report.totals, report.facts
    errors = {kind: run.errors.get(kind, 0) for kind in get_args(ErrorKind)}
    yield _single("files", "Number of files checked.", totals.measured + totals.errors)
    yield _single("files_failed", "Number of files that failed.", count_failed(report.findings))
    yield _single("violations", "Number of values over their limits that failed.", totals.violations)
    yield _single("warnings", "Number of values over limits whose level is warning.", totals.warnings)
    yield _single("tolerated", "Number of values over their limits that were tolerated.", totals.tolerated)
    yield Figure("errors", "Number of files that could not be measured.", "kind", errors)
    yield _single("run_complete", "1 if all source files were checked, otherwise 0.", int(run.complete))


def _iter_times(run: RunFacts) -> Iterator[Figure]:
    wall, processor = ({name: each.get(name, 0) for name in _PHASES} for each in (run.phases, run.processor))
    slowest = max((item.seconds for item in run.slowest), default=None)
    yield _single("run_end_timestamp_seconds", "End of the run, as a Unix timestamp.", run.ended)
    yield _single("run_duration_seconds", "Duration of the run.", run.seconds)
    yield Figure("phase_duration_seconds", "Duration of each phase of the run.", "phase", wall)
    yield Figure("phase_processor_seconds", "CPU time of the main process in each phase.", "phase", processor)
    yield _single("slowest_file_seconds", "Duration of the slowest file.", slowest)
    yield _single("retries", "Number of files that were checked again.", run.retries)


def _iter_store(run: RunFacts) -> Iterator[Figure]:
    store, looked_up = run.store, run.hits + run.misses
    misses = {reason: run.missed.get(reason, 0) for reason in get_args(MissReason)}
    rate = run.hits / looked_up if looked_up and not misses["no_store"] else None
    yield _single("store_hits", "Number of files whose measurements were in the store.", run.hits)
    yield Figure(
        "store_misses",
        "Number of files not in the store: measured, or could not be measured.",
        "reason",
        misses,
    )
    yield _single(
        "files_coalesced", "Number of files with the same content as another file in the run.", run.coalesced
    )
    yield _single("store_hit_ratio", "Hit ratio: hits / (hits + misses).", rate)
    spreads = (store.reads, store.writes) if store else (None, None)
    for name, verb, spread in zip(("reads", "writes"), ("Reads from", "Writes to"), spreads, strict=True):
        yield _single(f"store_{name}", f"{verb} the store.", spread.number if spread else None)
        known = {statistic: getattr(spread, statistic, None) for statistic in _SPREAD}
        yield Figure(
            f"store_{name}_duration_seconds", "Duration of one access to the store.", "statistic", known
        )
    yield _single("store_size_bytes", "Size of the store's database.", store.size if store else None)
    yield _single(
        "store_max_size_bytes", "Maximum size of the store's database.", store.max_size if store else None
    )


def _iter_processes(processes: Sequence[ProcessFacts]) -> Iterator[Figure]:
    main, *others = processes
    peaks = [other.peak_memory for other in others if other.peak_memory is not None]
    workers = [other for other in others if other.kind in ("worker", "pytest-xdist")]
    memory = {"main": main.peak_memory, "largest_other": max(peaks, default=None)}
    yield _single("workers", "Number of worker processes started.", len(workers))
    yield _single(
        "workers_utilisation_ratio",
        "Time that the workers, or the only process, spent on files.",
        _divide_time(workers or [main]),
    )
    yield Figure("peak_memory_bytes", "Maximum resident memory.", "process", memory)


def _divide_time(processes: Sequence[ProcessFacts]) -> float | None:
    busy = [process.busy for process in processes if process.busy is not None]
    there = sum(process.seconds for process in processes)
    return sum(busy) / there if busy and there else None


def write_prometheus(report: Report) -> bytes:
    """Return the figures, labelled with the root, as files of several projects are read together."""
    root = report.facts.root
    versions = {"version": VERSION, "python": python_minor()}
    info = f"antipasta_run_info{_format_labels(root=root, **versions)} 1"
    lines = ["# HELP antipasta_run_info Versions used in the run.", "# TYPE antipasta_run_info gauge", info]
    for figure in iter_figures(report):
        lines += _iter_lines(figure, root)
    return "".join(f"{line}\n" for line in lines).encode()


def _iter_lines(figure: Figure, root: str) -> Iterator[str]:
    name = f"antipasta_{figure.name}"
    known = {label: value for label, value in figure.values.items() if value is not None}
    if known:
        yield f"# HELP {name} {figure.meaning}"
        yield f"# TYPE {name} gauge"
    for label, value in known.items():
        labels = {figure.label: label} if figure.label else {}
        yield f"{name}{_format_labels(root=root, **labels)} {value!r}"


def _format_labels(**labels: str) -> str:
    return "{" + ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items()) + "}"


def _escape(text: str) -> str:
    """Return the value of a label with control characters escaped; line ends are allowed."""
    return "\n".join(map(make_printable, text.split("\n"))).translate(_ESCAPES)


def write_csv(report: Report) -> bytes:
    """Return the names of the columns, and the row of a run; unknown values are empty."""
    ended = datetime.fromtimestamp(report.facts.ended, UTC).isoformat(timespec="seconds")
    row: dict[str, str | Number | None] = {
        "ended": ended,
        "root": format_cell_path(report.facts.root),
        "version": VERSION,
        "python": python_minor(),
    }
    for figure in iter_figures(report):
        for label, value in figure.values.items():
            row[f"{figure.name}.{label}" if label else figure.name] = value
    return format_rows([row.keys(), row.values()])
