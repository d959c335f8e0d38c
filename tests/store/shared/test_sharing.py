"""Machines find what others have measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.opening import AskedFiles, open_run
from pytest_antipasta.engine.rules import read_rules
from pytest_antipasta.engine.storage.storage import current_fingerprint
from pytest_antipasta.store.location import find_shared_store
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.plugin.conftest import SETTINGS
from tests.store.shared.conftest import FILES, VARIABLE, Machines, enlarge
from tests.store.shared.servers import Server, find_free_port, serve

DAY = 86400

pytestmark = pytest.mark.programs


def list_names(server: Server) -> list[bytes]:
    return [bytes(name) for name in server.client.scan_iter()]


def test_a_machine_finds_what_another_has_measured(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    assert machines.warm("first") == (0, FILES, [])
    assert machines.warm("second") == (FILES, 0, [])


def test_workers_find_it_too(server: Server, machines: Machines, project: Path) -> None:
    machines.share(server.url)
    machines.warm("first")
    (project / "new.py").write_text("x = 1\n")
    assert machines.warm("second", "--jobs", "2") == (FILES, 1, [])
    assert machines.warm("third") == (FILES + 1, 0, [])


def test_all_that_is_missing_is_asked_for_at_once(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    machines.warm("first")
    machines.warm("second")
    assert (server.count_calls("mget"), server.count_calls("set")) == (2, FILES)


def test_what_is_known_here_is_not_asked_for(server: Server, machines: Machines, project: Path) -> None:
    machines.warm("first")
    machines.share(server.url)
    assert machines.warm("first") == (FILES, 0, [])
    assert server.count_calls("mget") == 0
    (project / "new.py").write_text("x = 1\n")
    assert machines.warm("first") == (FILES, 1, [])
    assert len(list_names(server)) == 1


def test_files_are_known_by_their_status_from_then_on(
    server: Server, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10**10)
    machines.share(server.url)
    machines.warm("first")
    machines.warm("second")
    assert machines.ask("second", "cache", "status")["roots"] == 1


@pytest.mark.slow
def test_the_report_is_that_of_measuring(server: Server, machines: Machines, project: Path) -> None:
    enlarge(project)
    (project / "pyproject.toml").write_text(SETTINGS.replace("2", "1"))
    (project / "bad.py").write_text("def f(:\n")
    reports = [machines.ask("alone", "check", code=1)]
    machines.share(server.url)
    reports += [machines.ask(name, "check", code=1) for name in ("first", "second")]
    reports.append(machines.ask("third", "check", "--jobs", "2", code=1))
    runs = [report.pop("run") for report in reports]
    assert reports[1:] == reports[:1] * 3
    assert [run["hits"] for run in runs] == [0, 0, FILES, FILES]
    assert [run["store"]["shared"] for run in runs[:3]] == [
        None,
        {"asked": FILES + 1, "found": 0, "written": FILES},
        {"asked": FILES + 1, "found": FILES, "written": 0},
    ]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_items_of_pytest_find_it(
    server: Server, machines: Machines, project: Path, tmp_path: Path, workers: str
) -> None:
    machines.share(server.url)
    enlarge(project)
    machines.warm("first")
    command = [sys.executable, "-m", "pytest", "--antipasta-only", "-n", workers, "-p", "no:cacheprovider"]
    command.append("--antipasta-debug")
    environment = {**os.environ, "PYTEST_ANTIPASTA_CACHE_DIR": str(tmp_path / "pytest")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert f"store: {FILES} hits, 0 misses" in done.stdout


def test_little_to_measure_is_not_worth_a_question(
    server: Server, machines: Machines, capsys: pytest.CaptureFixture[str]
) -> None:
    machines.share(server.url)
    assert main(["check", "--debug"]) == 0
    assert f"debug: the shared store {server.url}: not used: " in capsys.readouterr().err
    assert server.count_calls("ping") == 0


def test_it_stands_behind_a_store_of_the_machine(
    server: Server, machines: Machines, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machines.share(server.url)
    enlarge(project)
    assert main(["check", "--debug", "--no-cache"]) == 0
    told = f"{server.url}: not used: it needs a local store"
    assert told in capsys.readouterr().err
    assert server.count_calls("ping") == 0


def test_numbers_without_a_verdict_are_shared_too(server: Server, machines: Machines, project: Path) -> None:
    enlarge(project)
    machines.share(server.url)
    machines.ask("first", "measure")
    assert len(list_names(server)) == FILES


def test_nothing_is_imported_for_what_is_not_asked(machines: Machines, project: Path) -> None:
    machines.share("redis://host")
    check = "from pytest_antipasta.cli import main; main(['check', '-q'])"
    program = f"import sys; {check}; print({{'redis', 'pytest_antipasta.store.shared'}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_no_code_of_the_project_is_imported(server: Server, machines: Machines, project: Path) -> None:
    """Redis-py looks for some packages, and so does looking a host up; the current folder is on the path."""
    names = ("hiredis", "numpy", "OpenSSL", "redis", "stringprep")
    for name in names:
        (project / f"{name}.py").write_text(f"open('{name}.imported', 'w')\n")
    command = [sys.executable, "-m", "pytest_antipasta", "cache", "warm"]
    environment = {**os.environ, VARIABLE: server.url}
    subprocess.run(command, env=environment, check=True)
    assert not list(project.glob("*.imported"))
    assert server.count_calls("set") == FILES + len(names)


def test_names_have_the_fingerprint_and_no_path(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    machines.warm("first")
    begin = b"antipasta:" + current_fingerprint().hex().encode() + b":"
    names = list_names(server)
    assert all(len(name) == len(begin) + 64 and name.startswith(begin) for name in names)
    assert not any(b"f0.py" in (server.client.get(name) or b"") for name in names)


@pytest.mark.parametrize(("days", "seconds"), [("", 30 * DAY), ("0.5", DAY // 2)])
def test_records_stay_as_long_as_the_environment_says(
    server: Server, machines: Machines, days: str, seconds: int
) -> None:
    machines.share(server.url, DAYS=days)
    machines.warm("first")
    assert all(seconds - 60 < server.client.ttl(name) <= seconds for name in list_names(server))


def test_records_are_sealed_with_a_key(server: Server, machines: Machines) -> None:
    machines.share(server.url)
    machines.warm("first")
    machines.share(server.url, KEY="one")
    assert machines.warm("second") == (0, FILES, [])
    assert machines.warm("third") == (FILES, 0, [])
    machines.share(server.url, KEY="another")
    assert machines.warm("fourth") == (0, FILES, [])
    assert len(list_names(server)) == 3 * FILES


def test_what_others_have_written_is_not_believed_with_a_key(server: Server, machines: Machines) -> None:
    """Neither a changed record, nor that of another content, nor one without a seal."""
    machines.share(server.url)
    machines.warm("first")
    (unsealed, *_) = server.client.mget(list_names(server))
    server.client.flushall()
    machines.share(server.url, KEY="one")
    machines.warm("second")
    first, second, third, *_ = list_names(server)
    server.client.setrange(first, 60, b"\x7f")
    server.client.set(second, server.client.get(third) or b"")
    server.client.set(third, unsealed or b"")
    known, measured, notes = machines.warm("third")
    assert (known, measured) == (FILES - 3, 3)
    assert notes == [
        (f"the shared store {server.url} had 3 values that could not be used; measured here instead")
    ]
    assert machines.warm("fourth") == (FILES, 0, [])


def test_a_commit_asks_no_shared_store(
    server: Server, machines: Machines, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enlarge(project)
    machines.share(server.url)
    repository = Repository(project)
    repository.git("add", ".")
    for command in (["hook"], ["hook", "--whole"], ["check", "--staged"]):
        main(command)
    assert server.count_calls("ping") == 0


@pytest.mark.parametrize("option", ["--collect-only", pytest.param("--fixtures", marks=pytest.mark.slow)])
def test_a_list_asks_no_shared_store(
    server: Server, machines: Machines, project: Path, option: str, forked_python: ForkedPython
) -> None:
    enlarge(project)
    machines.share(server.url)
    options = ("--antipasta", option, "-p", "no:cacheprovider")
    assert forked_python.run("pytest", options, project, os.environ).returncode == 0
    assert server.count_calls("ping") == 0


def test_what_measures_little_takes_no_option_for_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("check", "measure"):
        assert main([command, "-", "--shared-store", "redis://host"]) == 2
        assert "--shared-store can't be used with `-` (standard input)" in capsys.readouterr().err
    for change in (["--staged"], ["--diff", "HEAD"]):
        assert main(["check", "--shared-store", "redis://host", *change]) == 2
        assert "argument --shared-store: not allowed with argument " in capsys.readouterr().err


@pytest.mark.parametrize(
    "change", ["--antipasta-staged", pytest.param("--antipasta-diff=HEAD", marks=pytest.mark.slow)]
)
def test_a_change_takes_no_option_of_pytest_for_it(
    project: Path, change: str, forked_python: ForkedPython
) -> None:
    options = ("--antipasta-shared-store=redis://host", change)
    done = forked_python.run("pytest", options, project, os.environ)
    assert done.returncode == 4
    message = b"--antipasta-shared-store can't be used with --antipasta-staged or --antipasta-diff"
    assert b"ERROR: " + message in done.stderr


def test_who_interrupts_a_run_waits_for_no_writing(server: Server, project: Path, tmp_path: Path) -> None:
    enlarge(project)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    shared = find_shared_store(server.url, "a test")
    run = open_run(read_rules(project), tmp_path / "store", AskedFiles(shared=shared))
    with pytest.raises(KeyboardInterrupt):
        run.judge_all(0, interrupt)
    assert (server.count_calls("mget"), list_names(server)) == (1, [])


@pytest.mark.slow
def test_who_interrupts_pytest_waits_for_no_writing(
    server: Server, machines: Machines, project: Path
) -> None:
    enlarge(project)
    machines.share(server.url)
    (project / "conftest.py").write_text("def pytest_runtest_logfinish():\n    raise KeyboardInterrupt\n")
    command = [sys.executable, "-m", "pytest", "--antipasta-only", "-n0", "-p", "no:cacheprovider"]
    command.append("--antipasta-debug")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "store: 0 hits" in done.stdout
    assert (server.count_calls("mget"), list_names(server)) == (1, [])


def test_a_repository_names_no_shared_store(
    server: Server,
    machines: Machines,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    forked_python: ForkedPython,
) -> None:
    (project / "pyproject.toml").write_text(f'[tool.pytest-antipasta]\nshared_store = "{server.url}"\n')
    assert main(["cache", "warm"]) == 2
    assert "pyproject.toml:2: tool.pytest-antipasta.shared_store: unknown key" in capsys.readouterr().err
    options = f'[tool.pytest.ini_options]\naddopts = "--antipasta-shared-store={server.url}"\n'
    (project / "pyproject.toml").write_text(options)
    done = forked_python.run("pytest", ("--antipasta-only",), project, os.environ)
    assert done.returncode == 4
    assert b"a project can't choose where measurements go" in done.stderr
    assert server.count_calls("ping") == 0


@pytest.mark.usefixtures("patient")
def test_a_unix_socket(tmp_path: Path, machines: Machines) -> None:
    folder = tmp_path / "a %41 b"
    folder.mkdir()
    with serve(folder, "--requirepass", "secret", port=0, password="secret") as server:
        path = server.client.connection_pool.connection_kwargs["path"]
        machines.share(f"unix://{quote(path)}?db=3", PASSWORD="secret")
        machines.warm("first")
        assert machines.warm("second") == (FILES, 0, [])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost with its key, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    )
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


@pytest.mark.usefixtures("patient")
def test_tls(tmp_path: Path, machines: Machines, certificate: Path) -> None:
    key, secure = certificate.with_name("key.pem"), find_free_port()
    options = f"--tls-port {secure} --tls-cert-file {certificate} --tls-key-file {key} --tls-auth-clients no"
    with serve(tmp_path, *options.split(), "--tls-ca-cert-file", str(certificate)):
        machines.share(f"rediss://localhost:{secure}?ssl_ca_certs={certificate}")
        assert machines.warm("first") == (0, FILES, [])
        assert machines.warm("second") == (FILES, 0, [])
        machines.share(f"rediss://localhost:{secure}")
        (told,) = machines.warm("third")[2]
        assert told.startswith(
            f"the shared store rediss://localhost:{secure} is disabled for this run: TLS failed ("
        )
