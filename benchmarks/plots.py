"""The benchmark page's plot."""

from __future__ import annotations

from pathlib import Path

from benchmarks.claims import Results

_PLOTTED = (
    "pytest, empty items",
    "pytest --antipasta-only -n auto, cold",
    "pytest --antipasta-only, warm",
    "check, warm",
    "complexipy",
    "antipasta 1.2.0, cold",
    "antipasta 1.2.0, warm",
)


def draw_cost(results: Results, path: Path) -> None:
    """Draw the seconds of some commands over the number of files."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "benchmarks"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for name in _PLOTTED:
        points = [(files, series[name].seconds) for files, series in results.items() if name in series]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="files", ylabel="seconds")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
