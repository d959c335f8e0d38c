"""Where the standard library is. What guards imports needs this before it can guard any."""

import os
import sys

LIBRARY: tuple[str, ...] = (os.path.dirname(os.__file__),)
"""The folders of the standard library."""
if sys.platform == "win32":  # its extension modules have a folder of their own
    LIBRARY += (os.path.join(sys.base_exec_prefix, "DLLs"),)
