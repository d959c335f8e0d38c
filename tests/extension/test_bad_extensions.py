"""Extensions that do what they must not: they are named, and cost nothing but their own numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from tests.commits import commit_all, stage_all
from tests.conftest import Repository
from tests.extension.conftest import PARAMETERS, Environment, write_metadata, write_settings


def metric(body: str, scope: str = "block") -> str:
    """Return an extension whose metric does something."""
    return f"""
def measure(source):
    {body}

@hookimpl
def antipasta_metrics():
    return [Metric(name="parameters", scope="{scope}", version="1", measure=measure)]
"""


COUNT = """
def count(source):
    return {name: len(node.args.args) for name, node in source.functions.items()}
"""
WIDE = "def wide(a, b, c): pass\n"
MEASURING = {
    "raises": ("raise KeyError('x')", "block", "parameters failed with KeyError: 'x' ({module}, line 7)"),
    "gives what the standard library does not take": (
        "return ast.literal_eval('1 +')", "file", "(<unknown>, line 1) ({module}, line 7)"
    ),
    "exits": ("sys.exit(0)", "block", "parameters failed with SystemExit: 0"),
    "ends its process": ("os._exit(0)", "block", "it terminated its process (exit code 0)"),
    "breaks off": ("raise GeneratorExit", "block", "parameters failed with GeneratorExit"),
    "interrupts": ("raise KeyboardInterrupt", "block", "parameters failed with KeyboardInterrupt"),
    "never comes back": ("while True: pass", "block", "it took more than 0.5 s of CPU time (file_timeout)"),
    "takes all memory": (
        "a = []\n    while True: a.append(bytes(1000000))", "block",
        "it used more than 200 MB of memory (memory_limit_mb)",
    ),
    "gives NaN": ("return {'many': float('nan')}", "block", "expected a finite number, got nan for many"),
    "gives text": ("return 'many'", "block", "expected a dict of values by qualified name, got str"),
    "gives much text": ("return 'x' * 100_000_000", "file", "expected a finite number, got str"),
    "gives a huge number": ("return 10 ** 30", "file", "expected a finite number, got huge int"),
    "gives a truth value": ("return True", "file", "expected a finite number, got bool"),
    "gives infinity": ("return float('inf')", "file", "expected a finite number, got inf"),
    "knows other functions": ("return {'none': 1}", "block", "got a value for 'none', which is not a"),
    "has a long story": ("raise ValueError('x' * 10_000_000)", "block", "failed with ValueError: xxx"),
}  # fmt: skip


def install_each(sources: Iterable[str], environment: Environment) -> list[str]:
    """Install a distribution for each source, and return their names."""
    return [environment.install(source, f"example-{number}") for number, source in enumerate(sources)]


@pytest.mark.slow
def test_what_they_do_while_measuring(environment: Environment, project: Path) -> None:
    names = install_each((metric(body, scope) for body, scope, _ in MEASURING.values()), environment)
    others = ("file_timeout = 0.5", "memory_limit_mb = 200")
    write_settings(project, *(f'"{name}:parameters" = 2' for name in names), others=others)
    done = environment.check(project)
    for name, (_, _, expected) in zip(names, MEASURING.values(), strict=True):
        (told,) = (line for line in done.stdout.splitlines() if f": {name} 1.0: " in line)
        assert told.startswith("a.py: not measured (extension): ")
        assert expected.replace("{module}", name.replace("-", "_")) in told
        assert len(told) < 500
    assert len(done.stdout) < 5000
    assert done.returncode == 3
    (project / "a.py").write_text("def f(x):\n" + "    if x: pass\n" * 11)
    write_settings(project, f'"{names[0]}:parameters" = 2', others=others)
    done = environment.check(project)
    assert "\n    1:1  f  cyclomatic 12/10" in done.stdout
    assert done.returncode == 1


@pytest.mark.slow
def test_the_tree_is_its_own(environment: Environment, project: Path) -> None:
    environment.install(metric("source.tree.body.clear()\n    return {}"), "a-bad-one")
    environment.install(PARAMETERS)
    assert "\n    1:1  many  parameters (example) 3/2\n" in environment.check(project).stdout


def test_what_it_prints_is_in_no_report(environment: Environment, project: Path) -> None:
    printing = "print('noise', flush=True); os.write(1, b'noise'); os.write(2, b'noise')"
    environment.install(f"print('noise')\n{metric(f'{printing}; return {{}}')}")
    done = environment.check(project, "--format", "json")
    assert json.loads(done.stdout)["files"][0]["status"] == "measured"


def test_its_warnings_are_no_errors_where_those_of_the_project_are(
    environment: Environment, project: Path
) -> None:
    warned = "import warnings\nwarnings.warn('old')\n"
    environment.install(warned + metric("warnings.warn('old'); return count(source)") + COUNT)
    options = ("-p", "no:cacheprovider", "-W", "error", "--antipasta-only", "--antipasta-no-cache")
    done = environment.run("pytest", *options, cwd=project, PYTHONWARNINGS="error")
    assert "FAILED a.py::antipasta - many" in done.stdout
    assert "disabled" not in done.stdout


def test_one_that_ends_its_process_is_not_asked_again(environment: Environment, project: Path) -> None:
    environment.install(metric("os._exit(0)"))
    (project / "b.py").write_text("def b(): pass\n")
    done = environment.check(project)
    assert "b.py: not measured (extension): example 1.0: disabled for the rest of the run" in done.stdout
    assert "2 files not measured by an extension" in done.stdout
    assert "extension example 1.0 is disabled for the rest of the run" in done.stdout


@pytest.mark.slow
def test_one_that_ends_over_a_previous_version_hides_nothing_of_other_files(
    environment: Environment, repository: Repository
) -> None:
    """The second batch of a hook is measured after the previous versions of the first."""
    environment.install(metric("'old' in source.functions and os._exit(0); return count(source)") + COUNT)
    (repository.path / "a.py").write_text(WIDE + "def old(): pass\n")
    write_settings(repository.path, '"example:parameters" = 2')
    commit_all(repository.path, "before")
    (repository.path / "a.py").write_text(WIDE + f"# {'long' * 100}\n")  # the largest come first
    for number in range(30):
        (repository.path / f"b{number}.py").write_text(f"x = {number}  # {'middling' * 10}\n")
    (repository.path / "z.py").write_text(WIDE)
    repository.git("add", ".")
    codes = [
        environment.run("pytest_antipasta", *words, cwd=repository.path).returncode
        for words in (("hook",), ("hook", "--jobs", "2"), ("check", "--staged"))
    ]
    assert 0 not in codes


INTERRUPTING = """
import signal
import pytest

