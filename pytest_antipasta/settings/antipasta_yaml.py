"""The settings of antipasta 1.2.0, which say less and say it differently.

Its rule, which is followed here:

* The first entry of ``languages`` that is named ``python``, in any case, decides alone: what it lists is
  judged, a metric it does not list is not, and ``defaults`` count for nothing. An empty ``metrics``
  judges nothing. Of two entries for one metric the later counts, and ``enabled: false`` switches it off.
* Where an entry has no ``comparison`` it is ``<=``, for the maintainability index too.
* Without such an entry all six metrics of ``defaults`` are judged, cognitive complexity among them, and
  what is missing there has antipasta's default. An empty file therefore means the defaults.
* Quoted numbers and truth values count as what they say (YAML reads even a bare ``1e4`` as text).

Unknown keys, which antipasta passes over, are errors here. Its upper bounds for limits are not kept.
"""

from __future__ import annotations

from typing import Any

from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.antipasta_languages import find_python, parse_language
from pytest_antipasta.settings.containers import iter_entries, parse_parts, parse_texts
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.globs import parse_any_glob
from pytest_antipasta.settings.scalars import parse_bool, parse_limit
from pytest_antipasta.settings.unquoting import read_number, read_truth
from pytest_antipasta.settings.values import DEFAULT_THRESHOLDS

_DEFAULTS = {
    f"{'min' if threshold.comparison == '>=' else 'max'}_{metric}": threshold
    for metric, threshold in DEFAULT_THRESHOLDS.items()
}
_FOREIGN_KEYS = ("profile", "tree_shape", "import_graph", "narrative", "duplication")
_KEYS = ("defaults", "languages", "ignore_patterns", "use_gitignore", *_FOREIGN_KEYS)


def parse_antipasta_yaml(entry: Entry) -> dict[str, Any]:
    """Read a whole file.

    Args:
        entry: the document.

    Returns:
        The fields of ``Settings`` that the file sets. They mean nothing once a problem is noted.
    """
    parts = parse_parts(entry, _KEYS)
    _note_foreign_keys(parts)
    fields: dict[str, Any] = {"thresholds": _parse_judged(parts)}
    if "ignore_patterns" in parts:
        fields["exclude"] = parse_texts(parts["ignore_patterns"], parse_any_glob)
    if "use_gitignore" in parts:
        fields["use_gitignore"] = parse_bool(read_truth(parts["use_gitignore"]))
    return fields


def _note_foreign_keys(parts: dict[str, Entry]) -> None:
    for name in _FOREIGN_KEYS:
        if name in parts and parts[name].value is not None:
            parts[name].note("is antipasta's own and has no effect here")


def _parse_judged(parts: dict[str, Entry]) -> dict[str, Threshold]:
    # Both are read, so that a mistake in the defaults is told even where they don't count.
    defaults = _parse_defaults(parts["defaults"]) if "defaults" in parts else dict(DEFAULT_THRESHOLDS)
    python = find_python(parts["languages"]) if "languages" in parts else None
    if python is None:
        return defaults
    judged = parse_language(python)
    if "defaults" in parts and any(judged.get(metric) != defaults[metric] for metric in defaults):
        parts["defaults"].note("has no effect: the entry for python in languages decides alone")
    return judged


def _parse_defaults(entry: Entry) -> dict[str, Threshold]:
    found = dict(DEFAULT_THRESHOLDS)
    for child in iter_entries(entry, _DEFAULTS):
        default = _DEFAULTS[child.name]
        limit = parse_limit(read_number(child))
        if limit is not None:
            found[default.metric] = Threshold(default.metric, limit, default.comparison)
    return found
