"""Edits of the baseline: by our commands, and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from campaigns.hunt.commands import call
from campaigns.hunt.trees import BASELINE, Tree, is_script


def read_entries(tree: Tree) -> list[dict[str, Any]]:
    """Return what is recorded in a tree."""
    return [entry for entry in json.loads(tree[BASELINE])["entries"] if entry] if BASELINE in tree else []


def write_files(folder: Path, tree: Tree) -> None:
    """Write the files of a tree."""
    for path, text in tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
        if is_script(path):
            place.chmod(0o755)


def _run(tree: dict[str, str], command: str) -> str:
    with TemporaryDirectory() as folder:
        write_files(Path(folder), tree)
        said = call(Path(folder), "baseline", command, "--quiet")
        place = Path(folder) / BASELINE
        if place.exists():
            tree[BASELINE] = place.read_text("utf-8")
    return f"baseline {command}: {said.code}"


def record(tree: dict[str, str], rng: Random) -> str:
    """Record all that is over a limit."""
    return _run(tree, "write")


def prune(tree: dict[str, str], rng: Random) -> str:
    """Take out of the baseline what nobody needs."""
    return _run(tree, "prune") if BASELINE in tree else ""


def edit_by_hand(tree: dict[str, str], rng: Random) -> str:
    """Take an entry out, change its value, or write it twice."""
    if not read_entries(tree):
        return ""
    lines = tree[BASELINE].split("\n")
    number = rng.choice([number for number, line in enumerate(lines) if '"path"' in line])
    entry = json.loads(lines[number].rstrip(","))
    kind = rng.choice(("gone", "other", "twice"))
    changed = json.dumps({**entry, "value": max(0, entry["value"] + rng.choice((-3, -1, 1)))}) + ","
    lines[number : number + 1] = {"gone": [], "other": [changed], "twice": sorted([lines[number], changed])}[
        kind
    ]
    tree[BASELINE] = "\n".join(lines)
    return f"{kind}: {entry['path']}: {entry.get('qualified_name')} {entry['metric']} {entry['value']}"


def drop(tree: dict[str, str], rng: Random) -> str:
    """Take the whole baseline away."""
    return "gone" if tree.pop(BASELINE, None) else ""


BASELINE_EDITS = (record, record, prune, *[edit_by_hand] * 4, *[drop] * 3)
