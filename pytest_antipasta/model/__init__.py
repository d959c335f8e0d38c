"""Values shared by all layers: measurements, verdicts, facts about a run, and errors that end a command.

All submodules are imported eagerly, as nearly every process needs them. They import nothing else of the
package.
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
