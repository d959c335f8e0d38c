"""Conftests of other people, written for the items that pytest has itself."""

from __future__ import annotations

import json
import os

import pytest

from tests.conftest import Repository, without_other_plugins
from tests.forked import ForkedPython
from tests.plugin.conftest import FAILING, PASSING, SETTINGS, Project, outcomes, told

# pytest's documentation, "Post-process test reports / failures".
NOTING_FAILURES = """\
import pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    rep = yield
    if rep.when == "call" and rep.failed:
        with open("failures", "a", encoding="utf-8") as f:
            extra = f" ({item.funcargs['tmp_path']})" if "tmp_path" in item.fixturenames else ""
            f.write(rep.nodeid + extra + "\\n")
    return rep
"""
MARKING = """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if "db" in item.fixturenames:
            item.add_marker(pytest.mark.slow)
"""
ADDING = """\
def pytest_collection_modifyitems(items):
    for item in items:
        assert "watch" not in item.fixturenames
        item.fixturenames.insert(0, "watch")
        item.funcargs["watch"] = item
"""
LOOKING = """\
def pytest_collection_modifyitems(items):
    for item in items:
        assert item.obj is None
        assert item.path == item.config.rootpath / item.nodeid.removesuffix("::antipasta")
        for name in ("callspec", "cls", "function", "instance", "module", "originalname"):
            assert not hasattr(item, name), name
"""


@pytest.mark.parametrize(
    ("conftest", "workers"),
    [
        pytest.param(NOTING_FAILURES, [], id="asks failed items for fixtures"),
        pytest.param(
            NOTING_FAILURES,
            ["-n", "1"],
            id="asks failed items for fixtures, in workers",
            marks=pytest.mark.slow,
        ),
        pytest.param(MARKING, [], id="marks by fixtures"),
        pytest.param(ADDING, [], id="adds fixtures"),
        pytest.param(LOOKING, [], id="tells functions from other items"),
    ],
)
def test_they_find_what_doctests_have(project: Project, conftest: str, workers: list[str]) -> None:
    project.write({"a.py": PASSING, "b.py": FAILING, "conftest.py": conftest, "pytest.ini": "[pytest]\n"})
    result = project.run("--antipasta-only", "-k", "not conftest", *workers)
    assert outcomes(result) == {"a.py::antipasta": "passed", "b.py::antipasta": "failed"}
    if conftest == NOTING_FAILURES:
        assert (project.path / "failures").read_text() == "b.py::antipasta\n"


# What allure-pytest does to tell a failed test from a broken one.
TELLING_APART = """\
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo:
        status = "failed" if isinstance(call.excinfo.value, AssertionError) else "broken"
        with open("statuses", "a", encoding="utf-8") as file:
            file.write(f"{item.path.name} {status}: {call.excinfo.value}\\n")
    return (yield)
"""


def test_they_tell_violations_from_files_that_cannot_be_measured(
    project: Project, workers: list[str]
) -> None:
    project.write({"bad.py": FAILING, "good.py": PASSING, "syntax.py": "def f(:\n"})
    project.write({"comment.py": f"# antipasta: ignore[cyclomatic]\n{PASSING}", "conftest.py": TELLING_APART})
    project.write({"pyproject.toml": f'[tool.pytest-antipasta]\nunused_suppressions = "fail"\n{SETTINGS}'})
    project.run("--antipasta-only", "-k", "not conftest", *workers)
    assert sorted((project.path / "statuses").read_text().splitlines()) == [
        "bad.py failed: decide cyclomatic 3/2",
        "comment.py failed: unused suppression: cyclomatic_complexity of add is not over a limit",
        "syntax.py broken: not measured (syntax): invalid syntax",
    ]


# What pytest-reportlog does, without its own rescue of what JSON does not know.
LOGGING = """\
import json

class Log:
    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        data.pop("node", None)  # xdist's
        with open("log", "a", encoding="utf-8") as file:
            print(json.dumps(data), file=file)

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Log(config))
"""


def test_they_log_reports_as_plain_data(project: Project, workers: list[str]) -> None:
    project.write({"a.py": PASSING, "b.py": FAILING, "conftest.py": LOGGING})
    result = project.run("--antipasta-only", "-k", "not conftest", *workers)
    assert outcomes(result) == {"a.py::antipasta": "passed", "b.py::antipasta": "failed"}
    logged = [json.loads(line) for line in (project.path / "log").read_text().splitlines()]
    assert {(report["nodeid"], report["outcome"]) for report in logged if report["when"] == "call"} == {
        ("a.py::antipasta", "passed"),
        ("b.py::antipasta", "failed"),
    }


