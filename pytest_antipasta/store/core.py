"""diskcache's core, without the package around it.

``import diskcache`` imports Django wherever it finds it. In a checkout of Django, and in any project
that stands on ``sys.path``, that is code of the user's, which is never to be imported; elsewhere it
costs more than all the rest of the store. The core stands on the standard library alone.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pytest_antipasta.imports import trusted_first

_PRIVATE_NAME = "pytest_antipasta.store._diskcache_core"


@cache
def load_core() -> ModuleType:
    """Return the module ``diskcache.core`` under a name of our own.

    Raises:
        ImportError: diskcache is not installed.
    """
    with trusted_first():
        package = find_spec("diskcache")  # finds a top-level package without importing it
    if package is None or package.origin is None:
        raise ImportError("diskcache is not installed")
    spec = spec_from_file_location(_PRIVATE_NAME, Path(package.origin).with_name("core.py"))
    if spec is None or spec.loader is None:
        raise ImportError("diskcache has no core")
    module = sys.modules[_PRIVATE_NAME] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
