"""``languages`` in antipasta's settings: which entry counts, and the metrics it lists."""

from __future__ import annotations

from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.antipasta_metrics import parse_metric
from pytest_antipasta.settings.containers import parse_list, parse_parts
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import parse_text, refuse
from pytest_antipasta.settings.wording import format_value


def find_python(entry: Entry) -> Entry | None:
    """Find the entry that decides for Python; the others are noted as without effect.

    Returns:
        The first one of that name in any case, if there is one.
    """
    found = None
    for language in parse_list(entry, "tables") or ():
        name = _read_name(language)
        if name != "python":
            language.note(f"has no effect here: {format_value(name)} is not measured")
        elif found is not None:
            language.note("has no effect: an earlier entry has the same name")
        else:
            found = language
    return found


def _read_name(entry: Entry) -> str | None:
    if not isinstance(entry.value, dict):
        refuse(entry, "a table")
        return None
    if "name" not in entry.value:
        entry.complain('needs "name"')
        return None
    name = parse_text(entry.child("name", entry.value["name"]))
    return name and name.lower()


def parse_language(entry: Entry) -> dict[str, Threshold]:
    """Read the entry that decides for Python.

    Returns:
        The thresholds of the metrics that it lists and does not switch off.
    """
    parts = parse_parts(entry, ("name", "extensions", "metrics"), required=("metrics",))
    if "extensions" in parts and parts["extensions"].value not in ([], [".py"]):
        parts["extensions"].note("has no effect: *.py files are measured, as by antipasta")
    found: dict[str, Threshold | None] = {}
    for item in parse_list(parts["metrics"], "tables") or () if "metrics" in parts else ():
        found |= parse_metric(item)
    judged = {metric: threshold for metric, threshold in found.items() if threshold is not None}
    if not judged:
        entry.note("nothing is judged: it lists no metric that is measured here and switched on")
    return judged