def interrupt(*_):
    pytest.fail("it takes too long")

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1 if item.name == "antipasta" and "a.py" in item.nodeid else 0)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no such signal")
def test_an_answer_that_comes_too_late_is_not_that_for_the_next_file(
    environment: Environment, project: Path
) -> None:
    environment.install(metric("'slow' in source.functions and time.sleep(3); return count(source)") + COUNT)
    write_settings(project, '"example:parameters" = 2')
    (project / "a.py").write_text("def slow(): pass\n")
    (project / "b.py").write_text(WIDE)
    (project / "conftest.py").write_text(INTERRUPTING)
    done = environment.run(
        "pytest", "-p", "no:cacheprovider", "--antipasta-only", "a.py", "b.py", cwd=project
    )
    assert "FAILED a.py::antipasta - not measured (internal): it takes too long" in done.stdout
    assert "FAILED b.py::antipasta - wide" in done.stdout
    assert "\n    1:1  wide  parameters (example) 3/2\n" in environment.check(project, "b.py").stdout


def test_what_is_missing_is_not_stored(environment: Environment, project: Path) -> None:
    environment.install(metric("raise ValueError"))
    assert environment.check(project).returncode == 3
    assert environment.check(project).returncode == 3


def test_settings_may_let_it_pass(environment: Environment, project: Path) -> None:
    environment.install(metric("raise ValueError"))
    write_settings(project, '"example:parameters" = 2', others=['on_error = "warn"'])
    done = environment.check(project)
    assert "warning: a.py: not measured (extension): example 1.0" in done.stdout
    assert done.returncode == 0


