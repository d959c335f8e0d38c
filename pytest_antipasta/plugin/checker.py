"""What checks the source files of one pytest session: a run that is opened when it is first needed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import AskedFiles, Passing, open_run
from pytest_antipasta.files.source import Source
from pytest_antipasta.messages import hide_passwords, make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.run import Shard
from pytest_antipasta.plugin.arguments import count_asked
from pytest_antipasta.plugin.ignoring import find_ignoring
from pytest_antipasta.plugin.items import SUFFIX, ItemFiles, make_node_id
from pytest_antipasta.plugin.protocol import needs_phases
from pytest_antipasta.plugin.rules import SessionRules
from pytest_antipasta.report.formats.outputs import Output

if TYPE_CHECKING:
    from pytest_antipasta.store.shared_address import SharedAddress


class Requests(NamedTuple):
    """What the options of a session request.

    Attributes:
        locations: absolute files and folders; ``None`` for all source files.
        only: whether no tests are collected.
        loaded: the rules, and where they come from.
        outputs: reports to write.
        cache_dir: folder of the store, or ``None`` for no store.
        jobs: number of our own worker processes; ``None`` for automatic.
        shard: the part of the files to judge; ``None`` for all.
        shared: shared store; ``None`` for none.
    """

    locations: tuple[str, ...] | None
    only: bool
    loaded: SessionRules
    outputs: list[Output]
    cache_dir: Path | None
    jobs: int | None
    shard: Shard | None
    shared: SharedAddress | None


class Checker:
    """The run of a session, in the main process.

    Attributes:
        requests: what the options of the session request.
        only: whether no tests are collected.
    """

    def __init__(self, config: pytest.Config, requests: Requests) -> None:
        self.requests = requests
        self.only = requests.only
        self._config = config
        self._ledger: Ledger | None = None

    def open(self, jobs: int | None) -> Ledger:
        """Return the ledger of the run, which starts on first use.

        Args:
            jobs: our own processes that judge a change: a verdict may need several files, and workers of
                pytest-xdist, which run single items, receive it. ``None`` for as many as are worth it.
        """
        if self._ledger is None:
            self._ledger = _begin_run(self._config, self.requests, jobs)
        return self._ledger

    @property
    def ledger(self) -> Ledger:
        """The ledger of the run, which starts with as many processes as pytest-xdist starts on this host."""
        return self._ledger or self.open(count_asked(self._config, "popen"))

    @property
    def has_begun(self) -> bool:
        """Whether the run has started."""
        return self._ledger is not None

    def close(self) -> None:
        """Close the store, which a session that does not finish leaves open."""
        if self._ledger is not None:
            self._ledger.close()

    def find_files(self) -> ItemFiles:
        """Return the files of the run, as items need them."""
        ledger, root = self.ledger, self._config.rootpath
        plan = ledger.plan
        return ItemFiles(plan.sources, root, ledger.judge_one, ledger.read_whole, plan.part.others)

    def find_source(self, nodeid: str) -> Source | None:
        """Return the file of a node id, or ``None`` for a test of the user, whatever its name."""
        if not nodeid.endswith(SUFFIX):
            return None
        sources, root = self.ledger.plan.sources, self._config.rootpath
        return next((source for source in sources if make_node_id(source, root) == nodeid), None)


def _begin_run(config: pytest.Config, requests: Requests, jobs: int | None) -> Ledger:
    """Return the run of a session; a change is judged at once, by some number of our own processes."""
    staged, base = config.getoption("antipasta_staged"), config.getoption("antipasta_diff")
    if staged and base is not None:
        raise pytest.UsageError("--antipasta-staged and --antipasta-diff can't be used together")
    locations, cache_dir = requests.locations, requests.cache_dir
    rules, side = requests.loaded.rules, requests.loaded.side
    narrow = find_ignoring(config, rules.settings.root)
    try:
        if side is None:
            passing = _choose_passing(config, requests.outputs)
            files = AskedFiles(locations, narrow, requests.shard, requests.shared, passing)
            return open_run(rules, cache_dir, files)
        from pytest_antipasta.gate.opening import AskedChange, open_change_run

        policy_from, shard = config.getoption("antipasta_policy_from"), requests.shard
        change = AskedChange(policy_from=policy_from, locations=locations, narrow=narrow, shard=shard)
        return open_change_run(side, base, change, cache_dir, jobs)
    except UsageError as error:
        raise as_usage_error(error) from error


def _choose_passing(config: pytest.Config, outputs: Iterable[Output]) -> Passing:
    """Return what must be known of the files that pass: each of them is an item."""
    # JUnit XML and coverage need every value, and workers of pytest-xdist look up their own.
    needs_values = config.getoption("xmlpath", None) or config.getoption("antipasta_coverage") is not None
    if needs_values or config.getoption("dist", "no") != "no":
        return "measured"
    # Plugins that need pytest's phases see the item with its values.
    shows_values = config.getoption("antipasta_near") is not None or needs_phases(config)
    return "stored" if shows_values or any(output.format.needs_all for output in outputs) else "named"


def as_usage_error(error: UsageError) -> pytest.UsageError:
    """Return an error of ours as one that pytest prints."""
    # pytest splits it into lines, and prints them unchanged.
    return pytest.UsageError("\n".join(map(make_printable, hide_passwords(str(error)).split("\n"))))
