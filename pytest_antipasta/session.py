"""Putting the checker together for one pytest session."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta import xdist
from pytest_antipasta.arguments import take_arguments
from pytest_antipasta.collection import Collection
from pytest_antipasta.engine import open_engine
from pytest_antipasta.errors import UsageError
from pytest_antipasta.outcome import Outcome, ResultTag
from pytest_antipasta.protocol import BareProtocol
from pytest_antipasta.report.formats import parse_output
from pytest_antipasta.run import LazyRun, Run
from pytest_antipasta.settings import Settings, load_settings
from pytest_antipasta.store.location import find_cache_dir
from pytest_antipasta.sweep import Sweep


def register(config: pytest.Config) -> None:
    """Read what the session is asked for, and register what answers.

    Raises:
        pytest.UsageError: settings or options are wrong.
    """
    try:
        settings = load_settings(config.invocation_params.dir, _option_path(config, "antipasta_config"))
        outputs = [parse_output(text) for text in config.getoption("antipasta_report")]
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    asked = take_arguments(config)
    if asked.locations == () and not asked.only:
        return  # a test was asked for by its node id, and no file
    cache_dir = _find_cache_dir(config, settings)
    register_plugin = config.pluginmanager.register
    register_plugin(ResultTag())
    register_plugin(BareProtocol(config))
    if xdist.is_worker(config):
        engine = open_engine(cache_dir)
        sweep = Sweep(settings, engine)
        register_plugin(Collection(lambda: xdist.received_tasks(config), lambda: sweep, asked.only))
        register_plugin(xdist.WorkerEnd(engine))
        return
    run = LazyRun(lambda: Run(settings, asked.locations, cache_dir))
    register_plugin(Collection(lambda: run.get().tasks, lambda: run.get().sweep, asked.only))
    register_plugin(Outcome(run, outputs, asked.only))
    if config.pluginmanager.hasplugin("xdist"):
        register_plugin(xdist.ControllerEnd(lambda: run.get().tasks))


def _find_cache_dir(config: pytest.Config, settings: Settings) -> Path | None:
    if config.getoption("antipasta_no_cache"):
        return None
    return find_cache_dir(_option_path(config, "antipasta_cache_dir"), settings.cache_dir)


def _option_path(config: pytest.Config, name: str) -> Path | None:
    value = config.getoption(name)
    return config.invocation_params.dir / value if value else None
