"""Prometheus' text format, for the textfile collector of node_exporter: the figures of a run, as gauges.

Written by hand: all that ``prometheus_client`` would do for us is to escape labels, and importing it takes
longer than a warm run over some hundred files.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Report
from pytest_antipasta.report.formats.run_figures import Figure, iter_figures
from pytest_antipasta.runtime import VERSION, python_minor

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def write(report: Report) -> bytes:
    """Return the figures, each with the root as a label: the files of several projects are read together."""
    root = report.facts.root
    versions = {"version": VERSION, "python": python_minor()}
    info = f"antipasta_run_info{_format_labels(root=root, **versions)} 1"
    lines = ["# HELP antipasta_run_info What has run.", "# TYPE antipasta_run_info gauge", info]
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
    """Return a label's value; what a terminal would obey has escapes, but for the ends of lines."""
    return "\n".join(map(make_printable, text.split("\n"))).translate(_ESCAPES)