def test_pytest_names_it_at_the_file(environment: Environment, project: Path) -> None:
    environment.install(metric("raise ValueError"))
    done = environment.run("pytest", "-p", "no:cacheprovider", "--antipasta-only", cwd=project)
    assert (
        "FAILED a.py::antipasta - not measured (extension): example 1.0: parameters failed with ValueError"
        in done.stdout
    )


def test_the_hook_names_it_and_blocks(environment: Environment, project: Path) -> None:
    environment.install(metric("raise ValueError"))
    stage_all(project)
    done = environment.run("pytest_antipasta", "hook", cwd=project)
    assert "example 1.0: parameters failed with ValueError" in done.stdout
    assert done.returncode == 3


def test_a_commit_waits_no_longer_than_its_time_budget(environment: Environment, project: Path) -> None:
    environment.install(metric("time.sleep(1000)"))
    budget = ("file_timeout = 60", "time_budget = 1", 'on_timeout = "block"')
    write_settings(project, '"example:parameters" = 2', others=budget)
    stage_all(project)
    done = environment.run("pytest_antipasta", "hook", cwd=project)
    assert "(timeout): the time budget ran out while it waited for example 1.0" in done.stdout
    assert "disabled" not in done.stdout + done.stderr
    assert done.returncode == 3


LOADING = {
    "can't be imported": ("import nothing_of_that_name", "importing example failed with ModuleNotFoundError"),
    "exits": ("sys.exit(4)", "importing example failed with SystemExit: 4"),
    "ends the process": ("os._exit(0)", "importing example failed with SystemExit: 0"),
    "breaks off": ("raise GeneratorExit", "importing example failed with GeneratorExit"),
    "raises in its hook": (
        "@hookimpl\ndef antipasta_metrics():\n    1 / 0",
        "antipasta_metrics failed with ZeroDivisionError: division by zero (example, line 7)",
    ),
    "marks no hook": (
        "def antipasta_metrics():\n    return []", "example has no hooks; mark its functions with `@hookimpl`"
    ),
    "returns nothing": (
        "@hookimpl\ndef antipasta_metrics():\n    pass", "antipasta_metrics returned None instead of a list"
    ),
    "gives anything": (
        "@hookimpl\ndef antipasta_metrics():\n    return ['x']",
        "antipasta_metrics returned str instead of Metric",
    ),
    "gives no list": (
        "@hookimpl\ndef antipasta_metrics():\n    return 5", "antipasta_metrics failed with TypeError"
    ),
    "answers another hook": (
        "@hookimpl\ndef antipasta_colours():\n    return []", "its hooks failed with PluginValidationError"
    ),
    "wants what there is not": (
        "@hookimpl\ndef antipasta_metrics(config):\n    return []",
        "registering example failed with PluginValidationError",
    ),
    "has a name twice": (
        metric("return {}").replace("return [Metric", "return 2 * [Metric"),
        "antipasta_metrics returned parameters twice",
    ),
    "has a strange name": (
        metric("return {}").replace('name="parameters"', 'name="Para meters"'),
        "metric 'Para meters': name must contain only a-z, 0-9 and _",
    ),
    "claims a format of ours": (
        "@hookimpl\ndef antipasta_report_formats():\n    return [ReportFormat(name='sarif', write=print)]",
        "report format 'sarif': sarif is reserved for pytest-antipasta",
    ),
    "needs what no report has": (
        "@hookimpl\ndef antipasta_report_formats():\n"
        "    return [ReportFormat(name='tsv', write=print, needs=('plan',))]",
        "report format 'tsv': needs must be a tuple of commit, edits, plans, proposals",
    ),
}  # fmt: skip


