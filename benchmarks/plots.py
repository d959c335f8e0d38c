"""The benchmark page's plots."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.timing import Series

_COLD = (
    "pytest, empty items",
    "pytest --antipasta-only -n auto, cold",
    "check, cold",
    "complexipy",
    "radon cc",
    "antipasta 1.2.0, cold",
)
_WARM = ("pytest, empty items", "pytest --antipasta-only, warm", "check, warm", "antipasta 1.2.0, warm")


def draw_cost(tables: Mapping[int, Mapping[str, Series]], path: Path) -> None:
    """Draw the seconds of commands over the number of files, cold and warm side by side."""
    pyplot = import_matplotlib()
    figure, both = pyplot.subplots(1, 2, figsize=(12, 5), sharey=True, layout="constrained")
    for axes, title, names in zip(both, ("cold", "warm"), (_COLD, _WARM), strict=True):
        for name in names:
            points = [(files, series[name].seconds) for files, series in tables.items() if name in series]
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="files", ylabel="seconds", title=title)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend()
    figure.savefig(path, metadata={"Date": None})


def import_matplotlib() -> Any:
    """Return its ``pyplot``, which writes SVG.

    Raises:
        SystemExit: it is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise SystemExit(f"{error}: pip install -e '.[bench]'") from error

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    return pyplot