# What pytest-retry, flaky and pytest-run-parallel do to items.
RUNNING_AGAIN = """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        assert hasattr(item, "_parallel_custom_item")
        item.add_marker("flaky")
        item.add_marker(pytest.mark.flaky(retries=2))
        item.add_marker(pytest.mark.slow)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    raise AssertionError("nobody else runs source files")

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    assert item.get_closest_marker("slow")
    assert not item.get_closest_marker("flaky")
    assert "flaky" not in item.keywords
    item._initrequest()
    return report
"""


def test_they_run_no_file_again(project: Project, workers: list[str]) -> None:
    files = {"a.py": PASSING, "b.py": FAILING, "conftest.py": RUNNING_AGAIN}
    project.write({**files, "pytest.ini": "[pytest]\nmarkers =\n    flaky\n    slow\n"})
    result = project.run("--antipasta-only", "-Werror", "-k", "not conftest", *workers)
    assert outcomes(result) == {"a.py::antipasta": "passed", "b.py::antipasta": "failed"}
    assert result.ret == pytest.ExitCode.TESTS_FAILED


# What VS Code builds its tree of: the path of each item's parent, which is a file below the session's.
GROUPING = """\
import pytest

def pytest_collection_finish(session):
    for item in session.items:
        file = item.parent
        assert isinstance(file, pytest.File)
        assert session.path in file.path.parents
        assert item.path == file.path == session.config.rootpath / item.nodeid.partition("::")[0]
        assert item.nodeid == f"{file.nodeid}::{item.name}"
        assert item.listchain()[0] is session
"""


def test_they_group_files_by_folders(project: Project, workers: list[str]) -> None:
    files = {"a.py": PASSING, "b/__init__.py": "", "b/c.py": FAILING}
    project.write({**files, "conftest.py": GROUPING, "test_d.py": "def test_d(): pass\n"})
    result = project.run("--antipasta", "-k", "not conftest", *workers)
    assert (result.parseoutcomes()["failed"], result.ret) == (1, pytest.ExitCode.TESTS_FAILED)


# What a conftest, or a plugin that it names, does to give tests other names.
NAMING = """\
def pytest_itemcollected(item):
    assert item.function
"""
# What Spyder's reporter does, which knows no other items.
COLLECTING = f"""\
pytest_plugins = ["naming"]

{NAMING}
class Recorder:
    def __init__(self):
        self.names = []

    def pytest_itemcollected(self, item):
        self.names.append(item.nodeid)

    def pytest_collection_finish(self):
        found = {{*self.names}}  # a controller of xdist collects none
        files = ("a.py", "conftest.py", "naming.py", "test_b.py")
        assert not found or found == {{"test_b.py::test_b", *(f"{{file}}::antipasta" for file in files)}}

def pytest_configure(config):
    config.pluginmanager.register(Recorder())
"""


def test_reporters_are_told_of_each_file_and_modules_of_tests_alone(
    project: Project, workers: list[str]
) -> None:
    test = "def test_b(): pass\n"
    project.write({"a.py": PASSING, "conftest.py": COLLECTING, "naming.py": NAMING, "test_b.py": test})
    result = project.run("--antipasta", *workers)
    assert result.parseoutcomes() == {"passed": 5}


# What PyCharm's reporter does, to know which test a comparison that fails belongs to.
WATCHING = """\
watched = []

def pytest_runtest_protocol(item):
    watched.append(item.nodeid)

pytest_runtest_protocol.__module__ = "teamcity.pytest_plugin"

def pytest_runtest_logreport(report):
    if report.when == "call" and watched:  # no item runs in a controller of xdist
        assert watched[-1] == report.nodeid
        assert len(watched) == len(set(watched))
"""


def test_they_are_told_of_each_file_before_it_runs(project: Project, workers: list[str]) -> None:
    test = "def test_c(): pass\n"
    project.write({"a.py": PASSING, "b.py": FAILING, "conftest.py": WATCHING, "test_c.py": test})
    result = project.run("--antipasta", "-k", "not conftest", *workers)
    assert (result.parseoutcomes()["failed"], result.ret) == (1, pytest.ExitCode.TESTS_FAILED)


# Also where another hook has each item run in pytest's phases.
SKIPPING = """\
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker({marker})
"""
OF_ALL = """\
def pytest_sessionstart(session):
    session.add_marker("skip")
    session.add_marker("xfail")
"""
IN_PHASES = """\
def pytest_runtest_setup(item):
    pass
"""


