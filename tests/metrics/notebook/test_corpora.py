"""Every number of real notebooks equals the oracles'."""

from __future__ import annotations

import datetime
import sys

import pytest

from tests.corpora import SDISTS, CorpusUnavailableError, notebooks

# A day takes one in so many, at least one of each; that many days see all of them.
STEP = 40


@pytest.mark.parametrize("name", SDISTS)
def test_every_number_of_a_notebook_equals_the_oracles(name: str) -> None:
    """Offline there is nothing to compare."""
    from tests.metrics.notebook.corpora import compare

    try:
        paths = notebooks(name)
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    day = datetime.date.today().toordinal() + sys.version_info.minor
    step = min(STEP, len(paths))
    chosen = paths[day % step :: step]
    assert {path.name: found for path in chosen if (found := compare(path))} == {}
