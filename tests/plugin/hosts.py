"""Hosts on this machine: each has a network and mounts of its own, and a clone in place of the tree.

They are namespaces of the kernel's, joined to this host by a cable. The tests' tree is an empty folder there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.report.browser import give_up

COPY = "/srv/copy"
"""Where the clone is there."""
_NEEDED = ("ip", "unshare", "ssh", "ssh-keygen", "sshd")
_HOW = "`apt-get install iproute2 openssh-client openssh-server`, whose service may be off"
_PORT = 8888
_SECONDS = 30.0
_BEGIN = """\
mount -t tmpfs tmpfs {tree}
mount -t tmpfs tmpfs /srv
mkdir {copy}
mount --bind {clone} {copy}
mount -t tmpfs tmpfs /run
mkdir /run/sshd
{{ cat /etc/passwd; echo sshd:x:65533:65534::/run/sshd:/bin/false; }} > {folder}/passwd
mount --bind {folder}/passwd /etc/passwd
cd /srv
{python} -m execnet.script.socketserver :{port} &
exec {sshd} -D -e -f {folder}/sshd_config
"""
_SSHD = """\
HostKey {folder}/key
AuthorizedKeysFile {folder}/key.pub
PermitRootLogin yes
StrictModes no
PidFile none
"""
_SSH = """\
Host {name}
    HostName {address}
    User root
    IdentityFile {folder}/key
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    ConnectTimeout 10
    LogLevel ERROR
"""


class Host:
    """A host that answers ssh and execnet's socket server.

    Attributes:
        ssh: what `--tx` has for a worker there that comes by ssh.
        socket: likewise, by execnet's socket server.
    """

    def __init__(self, name: str, number: int, folder: Path) -> None:
        """Name it; the number is that of its network, the folder is for keys."""
        self._name, self._cable, self._folder = name, f"{name}c", folder
        self._address = f"10.{192 + number // 256 % 64}.{number % 256}"
        self._running: subprocess.Popen[bytes] | None = None
        python = f"python={sys.executable}//chdir={COPY}"
        self.ssh = f"ssh={name}//ssh_config={folder}/ssh_config//{python}"
        self.socket = f"socket={self._address}.2:{_PORT}//chdir={COPY}"

    def begin(self, tree: Path, clone: Path, sshd: str) -> None:
        """Begin to answer, with the clone in place of the tree."""
        folder = self._folder
        _run(f"ssh-keygen -q -t ed25519 -N '' -f {folder}/key")
        (folder / "sshd_config").write_text(_SSHD.format(folder=folder))
        text = _SSH.format(name=self._name, address=f"{self._address}.2", folder=folder)
        (folder / "ssh_config").write_text(text)
        for command in (
            f"ip netns add {self._name}",
            f"ip link add {self._cable} type veth peer name eth0 netns {self._name}",
            f"ip addr add {self._address}.1/24 dev {self._cable}",
            f"ip link set {self._cable} up",
            f"ip -n {self._name} addr add {self._address}.2/24 dev eth0",
            f"ip -n {self._name} link set eth0 up",
            f"ip -n {self._name} link set lo up",
        ):
            _run(command)
        script = _BEGIN.format(
            tree=tree, clone=clone, copy=COPY, folder=folder, python=sys.executable, port=_PORT, sshd=sshd
        )
        inside = ["ip", "netns", "exec", self._name, "unshare", "--mount", "--propagation", "private"]
        libraries = ":".join(map(str, Path(sshd).parents[1].glob("lib/*-linux-*")))
        environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        with (folder / "log").open("wb") as log:
            self._running = subprocess.Popen(
                [*inside, "sh", "-euc", script], stdout=log, stderr=log, env=environment
            )
        for port in (22, _PORT):
            self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + _SECONDS
        while True:
            with suppress(OSError), socket.create_connection((f"{self._address}.2", port), timeout=1.0):
                return
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End all that runs there."""
        for pid in self.list_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def list_processes(self) -> list[int]:
        """Return the processes that run there, by their numbers here."""
        return list(map(int, _run(f"ip netns pids {self._name}").split()))

    def count_bytes(self) -> int:
        """Return how many bytes have gone through the cable, either way."""
        counters = Path("/sys/class/net", self._cable, "statistics")
        return sum(int((counters / f"{way}_bytes").read_text()) for way in ("rx", "tx"))

    def cut(self) -> None:
        """Pull the cable."""
        _run(f"ip link set {self._cable} down")

    def end(self) -> None:
        """Leave nothing of it."""
        for step in (
            self.kill,
            partial(_run, f"ip link delete {self._cable}"),
            partial(_run, f"ip netns delete {self._name}"),
        ):
            with suppress(subprocess.CalledProcessError):
                step()
        if self._running is not None:
            self._running.kill()
            self._running.wait(_SECONDS)


@contextmanager
def begin_hosts(tree: Path, clones: list[Path], folder: Path) -> Iterator[list[Host]]:
    """Begin a host for each clone, and end all of them."""
    places = os.pathsep.join((os.environ["PATH"], "/usr/sbin"))
    programs = {name: shutil.which(name, path=places) for name in _NEEDED}
    if None in programs.values():
        give_up(f"needs {_HOW}")
    if subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs root, and a kernel that allows namespaces")
    hosts: list[Host] = []
    try:
        for number, clone in enumerate(clones):
            keys = folder / f"host{number}"
            keys.mkdir()
            hosts.append(Host(f"h{os.getpid()}-{number}", 2 * os.getpid() + number, keys))
            hosts[-1].begin(tree, clone, str(programs["sshd"]))
        yield hosts
    finally:
        for host in hosts:
            host.end()


def _run(command: str) -> str:
    done = subprocess.run(shlex.split(command), check=True, capture_output=True, text=True)
    return done.stdout