@pytest.mark.parametrize("phases", ["", IN_PHASES], ids=["bare", "in phases"])
@pytest.mark.parametrize(
    "conftest",
    [
        SKIPPING.format(marker="pytest.mark.skip(reason='needs a database')"),
        SKIPPING.format(marker="'skip'"),
        SKIPPING.format(marker="pytest.mark.skipif(True, reason='needs a database')"),
        SKIPPING.format(marker="pytest.mark.xfail(run=False)"),
        SKIPPING.format(marker="pytest.mark.xfail(strict=True)"),
        OF_ALL,
    ],
)
def test_they_skip_tests_and_no_files(
    project: Project, conftest: str, phases: str, workers: list[str]
) -> None:
    conftest += phases
    project.write({"a.py": PASSING, "b.py": FAILING, "conftest.py": conftest, "z.py": FAILING})
    result = project.run("--antipasta-only", *workers)
    assert outcomes(result) == {
        "a.py::antipasta": "passed",
        "b.py::antipasta": "failed",
        "conftest.py::antipasta": "passed",
        "z.py::antipasta": "failed",
    }
    assert result.ret == pytest.ExitCode.TESTS_FAILED


# What SQLAlchemy's conftest.py does: only tests in classes are left.
DROPPING = """\
import pytest

def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if item.getparent(pytest.Class){rest}]
"""


@pytest.mark.parametrize(
    ("rest", "extent"),
    [
        ("", "0 of 3 files, {}: nothing was checked"),
        (" or item.path.stem == 'a'", "1 of 3 files checked, {}"),
    ],
    ids=["all", "some"],
)
def test_one_that_drops_files_unasked_is_named(
    project: Project, workers: list[str], rest: str, extent: str
) -> None:
    tests = "class TestIt:\n    def test_it(self): pass\n"
    project.write({"a.py": PASSING, "conftest.py": DROPPING.format(rest=rest), "test_it.py": tests})
    result = project.run("--antipasta", "--antipasta-report", "json=report.json", *workers)
    first, *others = told(result)
    hook = "pytest_collection_modifyitems of conftest"
    assert first.endswith(extent.format(f"limited to `{hook}`"))
    assert first.startswith("warning: " if not rest else "no violations; ")
    assert others[-1] == "next: `pytest-antipasta check` checks the same files without pytest"
    run = json.loads((project.path / "report.json").read_text())["run"]
    assert (run["narrowed_by"], run["complete"]) == ([hook], False)
    assert result.ret == pytest.ExitCode.OK


# What reporters do that leave workers alone, such as pytest-nunit and pytest-azurepipelines.
RECORDING = """\
class Recorder:
    def __init__(self):
        self.phases = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "setup":
            self.phases[report.nodeid] = []
        self.phases[report.nodeid].append(report.when)

    def pytest_sessionfinish(self):
        assert list(self.phases.values()) == [["setup", "call", "teardown"]] * 9

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder())
"""


def test_one_that_reports_phases_of_tests_gets_those_of_files(project: Project, workers: list[str]) -> None:
    project.write({"src/bad.py": FAILING, "conftest.py": RECORDING})
    project.write({f"src/{number}.py": PASSING for number in range(8)})
    result = project.run("--antipasta-only", "src", *workers)
    assert (result.parseoutcomes(), result.ret) == ({"failed": 1, "passed": 8}, pytest.ExitCode.TESTS_FAILED)


SETTING_UP = """\
def pytest_runtest_setup(item):
    print("setup", item.nodeid)
"""


def test_they_act_on_the_files_of_their_folder(project: Project, workers: list[str]) -> None:
    files = {"a/conftest.py": SETTING_UP, "a/b/bad.py": FAILING, "a/good.py": PASSING, "c/good.py": PASSING}
    project.write({**files, "a/test_a.py": "def test_a(): pass\n", "c/d/good.py": PASSING})
    result = project.run("--antipasta", "-rA", *workers)
    found = {line.removeprefix("setup ") for line in result.outlines if line.startswith("setup ")}
    names = ("a/b/bad.py", "a/conftest.py", "a/good.py", "a/test_a.py")
    assert found == {"a/test_a.py::test_a", *(f"{name}::antipasta" for name in names)}


def test_one_at_the_root_acts_on_files_where_no_tests_are_collected(
    project: Project, workers: list[str]
) -> None:
    project.write({"conftest.py": SETTING_UP, "a.py": PASSING, "b/c/d.py": PASSING})
    result = project.run("--antipasta-only", "-rA", *workers)
    found = {line.removeprefix("setup ") for line in result.outlines if line.startswith("setup ")}
    assert found == {f"{name}::antipasta" for name in ("a.py", "b/c/d.py", "conftest.py")}


