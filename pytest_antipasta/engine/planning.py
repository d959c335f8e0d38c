"""Plans that make functions simpler: found once for a content, limits and a Python, and kept in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pytest_antipasta.engine.storage.storage import Storage, open_storage
from pytest_antipasta.logs.notes import log_failure
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.advice.aims import Aims, Taste
    from pytest_antipasta.advice.module import Module
    from pytest_antipasta.advice.plan import Plan


class Planner:
    """Finds plans for functions of verdicts: in the store, or by trying.

    Nothing is opened before the first function.
    """

    def __init__(
        self,
        read: Callable[[Verdict], bytes | None],
        settings: Settings,
        cache_dir: Path | None,
        *,
        is_thorough: bool = False,
    ) -> None:
        """Take what is needed for it.

        Args:
            read: returns the content that a verdict is about; ``None`` if it can't be read any more.
            settings: settings of the store.
            cache_dir: folder of the store, or ``None`` for no store.
            is_thorough: whether new functions are tried for large functions, too, which takes long.
        """
        self._read, self._settings, self._cache_dir = read, settings, cache_dir
        self._is_thorough = is_thorough
        self._storage: Storage | None = None
        self._contents: dict[str, bytes | None] = {}
        self._modules: dict[str, Module] = {}
        self._line_lengths: dict[Path, int | None] = {}
        self._found: dict[bytes, bytes] = {}

    def find(self, verdict: Verdict, name: str, aims: Aims) -> Plan | None:
        """Return a plan for a function of a file in Python; ``None`` if nothing makes it simpler.

        There is none either for a content that can't be read any more: `fix` writes to another one.
        """
        from pytest_antipasta.advice.aims import ENGINE_VERSION, TASTE, choose_taste
        from pytest_antipasta.advice.plan import Plan

        if (data := self._find_content(verdict)) is None:
            return None
        points = verdict.by_name[name].cognitive_complexity
        taste = TASTE if self._is_thorough else choose_taste(points)
        if verdict.digest is None:
            return self._try(verdict, data, name, aims, taste)
        storage = self._storage = self._storage or open_storage(
            self._settings, self._cache_dir, is_made=False
        )
        how = aims, taste, ENGINE_VERSION, self._find_line_length(verdict)
        about = storage.key(verdict.digest), name.encode(), repr(how).encode()
        key = b"plan" + hashlib.sha256(b"\0".join(about)).digest()
        if (value := storage.find_value(key)) is not None:
            with suppress(msgspec.MsgspecError):  # of an engine with other values and the same version
                known: Plan | None = msgspec.msgpack.decode(value, type=Plan | None)
                return known
        plan = self._try(verdict, data, name, aims, taste)
        self._found[key] = msgspec.msgpack.encode(plan)
        return plan

    def _find_content(self, verdict: Verdict) -> bytes | None:
        if verdict.path not in self._contents:
            try:
                self._contents[verdict.path] = self._read(verdict)
            except Exception as failure:  # as below
                log_failure(failure)
                self._contents[verdict.path] = None
        return self._contents[verdict.path]

    def _try(self, verdict: Verdict, data: bytes, name: str, aims: Aims, taste: Taste) -> Plan | None:
        from pytest_antipasta.advice.module import Module
        from pytest_antipasta.advice.search import find_plan

        try:
            if verdict.path not in self._modules:
                length = self._find_line_length(verdict)
                self._modules[verdict.path] = Module.parse(decode_source(data), length)
            return find_plan(self._modules[verdict.path], name, aims, taste)
        except Exception as failure:  # an internal error in a hint must not change a verdict
            log_failure(failure)
            return None

    def _find_line_length(self, verdict: Verdict) -> int | None:
        from pytest_antipasta.settings.line_length import find_line_length

        root = self._settings.root
        folder = (root / verdict.path).parent
        if folder not in self._line_lengths:
            self._line_lengths[folder] = find_line_length(folder, root)
        return self._line_lengths[folder]

    def close(self) -> None:
        """Store the plans that were found by trying."""
        if self._storage is not None:
            self._storage.put_values(self._found)
            self._storage.close()
