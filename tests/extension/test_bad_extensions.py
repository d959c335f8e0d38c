"""Extensions that do what they must not: they are named, and cost nothing but their own numbers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

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


MEASURING = {
    "raises": ("raise KeyError('x')", "block", "parameters fails with KeyError: 'x'"),
    "exits": ("sys.exit(0)", "block", "parameters fails with SystemExit: 0"),
    "ends its process": ("os._exit(0)", "block", "it ended its process (0)"),
    "never comes back": ("while True: pass", "block", "it takes more than 1 s (file_timeout)"),
    "takes all memory": (
        "a = []\n    while True: a.append(bytes(1000000))", "block",
        "it takes more than 200 MB of memory (memory_limit_mb)",
    ),
    "gives NaN": ("return {'many': float('nan')}", "block", "nan in place of a finite number for many"),
    "gives text": ("return 'many'", "block", "str in place of numbers by qualified name"),
    "gives much text": ("return 'x' * 100_000_000", "file", "str in place of a finite number"),
    "gives a huge number": ("return 10 ** 30", "file", "huge int in place of a finite number"),
    "gives a truth value": ("return True", "file", "bool in place of a finite number"),
    "gives infinity": ("return float('inf')", "file", "inf in place of a finite number"),
    "knows other functions": ("return {'none': 1}", "block", "a number for 'none', which is no qualified"),
    "has a long story": ("raise ValueError('x' * 10_000_000)", "block", "fails with ValueError: xxx"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "scope", "expected"), MEASURING.values(), ids=MEASURING.keys())
def test_what_it_does_while_measuring(
    body: str, scope: str, expected: str, environment: Environment, project: Path
) -> None:
    environment.install(metric(body, scope))
    others = ("file_timeout = 1", "memory_limit_mb = 200")
    write_settings(project, '"example:parameters" = 2', others=others)
    done = environment.check(project)
    assert "a.py: not measured (extension): example 1.0: " in done.stdout
    assert expected in done.stdout
    assert len(done.stdout) < 5000
    assert done.returncode == 3
    (project / "a.py").write_text("def f(x):\n" + "    if x: pass\n" * 11)
    done = environment.check(project)
    assert "f: cyclomatic_complexity is 12, must be <= 10" in done.stdout
    assert done.returncode == 1


def test_another_extension_is_not_harmed(environment: Environment, project: Path) -> None:
    environment.install(metric("source.tree.body.clear(); os._exit(1)"), "a-bad-one")
    environment.install(PARAMETERS)
    done = environment.check(project, "--format", "json")
    (file,) = json.loads(done.stdout)["files"]
    assert [one["metric"] for one in file["violations"]] == ["example:parameters"]
    assert [one["message"] for one in file["missing"]] == ["a-bad-one 1.0: it ended its process (1)"]


def test_the_tree_is_its_own(environment: Environment, project: Path) -> None:
    environment.install(metric("source.tree.body.clear()\n    return {}"), "a-bad-one")
    environment.install(PARAMETERS)
    assert "many: example:parameters is 3" in environment.check(project).stdout


def test_what_it_prints_is_in_no_report(environment: Environment, project: Path) -> None:
    printing = "print('noise', flush=True); os.write(1, b'noise'); os.write(2, b'noise')"
    environment.install(f"print('noise')\n{metric(f'{printing}; return {{}}')}")
    done = environment.check(project, "--format", "json")
    assert json.loads(done.stdout)["files"][0]["status"] == "measured"


def test_one_that_ends_its_process_is_not_asked_again(environment: Environment, project: Path) -> None:
    environment.install(metric("os._exit(0)"))
    (project / "b.py").write_text("def b(): pass\n")
    done = environment.check(project)
    assert "1 file not measured by an extension" in done.stdout
    assert "extension example 1.0 is switched off for the rest of the run" in done.stdout


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
    assert "FAILED a.py::antipasta - example 1.0: parameters fails with ValueError" in done.stdout


def test_the_hook_names_it_and_blocks(environment: Environment, project: Path) -> None:
    environment.install(metric("raise ValueError"))
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    done = environment.run("pytest_antipasta", "hook", cwd=project)
    assert "example 1.0: parameters fails with ValueError" in done.stdout
    assert done.returncode == 3


LOADING = {
    "can't be imported": ("import nothing_of_that_name", "importing example fails with ModuleNotFoundError"),
    "exits": ("sys.exit(4)", "importing example fails with SystemExit: 4"),
    "raises in its hook": (
        "@hookimpl\ndef antipasta_metrics():\n    1 / 0", "antipasta_metrics fails with ZeroDivisionError"
    ),
    "gives anything": (
        "@hookimpl\ndef antipasta_metrics():\n    return ['x']",
        "antipasta_metrics gives str in place of Metric",
    ),
    "gives no list": (
        "@hookimpl\ndef antipasta_metrics():\n    return 5", "antipasta_metrics fails with TypeError"
    ),
    "answers another hook": (
        "@hookimpl\ndef antipasta_colours():\n    return []", "its hooks fails with PluginValidationError"
    ),
    "wants what there is not": (
        "@hookimpl\ndef antipasta_metrics(config):\n    return []",
        "registering example fails with PluginValidationError",
    ),
    "has a name twice": (
        metric("return {}").replace("return [Metric", "return 2 * [Metric"),
        "antipasta_metrics gives parameters twice",
    ),
    "has a strange name": (
        metric("return {}").replace('name="parameters"', 'name="Para meters"'),
        "metric 'Para meters': a name has a-z, 0-9, _",
    ),
    "claims a format of ours": (
        "@hookimpl\ndef antipasta_report_formats():\n    return [ReportFormat(name='sarif', write=print)]",
        "report format 'sarif': sarif is pytest-antipasta's own",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), LOADING.values(), ids=LOADING.keys())
def test_what_is_wrong_with_it_as_a_whole(
    source: str, expected: str, environment: Environment, project: Path
) -> None:
    environment.install(source)
    write_settings(project, '"example:parameters" = 2', "cyclomatic_complexity = 0")
    done = environment.check(project)
    assert "extension example 1.0 is switched off: " in done.stdout
    assert expected in done.stdout
    assert "2 violations" in done.stdout
    assert done.returncode == 1
    write_settings(project, '"example:parameters" = 2')
    assert environment.check(project).returncode == 3
    assert environment.run("pytest", "--antipasta-only", cwd=project).returncode == 3
    hook = environment.run("pytest_antipasta", "hook", cwd=project)
    assert "extension example 1.0 is switched off" in hook.stderr
    assert hook.returncode == 3


def test_one_for_another_version_says_so(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS, entry_points="[pytest_antipasta.v2]\nx = {module}\n")
    done = environment.check(project)
    assert "it is for pytest_antipasta.v2, and this pytest-antipasta has pytest_antipasta.v1" in done.stdout
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
    assert "extension second 1.0 is switched off: report format 'tsv' is one of first 1.0" in done.stderr


def test_a_limit_for_what_is_not_installed(environment: Environment, project: Path) -> None:
    done = environment.check(project)
    assert "example:parameters has a limit, and no extension example is installed" in done.stdout
    assert "no violations" in done.stdout
    assert done.returncode == 3


@pytest.mark.parametrize("name", ["example:paramters", "paramters"])
def test_a_limit_for_what_nobody_has_is_a_mistake(name: str, environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS)
    write_settings(project, f'"{name}" = 2')
    done = environment.check(project)
    assert "unknown metric" in done.stderr
    assert done.returncode == 2


def test_a_baseline_keeps_what_is_not_installed(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS)
    assert environment.run("pytest_antipasta", "baseline", "write", cwd=project).returncode == 0
    before = (project / "antipasta-baseline.json").read_text()
    environment.uninstall()
    assert environment.check(project).returncode == 3
    environment.run("pytest_antipasta", "baseline", "prune", cwd=project)
    assert (project / "antipasta-baseline.json").read_text() == before


def test_a_comment_about_what_is_not_installed_says_so(environment: Environment, project: Path) -> None:
    write_settings(project)
    (project / "a.py").write_text("def f(a):  # antipasta: ignore[example:parameters]\n    return a\n")
    done = environment.check(project)
    assert "example:parameters is of an extension that is not installed" in done.stdout


@pytest.mark.parametrize("place", ["the current folder", "PYTHONPATH", "pythonpath"])
def test_a_repository_brings_none(place: str, environment: Environment, project: Path) -> None:
    """Its metadata looks as if it was installed, and its module would leave a trace."""
    trace = project / "trace"
    (project / "evil.py").write_text(f"open({str(trace)!r}, 'w')\n")
    write_metadata(project, "evil", "1.0", "[pytest_antipasta.v1]\nevil = evil\n")
    options = "[tool.pytest.ini_options]\npythonpath = ['.']\n" if place == "pythonpath" else ""
    (project / "pyproject.toml").write_text(options)
    variables = {"PYTHONPATH": str(project)} if place == "PYTHONPATH" else {}
    commands = (("pytest_antipasta", "check"), ("pytest_antipasta", "hook"), ("pytest", "--antipasta-only"))
    for arguments in commands:
        done = environment.run(*arguments, cwd=project, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not trace.exists()


def test_a_module_of_the_project_is_not_taken_for_an_extensions(
    environment: Environment, project: Path
) -> None:
    environment.install(PARAMETERS)
    (project / "example.py").write_text("raise SystemExit('executed')\n")
    done = environment.check(project)
    assert "many: example:parameters is 3" in done.stdout