def test_what_is_wrong_with_them_as_a_whole(environment: Environment, project: Path) -> None:
    names = install_each((source for source, _ in LOADING.values()), environment)
    limits = [f'"{name}:parameters" = 2' for name in names]
    write_settings(project, *limits, "cyclomatic_complexity = 0")
    done = environment.check(project)
    for name, (_, expected) in zip(names, LOADING.values(), strict=True):
        told = f"extension {name} 1.0 is disabled: "
        (line,) = (line for line in done.stdout.splitlines() if told in line)
        assert expected.replace("example", name.replace("-", "_")) in line
    assert "2 functions are over a limit" in done.stdout
    assert done.returncode == 1
    write_settings(project, *limits)
    assert environment.check(project).returncode == 3
    assert environment.run("pytest", "--antipasta-only", cwd=project).returncode == 3
    hook = environment.run("pytest_antipasta", "hook", cwd=project)
    assert [f"extension {name} 1.0 is disabled" in hook.stderr for name in names] == [True] * len(names)
    assert hook.returncode == 3


LINGERING = """
import threading
os.chdir("/")
threading.Thread(target=time.sleep, args=(1000,)).start()
"""


def test_one_that_leaves_the_folder_and_starts_a_thread_does_not_matter(
    environment: Environment, project: Path
) -> None:
    environment.install(PARAMETERS + LINGERING)
    # In a process that ends as they usually do.
    command = [
        str(environment.python),
        "-m",
        "pytest_antipasta",
        "check",
        "--report",
        "csv=report.csv",
        "a.py",
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "parameters (example) 3/2" in done.stdout
    assert "many" in (project / "report.csv").read_text()


def test_one_whose_import_does_not_end_is_named(environment: Environment, project: Path) -> None:
    environment.install("time.sleep(1000)")
    program = (
        "from pytest_antipasta.extension import containment; containment.IMPORT_SECONDS = 0.5\n"
        "from pytest_antipasta.cli import run; run()"
    )
    done = subprocess.run(
        [environment.python, "-c", program, "check"], cwd=project, capture_output=True, text=True, check=False
    )
    why = "error: extension example 1.0 did not load within 0.5 s; upgrade or uninstall it\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", why)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked there")
def test_what_is_kept_of_the_process_while_extensions_are_called(tmp_path: Path) -> None:
    """A fork, and code that runs later, end as they like; threads of others are as they were asked to be."""
    program = """if True:
        import os, threading
        from pytest_antipasta.extension.containment import contained
        before = os._exit, threading.Thread.start
        with contained():
            kept = os._exit
            if not (child := os.fork()):
                os._exit(5)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
            os.chdir("/")
        assert (os._exit, threading.Thread.start) == before
        assert os.getcwd() == os.environ["PWD_HERE"]
        kept(7)
    """
    environment = {**os.environ, "PWD_HERE": str(tmp_path)}
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=False).returncode
        == 7
    )


@pytest.mark.slow
def test_one_for_another_version_says_so(tmp_path: Path, project: Path) -> None:
    """Also where one for this version was in its place when the Python that forks began."""
    with closing(Environment(tmp_path / "venv")) as environment:
        environment.install(PARAMETERS)
        assert environment.check(project).returncode == 1
        environment.install(PARAMETERS, entry_points="[pytest_antipasta.v2]\nx = {module}\n")
        done = environment.check(project)
    assert "needs pytest_antipasta.v2, but this pytest-antipasta supports pytest_antipasta.v1" in done.stdout
    assert done.returncode == 3


def test_two_of_one_format(environment: Environment, project: Path) -> None:
    form = (
        "@hookimpl\ndef antipasta_report_formats():\n"
        "    return [ReportFormat(name='tsv', write=lambda *_: b'{}\\n')]\n"
    )
    environment.install(form.format("first"), "first")
    environment.install(form.format("second"), "second")
    write_settings(project)
    done = environment.check(project, "--format", "tsv")
    assert done.stdout == "first\n"
    assert (
        "extension second 1.0 is disabled: report format 'tsv' is already defined by first 1.0" in done.stderr
    )


