"""Why a run measured files that it did not find in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from pytest_antipasta.engine.decisions import Decisions, describe_judged, describe_phases, describe_places
from pytest_antipasta.engine.storage.storage import Storage, current_fingerprint, open_store
from pytest_antipasta.logs import Phases
from pytest_antipasta.model import MissReason, Verdict
from pytest_antipasta.settings import Settings


def describe_commit(
    settings: Settings, storage: Storage, verdicts: Sequence[Verdict], phases: Phases
) -> Decisions:
    """Yield how the files of a commit were measured, and why."""
    yield from describe_places(settings, storage.cache_dir)
    yield from describe_judged(verdicts, find_miss_reasons(storage, settings.cache_journal, verdicts))
    yield describe_phases(phases)


def find_miss_reasons(
    storage: Storage, journal_mode: str, verdicts: Iterable[Verdict]
) -> Mapping[str, MissReason]:
    """Return why files were measured or failed, by path; files from the store are left out.

    Args:
        storage: storage of a finished run.
        journal_mode: journal mode of its store.
        verdicts: verdicts on its files.
    """
    missed = [verdict for verdict in verdicts if verdict.is_miss]
    if not missed:
        return {}
    if storage.cache_dir is None or storage.has_lost_store:
        return {verdict.path: "no_store" for verdict in missed}
    digests = {verdict.path: _find_kept(verdict) for verdict in missed}
    kept = list(filter(None, digests.values()))
    known: dict[MissReason, set[bytes]] = {
        "unreadable": storage.unreadable,
        "other_versions": _find_other_versions(storage.cache_dir, journal_mode, kept),
        "forgotten": storage.list_known_digests(),
    }
    return {path: _find_reason(digest, known) for path, digest in digests.items()}


def _find_kept(verdict: Verdict) -> bytes | None:
    """Return the digest of a content; ``None`` for an error, as errors are not stored."""
    return None if verdict.errors else verdict.digest


def _find_reason(digest: bytes | None, known: Mapping[MissReason, set[bytes]]) -> MissReason:
    if digest is None:
        return "error"
    return next((reason for reason, digests in known.items() if digest in digests), "new")


def _find_other_versions(cache_dir: Path, journal_mode: str, digests: Sequence[bytes]) -> set[bytes]:
    """Return the contents that are stored, but were measured by other versions."""
    if not digests:
        return set()
    # imports sqlite3, which is available wherever there is a store
    from pytest_antipasta.store import find_other_versions

    # Another process may have removed the store meanwhile.
    with suppress(Exception), closing(open_store(cache_dir, journal_mode, is_made=False)) as store:
        return find_other_versions(store, digests, current_fingerprint())
    return set()
