"""Why files of a run were not found in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress

from pytest_antipasta.engine.storage.storage import StoreUse, current_fingerprint, open_store
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import MissReason
from pytest_antipasta.settings.values import Settings


def find_miss_reasons(
    store: StoreUse, settings: Settings, verdicts: Iterable[Verdict]
) -> Mapping[str, MissReason]:
    """Return why files of a finished run were not found in the store, by path."""
    missed = [verdict for verdict in verdicts if verdict.is_miss]
    if not missed or not store.is_open:
        return {verdict.path: "no_store" for verdict in missed}
    # Errors are not stored.
    digests = {verdict.path: None if verdict.errors else verdict.digest for verdict in missed}
    known: dict[MissReason, set[bytes]] = {
        "unreadable": store.unreadable,
        "other_versions": _find_other_versions(store, settings, [*filter(None, digests.values())]),
        "forgotten": store.list_earlier(),
    }

    def find(digest: bytes | None) -> MissReason:
        if digest is None:
            return "error"
        return next((reason for reason, found in known.items() if digest in found), "new")

    return {path: find(digest) for path, digest in digests.items()}


def _find_other_versions(store: StoreUse, settings: Settings, digests: Sequence[bytes]) -> set[bytes]:
    """Return the contents that are stored, but were measured by other versions."""
    if store.cache_dir is None or not digests:
        return set()
    from pytest_antipasta.store.inventory import find_other_versions  # imports sqlite3

    # Another process may have removed the store meanwhile.
    with suppress(Exception), closing(open_store(store.cache_dir, settings, is_made=False)) as opened:
        return find_other_versions(opened, digests, current_fingerprint())
    return set()