def test_a_limit_for_what_nobody_has_is_a_mistake(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS)
    write_settings(project, '"example:paramters" = 2')
    done = environment.check(project)
    assert "unknown metric" in done.stderr
    assert done.returncode == 2


def test_what_is_not_installed_is_named_and_its_baseline_kept(
    environment: Environment, project: Path
) -> None:
    environment.install(PARAMETERS)
    assert environment.run("pytest_antipasta", "baseline", "write", cwd=project).returncode == 0
    before = (project / "antipasta-baseline.json").read_text()
    environment.uninstall()
    done = environment.check(project)
    assert "example:parameters is configured, but extension example is not installed" in done.stdout
    assert "no violations" in done.stdout
    assert done.returncode == 3
    environment.run("pytest_antipasta", "baseline", "prune", cwd=project)
    assert (project / "antipasta-baseline.json").read_text() == before


def test_a_baseline_of_what_is_not_installed_is_no_silent_pass(
    environment: Environment, project: Path
) -> None:
    """An extension may have limits by default, without a word in the settings."""
    environment.install(PARAMETERS)
    environment.run("pytest_antipasta", "baseline", "write", cwd=project)
    write_settings(project)
    environment.uninstall()
    told = "the baseline has entries of example:parameters, but extension example is not installed: "
    for command, code in (("check", 3), ("hook", 3), ("config validate", 0)):
        done = environment.run("pytest_antipasta", *command.split(), cwd=project)
        assert (done.returncode, (done.stdout + done.stderr).count(told)) == (code, 1), command
    assert environment.check(project, "--no-baseline").returncode == 0


def test_an_entry_of_a_metric_that_an_upgrade_renamed_says_what_to_do(
    environment: Environment, project: Path
) -> None:
    environment.install(PARAMETERS)
    write_settings(project, '"example:parameters" = 0')
    environment.run("pytest_antipasta", "baseline", "write", cwd=project)
    environment.install(PARAMETERS.replace('"parameters"', '"arguments"'))
    write_settings(project, '"example:arguments" = 0')
    told = environment.check(project).stderr
    assert 'unknown metric "example:parameters"' in told
    assert told.endswith("; rename it in all its lines, or remove them\n")


def test_a_comment_about_what_is_not_installed_says_so(environment: Environment, project: Path) -> None:
    write_settings(project)
    (project / "a.py").write_text("def f(a):  # antipasta: ignore[example:parameters]\n    return a\n")
    done = environment.check(project)
    assert "example:parameters belongs to an extension that is not installed" in done.stdout


def test_a_repository_brings_none(environment: Environment, project: Path) -> None:
    """Their metadata looks as if they were installed, and their modules would leave a trace."""
    trace = project / "trace"
    for folder, name in ((project, "current"), (project / "variable", "variable"), (project / "ini", "ini")):
        folder.mkdir(exist_ok=True)
        (folder / f"evil_{name}.py").write_text(f"open({str(trace)!r}, 'w')\n")
        write_metadata(folder, f"evil-{name}", "1.0", f"[pytest_antipasta.v1]\nevil = evil_{name}\n")
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['ini']\n")
    commands = (("pytest_antipasta", "check"), ("pytest_antipasta", "hook"), ("pytest", "--antipasta-only"))
    for arguments in commands:
        done = environment.run(*arguments, cwd=project, PYTHONPATH=str(project / "variable"))
        assert done.returncode == 0, done.stdout + done.stderr
    assert not trace.exists()


def test_a_module_of_the_project_is_not_taken_for_an_extensions(
    environment: Environment, project: Path
) -> None:
    environment.install(PARAMETERS)
    (project / "example.py").write_text("raise SystemExit('executed')\n")
    done = environment.check(project)
    assert "\n    1:1  many  parameters (example) 3/2\n" in done.stdout
