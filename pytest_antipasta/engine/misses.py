"""Why files of a run were measured and not found in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from pytest_antipasta.engine.measurer import current_fingerprint
from pytest_antipasta.engine.run import Run
from pytest_antipasta.model import MissReason, Verdict


def count_reasons(run: Run, missed: Sequence[Verdict]) -> Counter[MissReason]:
    """Return how many files were measured for each reason.

    Args:
        run: that has ended.
        missed: those of its files that were measured, or could not be.
    """
    cache_dir, memory = run.memory.cache_dir, run.memory
    if cache_dir is None or memory.measurer.has_lost_store:
        return Counter({"no_store": len(missed)} if missed else {})
    # Of an error nothing is kept.
    kept = [one.digest for one in missed if one.digest and not one.measurement.errors]
    others = _find_other_versions(cache_dir, run.rules.settings.cache_journal, kept)
    known: dict[MissReason, set[bytes]] = {
        "unreadable": memory.unreadable,
        "other_versions": others,
        "forgotten": memory.find_known(),
    }
    reasons = Counter(_find_reason(digest, known) for digest in kept)
    return reasons + Counter[MissReason]({"error": len(missed) - len(kept)})


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