AROUND = """\
def pytest_runtest_logstart(nodeid, location):
    print("start", nodeid, location)

def pytest_runtest_logfinish(nodeid, location):
    print("finish", nodeid, location)
"""


@pytest.mark.parametrize(
    "options", [[], ["-q"], ["-q", "-o", "log_cli=true"]], ids=["plain", "quiet", "logs"]
)
def test_they_are_called_before_and_after_each_file(project: Project, options: list[str]) -> None:
    project.write({"a.py": PASSING, "b.py": FAILING, "conftest.py": AROUND, "pytest.ini": "[pytest]\n"})
    result = project.run("--antipasta-only", "-s", *options)
    found = [
        line[line.index(" (") :]
        for line in result.outlines
        if "::antipasta (" in line and ("start " in line or "finish " in line)
    ]
    names = ("a.py", "b.py", "conftest.py")
    assert found == [f" ('{name}', 0, '{name}')" for name in names for _ in range(2)]


BROKEN = "import there_is_no_such_module\n"


def test_one_that_breaks_says_that_none_is_needed(project: Project) -> None:
    project.write({"a.py": PASSING, "conftest.py": BROKEN})
    result = project.run("--antipasta-only", "-n", "1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    hint, error, *_ = result.errlines
    assert hint == (
        "antipasta: a conftest.py can't be loaded; checking source files does not need it: add "
        "`--noconftest`, or run `pytest-antipasta check`"
    )
    assert error == f"ImportError while loading conftest '{project.path / 'conftest.py'}'."
    assert outcomes(project.run("--antipasta-only", "--noconftest", "-n", "1")) == {
        "a.py::antipasta": "passed",
        "conftest.py::antipasta": "passed",
    }


def test_beside_tests_one_that_breaks_is_pytests_to_tell(project: Project) -> None:
    project.write({"a.py": PASSING, "conftest.py": BROKEN})
    result = project.run("--antipasta")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines[0].startswith("ImportError while loading conftest")


@pytest.mark.parametrize("error", ["pytest.UsageError", "ImportError"])
def test_what_another_plugin_breaks_over_is_reported_alone(project: Project, error: str) -> None:
    refusing = f"import pytest\ndef pytest_load_initial_conftests():\n    raise {error}('no settings')\n"
    project.write({"a.py": PASSING, "refusing.py": refusing})
    result = project.run("--antipasta-only", "-p", "refusing")
    assert result.ret != pytest.ExitCode.OK
    assert "no settings" in result.stderr.str()
    assert "antipasta: " not in result.stderr.str()


@pytest.mark.slow
@pytest.mark.parametrize("is_deleted", [False, True], ids=["there", "deleted"])
def test_one_that_goes_elsewhere_takes_no_path_along(
    repository: Repository, forked_python: ForkedPython, is_deleted: bool
) -> None:
    elsewhere = repository.path.parent / "elsewhere"
    conftest = f"import os\nos.chdir({str(elsewhere)!r})\n" + f"os.rmdir({str(elsewhere)!r})\n" * is_deleted
    files = {"pyproject.toml": SETTINGS, "conftest.py": conftest, "a.py": FAILING, "other/b.py": PASSING}
    for name, text in files.items():
        (repository.path / name).parent.mkdir(exist_ok=True)
        (repository.path / name).write_text(text)
    repository.git("commit", "--allow-empty", "-qm", "nothing yet")
    repository.git("add", ".")
    environment = {
        **os.environ,
        "PYTEST_ADDOPTS": without_other_plugins(()),
        "PYTEST_ANTIPASTA_CACHE_DIR": "store",
    }
    (repository.path / "inner/.git").mkdir(parents=True)
    (repository.path / "inner/.git/HEAD").touch()
    for args in (["--antipasta-staged"], ["--antipasta-diff=HEAD"], [] if is_deleted else ["-n", "1"]):
        options = ["--antipasta-only", "--antipasta-report=json=report.json", "-p", "no:cacheprovider", *args]
        elsewhere.mkdir(exist_ok=True)
        done = forked_python.run("pytest", options, repository.path, environment)
        assert (args, done.returncode) == (args, 1), done.stdout.decode() + done.stderr.decode()
        report = json.loads((repository.path / "report.json").read_bytes())
        assert [file["path"] for file in report["files"] if file["violations"]] == ["a.py"]
        (repository.path / "report.json").unlink()
    assert (repository.path / "store").is_dir()
