"""Whatever is wrong with a shared store, all is measured here, and a line says so."""

from __future__ import annotations

import itertools
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.store.records import seal
from tests.store.shared.conftest import FILES, Machines, enlarge
from tests.store.shared.servers import Server, find_free_port, listen, relay, serve

pytestmark = pytest.mark.programs
NEEDS_SOCKETS = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows has no Unix sockets")


def expect_local(machines: Machines, url: str, reason: str) -> None:
    """Make sure that everything was measured here, and that one line says why."""
    known, measured, notes = machines.warm("a machine")
    assert (known, measured, notes) == (
        0,
        FILES,
        [(f"the shared store {url} is disabled for this run: {reason}")],
    )


def test_a_server_that_is_down(machines: Machines) -> None:
    url = f"redis://127.0.0.1:{find_free_port()}"
    machines.share(url)
    expect_local(machines, url, "Connection refused")


@NEEDS_SOCKETS
def test_a_socket_that_is_not_there(machines: Machines, tmp_path: Path) -> None:
    machines.share(f"unix://{tmp_path}/none")
    expect_local(machines, f"unix://{tmp_path}/none", "No such file or directory")


@NEEDS_SOCKETS
def test_a_socket_where_there_are_none(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    machines.share(f"unix://{tmp_path}/none")
    expect_local(machines, f"unix://{tmp_path}/none", "this Python does not support Unix sockets")


def test_an_unknown_host(machines: Machines) -> None:
    machines.share("redis://nowhere.invalid")
    known, measured, (told,) = machines.warm("a machine")
    assert (known, measured) == (0, FILES)
    assert told.startswith("the shared store redis://nowhere.invalid:6379 is disabled for this run: ")


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def test_a_server_without_an_answer(machines: Machines) -> None:
    with listen(_say_nothing) as url:
        machines.share(url)
        known, measured, (told,) = machines.warm("a machine")
    assert (known, measured) == (0, FILES)
    assert told == f"the shared store {url} is disabled for this run: no answer within 250 ms"


def test_an_answer_that_never_ends(machines: Machines) -> None:
    is_over = Event()

    def trickle(connection: socket.socket) -> None:
        try:
            while True:
                connection.sendall(b"+")
                time.sleep(0.02)
        finally:
            is_over.set()

    with listen(trickle) as url:
        machines.share(url)
        known, measured, (told,) = machines.warm("a machine")
        assert is_over.wait(20)  # as the connection is closed
    assert (known, measured) == (0, FILES)
    assert told == f"the shared store {url} is disabled for this run: no answer within 250 ms"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"-ERR unknown command 'AUTH' 'secret'\r\n" * 9,
        b"\xff\x00\r\n",
        b"",
    ],
)
def test_what_is_not_a_redis(machines: Machines, answer: bytes) -> None:
    def reply(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)

    with listen(reply) as url:
        machines.share(url.replace("//", "//:secret@"))
        known, measured, (told,) = machines.warm("a machine")
    assert (known, measured) == (0, FILES)
    assert told.startswith(f"the shared store {url} is disabled for this run: ")
    assert "secret" not in told


@pytest.mark.parametrize(
    "answer", [b"*1\r\n$-1\r\n", b"*0\r\n", b"*-1\r\n", b":5\r\n", b"$1\r\nx\r\n", b"+OK\r\n"]
)
@pytest.mark.usefixtures("patient")
def test_an_answer_of_another_size_or_kind(machines: Machines, answer: bytes) -> None:
    def reply(connection: socket.socket) -> None:
        while asked := connection.recv(100_000):
            connection.sendall(answer if b"MGET" in asked else b"+PONG\r\n")

    with listen(reply) as url:
        machines.share(url)
        expect_local(machines, url, "unexpected reply")


@pytest.mark.usefixtures("patient")
def test_a_password_that_is_wrong_or_missing(tmp_path: Path, machines: Machines) -> None:
    with serve(tmp_path, "--requirepass", "right", password="right") as server:
        for url in (
            server.url,
            server.url.replace("//", "//:wrong@"),
            server.url.replace("//", "//me:right@"),
        ):
            machines.share(url)
            expect_local(machines, server.url, "the user name or the password is missing or wrong")
            machines.ask("a machine", "cache", "clear")
        machines.share(server.url.replace("//", "//:right@"))
        machines.warm("a machine")
        assert machines.warm("another") == (FILES, 0, [])


def test_a_server_without_tls(tmp_path: Path, machines: Machines) -> None:
    with serve(tmp_path) as server:
        machines.share(server.url.replace("redis:", "rediss:"))
        known, measured, (told,) = machines.warm("a machine")
    assert (known, measured) == (0, FILES)
    assert "is disabled for this run: " in told


def test_a_user_who_may_not(server: Server, machines: Machines) -> None:
    server.client.acl_setuser("reader", enabled=True, nopass=True, keys=["*"], commands=["+mget", "+ping"])
    machines.share(server.url.replace("//", "//reader:any@"))
    expect_local(machines, server.url, "the server does not permit this for this user")


def test_a_database_that_the_server_does_not_have(server: Server, machines: Machines) -> None:
    machines.share(f"{server.url}/99")
    reason = "the server returned an error; check the number of the database in the address"
    expect_local(machines, server.url, reason)


def test_a_replica_that_takes_nothing(server: Server, machines: Machines) -> None:
    server.client.replicaof("127.0.0.1", find_free_port())
    try:
        machines.share(server.url)
        (told,) = machines.warm("a machine")[2]
    finally:
        server.client.replicaof("NO", "ONE")
    assert told in (
        f"the shared store {server.url} is disabled for this run: the server is a read-only replica",
        (
            f"the shared store {server.url} is disabled for this run: the server closed the connection or "
            "returned an error (MasterDownError)"
        ),
    )


