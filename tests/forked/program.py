"""The program ``pytest-antipasta`` on the ``PATH`` of tests: run in a fork of a Python with the imports done.

Hooks of git and scripts of CI services begin it by its name, hundreds of times. This one starts in a tenth of
the time: it hands its arguments, folder, environment, input and outputs to ``server.py``, and ends as what is
run there. With an environment that changes how Python starts, it becomes the real program.
"""

from __future__ import annotations

import _socket  # the module around it imports what takes as long as Python does to start
import marshal
import os
import sys


def main(address: str) -> None:
    """Have it run by who listens at an address, and end with its exit code."""
    with_descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    connection = _socket.socket(_socket.AF_UNIX)
    connection.connect(address)
    connection.sendmsg([b"x"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, with_descriptors)])
    connection.sendall(marshal.dumps((sys.argv[1:], os.getcwd(), dict(os.environ))))
    answer = connection.recv(16)
    if answer == b"start":
        os.execv(sys.executable, [sys.executable, "-m", "pytest_antipasta", *sys.argv[1:]])
    sys.exit(int(answer or 1))  # nothing of one that is killed, or ends with a traceback
