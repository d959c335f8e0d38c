"""Set up a worker of pytest-xdist, which imports only what judges files."""

from __future__ import annotations

import pytest

from pytest_antipasta.plugin.arguments import take_node_ids
from pytest_antipasta.plugin.collection import Collection
from pytest_antipasta.plugin.garbage import RestingCollector
from pytest_antipasta.plugin.items import ItemFiles
from pytest_antipasta.plugin.protocol import BareProtocol
from pytest_antipasta.plugin.worker_judge import open_worker_judge
from pytest_antipasta.plugin.xdist import WorkerMessages, receive


def register(config: pytest.Config) -> None:
    """Register the plugins of a worker, if the controller has sent it work."""
    received = receive(config)
    if received is None:
        return
    register_plugin = config.pluginmanager.register
    register_plugin(BareProtocol(config, received.unheard, phases_elsewhere=received.needs_phases))
    take_node_ids(config)
    if received.only:
        register_plugin(RestingCollector())
    judge, measurer = open_worker_judge(received)
    files = ItemFiles(received.sources, received.rootpath, judge)
    register_plugin(Collection(lambda: files, only=received.only))
    register_plugin(WorkerMessages(measurer))
