"""The values that all layers share: measurements, verdicts, facts about a run, and the errors that end one.

They are imported at once, as nearly every process has use for all of them, and need nothing else of ours.
"""

from __future__ import annotations

from pytest_antipasta.model.changes import *
from pytest_antipasta.model.coverage import *
from pytest_antipasta.model.errors import *
from pytest_antipasta.model.finding import *
from pytest_antipasta.model.judged import *
from pytest_antipasta.model.measured import *
from pytest_antipasta.model.registry import *
from pytest_antipasta.model.run import *
from pytest_antipasta.model.trend import *
from pytest_antipasta.model.waivers import *
