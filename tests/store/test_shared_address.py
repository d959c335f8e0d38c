"""Addresses of shared stores, and what messages have of them."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.messages import hide_addresses, hide_passwords
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.store.location import find_shared_store
from tests.forked import ForkedPython

OPTION, VARIABLE = "--shared-store", "PYTEST_ANTIPASTA_SHARED_STORE"


def test_without_any_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_shared_store(None, OPTION) is None
    monkeypatch.setenv(VARIABLE, "")
    assert find_shared_store(None, OPTION) is None


def test_the_option_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "redis://variable")
    assert str(find_shared_store(None, OPTION)) == "SharedAddress('redis://variable:6379')"
    assert str(find_shared_store("redis://option", OPTION)) == "SharedAddress('redis://option:6379')"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://me:secret@host:1234/5?ssl=secret", "redis://host:1234"),
        ("rediss://:se%2Fcr%40et@host", "rediss://host:6379"),
        ("redis://", "redis://localhost:6379"),
        ("rediss://host/", "rediss://host:6379"),
        ("redis://host/12", "redis://host:6379"),
        ("redis://[::1]:7000", "redis://::1:7000"),
        ("unix://me@/run/redis.sock?db=1&password=secret", "unix:///run/redis.sock"),
    ],
)
def test_messages_name_the_place_alone(url: str, name: str) -> None:
    address = find_shared_store(url, OPTION)
    assert address is not None
    assert address.name == name
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "host:6379", "http://me:secret@host", "redis://:secret/1@host", "redis://user:12/secret@host",
        "redis://:12#secret@host", "redis://:1?secret@host", "redis://host:secret", "unix://", "redis://[secret",
        "redis://host/secret", "rediss://host:1/0/secret",
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", [OPTION, VARIABLE])
def test_what_is_not_an_address_is_reported_without_showing_it(
    url: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(UsageError, match=f"^{source}: expected the address of a Redis server") as caught:
        find_shared_store(url if source == OPTION else None, OPTION)
    message = str(caught.value)
    assert "secret" not in message
    assert hide_passwords(message) == message


def test_an_empty_key_is_not_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI services give jobs that may not have a secret an empty one."""
    monkeypatch.setenv(f"{VARIABLE}_KEY", "")
    with pytest.raises(UsageError, match=f"^{VARIABLE}_KEY is empty; set it to the key, or unset it$"):
        find_shared_store("redis://host", OPTION)
    assert find_shared_store(None, OPTION) is None
    monkeypatch.setenv(f"{VARIABLE}_KEY", "key")
    found = find_shared_store("redis://host", OPTION)
    assert found is not None and found.key == b"key"


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "many"])
def test_days_that_are_none(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{VARIABLE}_DAYS", days)
    with pytest.raises(UsageError, match=f"^{VARIABLE}_DAYS: expected a number of days, got {days}$"):
        find_shared_store("redis://host", OPTION)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--shared-store=redis://:secret@host", "src"], "--shared-store=… src"),
        (["--shared-store", "redi://:secret@host", "src"], "--shared-store … src"),
        (["--antipasta-shared-store", "redis://:se secret@host"], "--antipasta-shared-store …"),
        (["--antipasta-shared-store=:secret@host:6379"], "--antipasta-shared-store=…"),
        (["--share=redis+tls://u:secret@h", "--sh", "u:secret@h"], "--share=… --sh …"),
        (["-o", "addopts=-q --antipasta-shared-store :secret@h"], "-o addopts=-q --antipasta-shared-store …"),
        (["--x", "REDIS://:secret@host", "unix:///s?password=secret"], "--x REDIS://… unix://…"),
        (["--shared-store", "--shared-store", "src"], "--shared-store … src"),
        (["check", "--shard", "1/2", "--", "-", "s=1", ""], "check --shard 1/2 -- - s=1 "),
    ],
)
def test_a_command_line_without_addresses(words: list[str], shown: str) -> None:
    assert hide_addresses(words) == shown


def test_a_log_without_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--shared-store", "redi://:secret@host", "--log-file", "log"]) == 2
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "--shared-store …" in log
    assert "secret" not in log


MISPLACED = (
    "redis://me:secret@host", "rediss://:secret", "redis://me:s@e#c/secret@host/1",
    "redis://me:a secret@host",
    "redis://host/0?password=secret", "unix:///run/s?password=secret", "REDIS://:secret@host:6379/0",
)  # fmt: skip


@pytest.mark.parametrize("url", MISPLACED)
def test_an_address_in_a_message_is_not_shown(url: str) -> None:
    assert "secret" not in hide_passwords(f"{url}: not found")
    assert "secret" not in hide_passwords(f"{PureWindowsPath(url)}: not found")


def test_an_address_in_another_place_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = MISPLACED[2]
    log = ["--log-file", "log"]
    assert main(["check"]) == 0  # so that there is a store to ask
    capsys.readouterr()
    for words in (
        ["check", url, *log],
        ["check", "--config", url, *log],
        ["check", "--baseline", url, *log],
        ["check", "--format", url],
        ["check", "--report", url, *log],
        ["check", "--report", f"x={url}", *log],
        ["check", "--jobs", url],
        ["check", f"--limit={url}", *log],
        ["check", "--diff", url, *log],
        ["measure", url, *log],
        ["explain", url, *log],
        ["trend", url, *log],
        ["trend", "--ref", url, *log],
        ["cache", "inspect", url, *log],
        ["cache", "import", url, *log],
        ["cache", url],
        ["config", "show", "--config", url],
        ["config", "migrate", url],
        ["config", "schema", url],
        [url],
    ):
        code = 0
        try:
            code = main(words)
        except SystemExit as end:  # of argparse
            code = int(str(end.code))
        said = "".join(capsys.readouterr())
        assert (code, "error: " in said) == (2, True), words
        assert "secret" not in said + (Path("log").read_text() if Path("log").exists() else ""), words


@pytest.mark.parametrize(
    "text", ["redis://host:6379: no answer; is it on?", "redis://::1:7000 is off", "unix:///run/s: is gone"]
)
def test_an_address_without_one_is_shown(text: str) -> None:
    assert hide_passwords(text) == text


@pytest.mark.parametrize(
    "words", [["redis://me:secret@host"], ["--antipasta-report", "redis://me:secret@host"]]
)
def test_neither_is_one_that_pytest_is_given(
    words: list[str], forked_python: ForkedPython, tmp_path: Path
) -> None:
    done = forked_python.run("pytest", ["--antipasta-only", *words], tmp_path, os.environ)
    assert done.returncode == 4
    assert b"redis" in done.stderr
    assert b"secret" not in done.stdout + done.stderr