@pytest.mark.usefixtures("patient")
def test_a_server_that_is_full(tmp_path: Path, machines: Machines) -> None:
    with serve(tmp_path, "--maxmemory", "100kb", "--maxmemory-policy", "noeviction") as server:
        machines.share(server.url)
        expect_local(machines, server.url, "it is full")


@pytest.mark.usefixtures("patient")
def test_a_server_that_forgets(tmp_path: Path, machines: Machines, project: Path) -> None:
    """What is missing is measured, and written again."""
    with serve(tmp_path, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru") as server:
        machines.share(server.url)
        machines.warm("first")
        own, numbers = server.client.keys(), itertools.count()
        while server.client.exists(*own):  # it takes samples to choose what it forgets
            server.client.set(f"another's {next(numbers)}", b"x" * 100_000)
        assert machines.warm("second") == (0, FILES, [])
        assert machines.warm("third") == (FILES, 0, [])


def test_values_of_another_type(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    machines.warm("first")
    first, second, *_ = server.client.keys()
    for name in (first, second):
        server.client.delete(name)
        server.client.lpush(name, "any")
    assert machines.warm("second") == (FILES - 2, 2, [])
    assert machines.warm("third") == (FILES, 0, [])


@pytest.mark.parametrize("value", [b"", b"\x00\x00\x00\x00", b"x" * 3000])
def test_values_that_nobody_has_written(server: Server, machines: Machines, value: bytes) -> None:
    machines.share(server.url)
    machines.warm("first")
    server.client.set(server.client.keys()[0], value)
    known, measured, notes = machines.warm("second")
    assert (known, measured) == (FILES - 1, 1)
    assert notes == [
        (f"the shared store {server.url} had 1 value that could not be used; measured here instead")
    ]


def test_a_record_that_is_forged(server: Server, machines: Machines) -> None:
    """It is measured here, and does not come into the local store."""
    machines.share(server.url)
    machines.warm("first")
    found: dict[Any, Any] = {key: server.client.get(key) for key in list(server.client.keys())}
    name, value = next(pair for pair in found.items() if b"f0" in pair[1])
    server.client.set(name, seal(name, value[4:].replace(b"f0", b"\x1bc")))
    for machine in ("second", "third"):
        known, measured, notes = machines.warm(machine)
        assert (known, measured) == (FILES - 1, 1) if notes else (FILES, 0)
    assert machines.ask("second", "cache", "verify")["bad"] == []


@pytest.mark.slow
def test_a_value_of_a_hundred_megabytes(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    machines.warm("first")
    server.client.setrange(server.client.keys()[0], 100_000_000, b"x")
    known, measured, notes = machines.warm("second")
    assert (known, measured) == (FILES - 1, 1)
    assert notes == [
        (f"the shared store {server.url} had 1 value that could not be used; measured here instead")
    ]


@pytest.mark.parametrize("command", [b"MGET", b"SET"])
@pytest.mark.parametrize("end", [Server.kill, Server.stop])
def test_a_server_that_ends_half_way(
    tmp_path: Path, machines: Machines, command: bytes, end: Callable[[Server], None]
) -> None:
    with serve(tmp_path) as server:

        def end_before(data: bytes) -> None:
            if command in data:
                end(server)

        with relay(server.port, end_before) as url:
            machines.share(url)
            known, measured, (told,) = machines.warm("a machine")
    assert (known, measured) == (0, FILES)
    assert told.startswith(f"the shared store {url} is disabled for this run: ")


def test_a_server_that_has_nothing(
    server: Server, machines: Machines, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two questions the other files are not even read for it; all are written."""
    monkeypatch.setattr("pytest_antipasta.engine.sharing._FIRST", 1)
    monkeypatch.setattr("pytest_antipasta.engine.sharing._SOON", 0.0)
    enlarge(project)
    machines.share(server.url)
    shared = [machines.ask(name, "check")["run"]["store"]["shared"] for name in ("first", "second")]
    assert shared == [
        {"asked": 2, "found": 0, "written": FILES},
        {"asked": FILES, "found": FILES, "written": 0},
    ]


def test_redis_py_that_is_not_installed(
    server: Server, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    machines.share(server.url)
    expect_local(
        machines,
        server.url,
        ("redis-py is not installed; run `pip install redis` in pytest-antipasta's environment"),
    )


def test_an_unknown_option_of_the_address(server: Server, machines: Machines) -> None:
    machines.share(f"{server.url}?colour=secret")
    expect_local(machines, server.url, "the address has options that redis-py does not support")


def test_secrets_are_nowhere(
    tmp_path: Path, machines: Machines, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enlarge(project)
    machines.share("redis://unused", KEY="sealed-with", PASSWORD="log-in-with")
    log, report = tmp_path / "log", tmp_path / "report"
    with serve(tmp_path, "--requirepass", "pass-word", password="pass-word") as server:
        for password in ("pass-word", "bad-word"):
            url = server.url.replace("//", f"//:{password}@")
            options = ["--debug", f"--log-file={log}", "--log-level=debug", f"--report=json={report}"]
            main(["check", "--shared-store", url, *options])
            main(["check", f"--shared-store={url}", *options])
    written = "".join([log.read_text(), report.read_text(), *capsys.readouterr()])
    assert server.url in written
    assert not [word for word in ("pass-word", "bad-word", "sealed-with", "log-in-with") if word in written]
