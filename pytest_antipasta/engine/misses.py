"""Why files of a run were measured and not found in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from pytest_antipasta.engine.measurer import current_fingerprint
from pytest_antipasta.engine.memory import Memory
from pytest_antipasta.model import MissReason, Verdict


def find_miss_reasons(
    memory: Memory, journal_mode: str, verdicts: Iterable[Verdict]
) -> Mapping[str, MissReason]:
    """Return why files were measured, or could not be, by path, without those that were not.

    Args:
        memory: of a run that has ended.
        journal_mode: of its store.
        verdicts: on its files.
    """
    missed = [verdict for verdict in verdicts if verdict.is_miss]
    if memory.cache_dir is None or memory.measurer.has_lost_store:
        return {verdict.path: "no_store" for verdict in missed}
    # Of an error nothing is kept.
    kept = {one.path: one.digest for one in missed if one.digest and not one.measurement.errors}
    known: dict[MissReason, set[bytes]] = {
        "unreadable": memory.unreadable,
        "other_versions": _find_other_versions(memory.cache_dir, journal_mode, list(kept.values())),
        "forgotten": memory.find_known(),
    }
    return {one.path: _find_reason(kept[one.path], known) if one.path in kept else "error" for one in missed}


def _find_reason(digest: bytes, known: Mapping[MissReason, set[bytes]]) -> MissReason:
    return next((reason for reason, digests in known.items() if digest in digests), "new")


def _find_other_versions(cache_dir: Path, journal_mode: str, digests: Sequence[bytes]) -> set[bytes]:
    """Return those of some contents that the store has numbers of by other versions."""
    if not digests:
        return set()
    # Here, because it brings SQLite with it, which is there where there is a store.
    from pytest_antipasta.store import LocalStore, find_other_versions

    # Another process may have removed it meanwhile.
    with suppress(Exception), closing(LocalStore(cache_dir, journal_mode)) as store:
        return find_other_versions(store, digests, current_fingerprint())
    return set()
