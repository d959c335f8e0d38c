"""A language server for editors: buffers are judged like files, with hovers and code actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.editor.server import *

__getattr__ = lazy_names(__name__, {"server": "serve"})
