"""``hooks install``, ``uninstall`` and ``status``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import msgspec
import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from pytest_antipasta.setup.git_hooks import list_notes
from tests.conftest import Program, Repository
from tests.windows import NEEDS_SCRIPTS, NEEDS_SIGNALS, NOT_ON_WINDOWS

BAD = "def f(a):\n" + "".join(f"    if a == {number}: a += 1\n" for number in range(20))
FOREIGN = "#!/bin/sh\necho foreign\n"
IN_SHELL = "add the line `pytest-antipasta hook || exit 1` to it, above a final `exec` or `exit`"


@pytest.fixture(autouse=True)
def _here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path)
    # Git itself, and nothing of ours.
    git = shutil.which("git")
    assert git
    monkeypatch.setenv("PATH", os.defpath + os.pathsep + str(Path(git).parent))


def folder(repository: Repository) -> Path:
    """Return git's folder of hooks."""
    return repository.path / ".git" / "hooks"


def scripts(repository: Repository) -> list[str]:
    """Return what is in it besides git's samples."""
    return sorted(path.name for path in folder(repository).iterdir() if path.suffix != ".sample")


def write_foreign(repository: Repository, text: str = FOREIGN, name: str = "pre-commit") -> Path:
    """Write a hook that is not ours."""
    file = folder(repository) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def describe_ignored(file: Path) -> str:
    place = file.as_posix()
    return f"warning: git ignores {place}, as it is not executable; `chmod +x {place}` fixes it"


def commit(repository: Repository, cwd: str | Path = ".") -> tuple[int, str]:
    """Commit with hooks."""
    done = subprocess.run(
        ["git", "commit", "--allow-empty", "--quiet", "-m", "m"],
        cwd=repository.path / cwd,
        capture_output=True,
        check=False,
    )
    return done.returncode, os.fsdecode(done.stderr)


def stage(repository: Repository, name: str, text: str) -> None:
    """Stage a file."""
    (repository.path / name).write_text(text)
    repository.git("add", name)


def test_installing_twice_is_the_same(repository: Repository) -> None:
    assert main(["hooks", "install"]) == main(["hooks", "install"]) == 0
    assert scripts(repository) == ["pre-commit"]
    assert main(["hooks", "uninstall"]) == 0
    assert scripts(repository) == []


def test_a_dry_run_changes_no_hook(
    repository: Repository, capsys: pytest.CaptureFixture[str], program: Program
) -> None:
    place = folder(repository) / "pre-commit"
    assert (
        program("hooks", "install", "--dry-run").out
        == f"pre-commit: would be installed as {place.as_posix()}\n"
    )
    assert scripts(repository) == []
    write_foreign(repository)
    assert "was not written by pytest-antipasta" in program("hooks", "install", "--dry-run", code=2).err
    assert main(["hooks", "install", "--dry-run", "--force"]) == 0
    assert place.read_text() == FOREIGN
    assert main(["hooks", "install", "--force"]) == 0
    before = scripts(repository)
    capsys.readouterr()
    said = program("hooks", "uninstall", "--dry-run", "--type", "pre-commit").out
    assert said == "pre-commit: would be removed; the previous script would be restored\n"
    assert scripts(repository) == before


@pytest.mark.parametrize("folders", ["", os.pathsep, "."])
def test_modules_of_the_repository_are_not_imported(
    repository: Repository, folders: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", folders)
    for name in ("ast", "git", "argparse", "pytest_antipasta", "msgspec"):
        stage(repository, f"{name}.py", "raise SystemExit('imported')\n")
    assert main(["hooks", "install"]) == 0
    assert commit(repository) == (0, "")


@NEEDS_SIGNALS
def test_ctrl_c_before_our_modules_are_imported_shows_no_traceback(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["hooks", "install"])
    begin = "import os, signal, sys\nsys.addaudithook(lambda name, args: name == 'import' and args[0] == "
    end = "'pytest_antipasta.cli' and os.kill(os.getpid(), signal.SIGINT))\n"
    (tmp_path / "sitecustomize.py").write_text(begin + end)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run([folder(repository) / "pre-commit"], capture_output=True)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_a_push_is_judged(repository: Repository, tmp_path: Path) -> None:
    repository.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    assert main(["hooks", "install", "--type", "pre-push"]) == 0
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 0
    done = subprocess.run(["git", "push", str(tmp_path / "server"), "main"], capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert b"1  f  cyclomatic 21/10" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        pytest.param(FOREIGN, IN_SHELL, id="a script"),
        pytest.param("make\n", IN_SHELL, id="without a program"),
        pytest.param(
            "#!/usr/bin/env -S bash -e\nmake\n",
            IN_SHELL,
            id="of another shell",
        ),
        pytest.param(
            "#!/home/josh/bin/python3\nprint()\n",
            "have it run `pytest-antipasta hook`, and exit with 1 if that does not exit with 0",
            id="of another program",
        ),
        pytest.param(
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
            "add the id `antipasta` (stage pre-commit) to .pre-commit-config.yaml",
            id="pre-commit's",
        ),
        pytest.param(
            '#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n',
            "add the line `pytest-antipasta hook` to .husky/pre-commit",
            id="husky's",
        ),
        pytest.param(
            '#!/usr/bin/env sh\n. "$(dirname "$0")/h"',
            "add the line `pytest-antipasta hook` to .husky/pre-commit",
            id="that of husky 9",
        ),
        pytest.param(
            '#!/bin/sh\nexec lefthook run "pre-commit" "$@"',
            "in the settings of lefthook, add the command `pytest-antipasta hook` to pre-commit",
            id="lefthook's",
        ),
        pytest.param(
            '#!/bin/sh\n[ "$SKIP_SIMPLE_GIT_HOOKS" = "1" ] && exit 0\nmake',
            "in the settings of simple-git-hooks, add `&& pytest-antipasta hook` to pre-commit",
            id="that of simple-git-hooks",
        ),
    ],
)
def test_another_hook_is_not_overwritten(
    repository: Repository, text: str, advice: str, program: Program
) -> None:
    place = folder(repository)
    if "husky/" in advice:
        place = repository.path / (".husky/_" if text.endswith('h"') else ".husky")
        repository.git("config", "core.hooksPath", str(place))
    place.mkdir(parents=True, exist_ok=True)
    file = write_foreign(repository, text, str(place / "pre-commit"))
    error = program("hooks", "install", code=2).err
    assert error.startswith(
        f"error: {file.as_posix()} was not written by pytest-antipasta: {advice}, or use --force"
    )
    assert file.read_text() == text
    assert "pre-commit: not ours, left as it is\n" in program("hooks", "uninstall").out
    assert file.read_text() == text


def test_a_script_that_pre_commit_found_and_runs_is_installed(
    repository: Repository, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    config = "repos: [{repo: local, hooks: [{id: x, name: x, entry: 'true', language: system}]}]"
    stage(repository, ".pre-commit-config.yaml", config)
    program("hooks", "install")
    subprocess.run(["prek", "install"], cwd=repository.path, check=True, capture_output=True)
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 1
    runs = f"{folder(repository).as_posix()}/pre-commit.legacy runs `pytest-antipasta hook`"
    status = ("hooks", "status", "--type", "pre-commit")
    assert program(*status).out == f"pre-commit: installed, as {runs}\n"
    assert f"\npre-commit: not ours, left as it is; {runs}\n" in f"\n{program('hooks', 'uninstall').out}"
    stage(repository, ".pre-commit-config.yaml", config.replace("id: x", "id: antipasta"))
    assert program(*status).out.splitlines() == [
        "pre-commit: installed by prek, as .pre-commit-config.yaml has our hook",
        f"note: it runs twice, as {runs}",
    ]
    stage(repository, ".pre-commit-config.yaml", config)
    legacy = folder(repository) / "pre-commit.legacy"
    if os.name == "posix":
        legacy.chmod(0o644)
        assert commit(repository)[0] == 0
    else:
        legacy.unlink()
    assert "not installed because another script exists" in program(*status).out


@pytest.mark.parametrize("husky", ["", ".husky/_"])
def test_once_another_script_has_the_line_the_hook_is_installed(
    repository: Repository, husky: str, program: Program
) -> None:
    place = repository.path / husky if husky else folder(repository)
    place.mkdir(parents=True, exist_ok=True)
    repository.git("config", "core.hooksPath", str(place))
    file = write_foreign(repository, '#!/bin/sh\n. "$(dirname "$0")/h"\n', str(place / "pre-commit"))
    status = ("hooks", "status", "--type", "pre-commit")
    assert "not installed" in program(*status).out
    if husky:
        file = write_foreign(repository, "npx lint-staged\n", str(place.parent / "pre-commit"))
        assert "not installed" in program(*status).out
    file.write_text(f"{file.read_text()}  # pytest-antipasta hook\n")
    assert "not installed" in program(*status).out
    file.write_text(f"{file.read_text()}pytest-antipasta hook\n")
    assert (
        program(*status).out == f"pre-commit: installed, as {file.as_posix()} runs `pytest-antipasta hook`\n"
    )
    assert (
        f"{file.as_posix()} already runs `pytest-antipasta hook`\n" in program("hooks", "install", code=2).err
    )


@NEEDS_SCRIPTS
def test_a_script_that_lets_everything_pass_is_reported(repository: Repository, program: Program) -> None:
    status = ("hooks", "status", "--type", "pre-commit")
    file = write_foreign(repository, "#!/bin/sh\npytest-antipasta hook\necho done\n")
    runs = "runs `pytest-antipasta hook`"
    ignores = "the script ignores its exit code: write `pytest-antipasta hook || exit 1`"
    already = f"{file.as_posix()} already {runs}, but {ignores}"
    assert program(*status).out.splitlines() == [
        f"pre-commit: installed, as {file.as_posix()} {runs}",
        f"warning: {ignores}",
    ]
    assert f": {already}\n" in program("hooks", "install", code=2).err
    assert f"\ncommit hook: {already}\n" in program("config", "init", "--yes", "--hook").out
    file.write_text("#!/bin/sh\npytest-antipasta hook || exit 1\necho done\n")
    assert program(*status).out == f"pre-commit: installed, as {file.as_posix()} {runs}\n"
    file.chmod(0o644)
    assert program(*status).out.splitlines()[1:] == [describe_ignored(file)]


@NEEDS_SCRIPTS
def test_so_is_one_of_pre_commit_that_git_ignores(
    repository: Repository, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    stage(
        repository,
        ".pre-commit-config.yaml",
        "repos: [{repo: local, hooks: [{id: antipasta, name: x, entry: x, language: system}]}]",
    )
    subprocess.run(["pre-commit", "install"], cwd=repository.path, check=True, capture_output=True)
    file = folder(repository) / "pre-commit"
    file.chmod(0o644)
    assert program("hooks", "status", "--type", "pre-commit").out.splitlines() == [
        "pre-commit: installed by pre-commit, as .pre-commit-config.yaml has our hook",
        describe_ignored(file),
    ]


def test_another_script_may_have_options_before_the_purpose(repository: Repository, program: Program) -> None:
    line = 'test $# = 2 && pytest-antipasta hook --jobs 1 --push "$@" || exit 1\n'
    for name in ("pre-commit", "pre-push"):
        write_foreign(repository, f"#!/bin/sh\n{line}", name)
    commits, pushes = program("hooks", "status").out.splitlines()
    assert commits.startswith("pre-commit: not installed because another script exists")
    assert pushes.startswith("pre-push: installed, as ")
    assert pushes.endswith("/pre-push runs `pytest-antipasta hook --push`")


def git_runs_settings() -> bool:
    """Return whether git runs hooks of its settings, as it does since 2.54."""
    return subprocess.run(["git", "hook", "list", "pre-commit"], capture_output=True).returncode == 0


def configure(repository: Repository, name: str, command: str) -> None:
    """Have git run a command before each commit, by its settings."""
    repository.git("config", f"hook.{name}.event", "pre-commit")
    repository.git("config", f"hook.{name}.command", command)


def test_a_hook_of_git_s_settings_is_installed_if_git_runs_it(
    repository: Repository, program: Program
) -> None:
    """An older git ignores these settings."""
    configure(repository, "Our One", "pytest-antipasta hook")
    status = ("hooks", "status", "--type", "pre-commit")
    runs = "hook.Our One.command in git's settings{} runs `pytest-antipasta hook`"
    absent = "pre-commit: not installed\n"
    is_run = git_runs_settings()
    assert program(*status).out == (f"pre-commit: installed, as {runs.format('')}\n" if is_run else absent)
    assert program("hooks", "uninstall").out.startswith(
        f"pre-commit: not ours, left as it is; {runs.format('')}\n" if is_run else absent
    )
    said = program("hooks", "install", code=2 if is_run else 0)
    assert (f"would be a second hook: {runs.format(' already')}; use --force" in said.err) == is_run
    program("hooks", "install", "--force")
    installed, *second = program(*status).out.splitlines()
    assert installed.startswith("pre-commit: installed as ")
    assert second == ([f"note: it runs twice, as {runs.format('')}"] if is_run else [])
    program("hooks", "uninstall")
    repository.git("config", "hook.Our One.enabled", "false")
    assert program(*status).out == absent


def test_a_hook_that_prek_runs_by_git_s_settings_is_not_installed_besides(
    repository: Repository, program: Program
) -> None:
    config = ".pre-commit-config.yaml"
    (repository.path / config).write_text("repos: [{repo: x, rev: y, hooks: [{id: antipasta}]}]\n")
    configure(repository, "checks", "/opt/bin/prek hook-impl --hook-type pre-commit --")
    is_run = git_runs_settings()
    status = ("hooks", "status", "--type", "pre-commit")
    assert program(*status).out == (
        f"pre-commit: installed by prek, as {config} has our hook\n"
        if is_run
        else f"pre-commit: not installed; run `pre-commit install`, as {config} has our hook\n"
    )
    said = program("hooks", "install", code=2).err
    assert ("prek runs; use --force to install a script that runs besides" in said) == is_run
    script = write_foreign(repository)
    said = program("hooks", "install", code=2).err
    assert ("prek runs; use --force to replace the script that exists" in said) == is_run
    script.unlink()
    for other in ("hk run pre-commit --from-hook", "lefthook run pre-commit", "hk-pre-commit run"):
        configure(repository, "checks", other)
        assert "not installed; run `pre-commit install`" in program(*status).out, other
    configure(repository, "checks", "'/opt/my bin/prek' hook-impl --hook-type pre-commit --")
    assert ("installed by prek" in program(*status).out) == is_run


@pytest.mark.parametrize(
    ("started", "name", "settings"),
    [
        pytest.param(
            'lefthook run "pre-commit" "$@"',
            "lefthook.yml",
            "{kind}:\n  commands:\n    a:\n      run: {command}\n",
            id="lefthook",
        ),
        pytest.param(
            "lefthook run pre-commit",
            ".config/lefthook.toml",
            '[{kind}.commands.a]\nrun = "{command}"\n',
            id="lefthook in a folder of settings",
        ),
        pytest.param(
            "npx lint-staged",
            "package.json",
            '{{"lint-staged": {{"*.py": "{command}"}}}}',
            id="lint-staged",
        ),
    ],
)
def test_a_program_that_a_script_starts_runs_the_hook_by_its_settings(
    repository: Repository, program: Program, started: str, name: str, settings: str
) -> None:
    script = write_foreign(repository, f"#!/bin/sh\n{started}\n")
    status = ("hooks", "status", "--type", "pre-commit")
    file = repository.path / name
    file.parent.mkdir(exist_ok=True)
    for command in (
        "pytest-antipasta hook --push",
        "pytest-antipasta hooks status",
        "pytest-antipasta check",
    ):
        file.write_text(settings.format(kind="pre-push", command=command))
        assert "not installed" in program(*status).out, command
    file.write_text(settings.format(kind="pre-commit", command="uv run pytest-antipasta hook --jobs 1"))
    runs = f"{file.as_posix()} runs `pytest-antipasta hook`"
    assert program(*status).out == f"pre-commit: installed, as {runs}\n"
    said = program("hooks", "install", code=2)
    assert f": {runs.replace(' runs', ' already runs')}\n" in said.err
    assert (
        f"\ncommit hook: {runs.replace(' runs', ' already runs')}\n"
        in program("config", "init", "--yes", "--hook").out
    )
    write_foreign(repository, "#!/bin/sh\nmake\n")
    assert "not installed" in program(*status).out, "nothing starts it"
    assert script.is_file()


def test_lefthook_needs_a_setting_to_hand_over_what_is_pushed(
    repository: Repository, program: Program
) -> None:
    write_foreign(repository, "#!/bin/sh\nlefthook run pre-push\n", "pre-push")
    said = program("hooks", "install", "--type", "pre-push", code=2)
    assert "add the command `pytest-antipasta hook --push` to pre-push with `use_stdin: true`, or" in said.err


@NOT_ON_WINDOWS
def test_another_script_gets_the_refs_that_are_pushed_too(
    repository: Repository, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    loop = "while read name rest; do echo $name > seen; done\nexit 0\n"
    script = write_foreign(repository, f"#!/bin/sh\n{loop}", "pre-push")
    said = program("hooks", "install", "--type", "pre-push", code=2).err
    line, other = re.findall("`(.*?)`", said)
    before = other.removesuffix('git lfs pre-push "$@"')
    assert before != other
    script.write_text(f"#!/bin/sh\n{line}\n{before}{loop}")
    stage(repository, "a.py", "a = 1\n")
    assert commit(repository)[0] == 0
    push = ["git", "push", str(tmp_path / "server"), "main"]
    repository.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    assert subprocess.run(push, capture_output=True, check=False).returncode == 0
    assert (repository.path / "seen").read_text() == "refs/heads/main\n"
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 0
    assert subprocess.run(push, capture_output=True, check=False).returncode == 1


@NOT_ON_WINDOWS
@pytest.mark.parametrize("husky", [False, True], ids=["git", "husky 9"])
def test_git_lfs_gets_the_refs_that_are_pushed_too(
    repository: Repository, tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch, husky: bool
) -> None:
    """Its own script, with a program of its name that writes its standard input to a file."""
    lfs = tmp_path / "git-lfs"
    lfs.write_text("#!/bin/sh\ncat > seen\n")
    lfs.chmod(0o755)
    for path in (Path(sys.executable).parent, tmp_path):
        monkeypatch.setenv("PATH", str(path), prepend=os.pathsep)
    repository.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    script = write_foreign(repository, '#!/bin/sh\ngit lfs pre-push "$@"\n', "pre-push")
    if husky:
        started = repository.path / ".husky" / "_" / "pre-push"
        started.parent.mkdir(parents=True)
        repository.git("config", "core.hooksPath", str(started.parent))
        script = script.rename(started.parents[1] / "pre-push")
        write_foreign(repository, '#!/bin/sh\nsh -e "$(dirname "$0")/../pre-push" "$@"\n', str(started))
    said = program("hooks", "install", "--type", "pre-push", code=2)
    assert f"` at the top of {'.husky/pre-push' if husky else 'it'}, and pass" in said.err
    top, rest = re.findall("`(.*?)`", said.err)
    script.write_text(f"#!/bin/sh\n{top}\n{rest}\n")
    push = ["git", "push", str(tmp_path / "server"), "main"]
    stage(repository, "a.py", "a = 1\n")
    assert commit(repository)[0] == 0
    assert subprocess.run(push, capture_output=True, check=False).returncode == 0
    assert (repository.path / "seen").read_text().startswith("refs/heads/main ")
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 0
    done = subprocess.run(push, capture_output=True, check=False)
    assert (done.returncode, b"blocked by pytest-antipasta" in done.stdout + done.stderr) == (1, True)


def test_the_hook_of_pre_commit_for_pushes_has_an_id_of_its_own(
    repository: Repository, program: Program
) -> None:
    file = write_foreign(repository, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    file.rename(file.with_name("pre-push"))
    said = program("hooks", "install", "--type", "pre-push", code=2)
    assert "add the id `antipasta-push` (stage pre-push) to .pre-commit-config.yaml" in said.err


def test_a_hook_that_pre_commit_runs_is_not_installed_besides(
    repository: Repository, program: Program
) -> None:
    config = ".pre-commit-config.yaml"
    hooks = "[{id: antipasta-full}, {id: antipasta-push}]"
    (repository.path / config).write_text(f"repos: [{{repo: x, rev: y, hooks: {hooks}}}]\n")
    assert program("hooks", "status").out.splitlines() == [
        f"pre-commit: not installed; run `pre-commit install`, as {config} has our hook",
        f"pre-push: not installed; run `pre-commit install --hook-type pre-push`, as {config} has our hook",
    ]
    said = program("hooks", "install", code=2)
    assert f"error: {config} already has our hook; run `pre-commit install`, " in said.err
    for installer in ("pre-commit", "prek"):
        write_foreign(repository, f"#!/bin/sh\n# File generated by {installer}: https://pre-commit.com\n")
        of_commits, of_pushes = program("hooks", "status").out.splitlines()
        assert of_commits == f"pre-commit: installed by {installer}, as {config} has our hook"
        command = f"`{installer} install --hook-type pre-push`"
        assert of_pushes == f"pre-push: not installed; run {command}, as {config} has our hook"
        said = program("hooks", "install", code=2)
        assert f"{config} already has our hook, which {installer} runs; --force would replace" in said.err
    write_foreign(repository)
    said = program("hooks", "install", code=2)
    assert "run `pre-commit install`, or use --force to replace the script that exists\n" in said.err


@pytest.mark.parametrize(
    ("hook", "kinds"),
    [
        pytest.param(
            "id: x, entry: uv run pytest-antipasta hook --jobs 1, stages: [pre-commit]",
            ["pre-commit"],
            id="for commits",
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook, stages: [pre-push]", ["pre-push"], id="for pushes"
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook, stages: [commit]", ["pre-commit"], id="an older name"
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook", ["pre-commit", "pre-push"], id="for all without stages"
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook, stages: 5", ["pre-commit", "pre-push"], id="invalid stages"
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta, args: [hook], stages: [pre-commit]", ["pre-commit"], id="in args"
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook, stages: [pre-commit, pre-push]",
            ["pre-commit", "pre-push"],
            id="for both",
        ),
        pytest.param(
            "id: x, entry: sh -c 'test $# = 0 || pytest-antipasta hook', stages: [pre-commit]",
            ["pre-commit"],
            id="behind a variable of the shell",
        ),
        pytest.param(
            "id: x, entry: pytest-antipasta hook --push", ["pre-push"], id="for pushes in all stages"
        ),
        pytest.param("id: antipasta, entry: x, stages: [manual]", [], id="our id in another stage"),
        pytest.param("id: antipasta, entry: x, stages: [pre-push]", ["pre-push"], id="our id for pushes"),
        pytest.param("id: x, entry: pytest-antipasta hooks status", [], id="another command of ours"),
        pytest.param("id: x, entry: 'true'", [], id="another program"),
    ],
)
def test_a_local_hook_of_pre_commit_may_have_any_id(
    repository: Repository, program: Program, hook: str, kinds: list[str]
) -> None:
    config = repository.path / ".pre-commit-config.yaml"
    config.write_text(f"repos: [{{repo: local, hooks: [{{{hook}, name: x, language: system}}]}}]\n")
    for kind in ("pre-commit", "pre-push"):
        has_ours = f", as {config.name} has our hook\n" in program("hooks", "status", "--type", kind).out
        assert has_ours == (kind in kinds), kind
    said = program("config", "init", "--yes", "--hook").out
    assert ("commit hook: already in .pre-commit-config.yaml\n" in said) == ("pre-commit" in kinds)


@pytest.mark.parametrize(
    ("hook", "default"),
    [
        pytest.param({"id": "x"}, ["pre-push"], id="those of all"),
        pytest.param({"id": "antipasta"}, ["pre-push"], id="those of all, with our id"),
        pytest.param({"id": "antipasta-push"}, None, id="in every stage"),
        pytest.param({"id": "antipasta", "stages": ["pre-push"]}, None, id="its own"),
        pytest.param({"id": "antipasta-push", "stages": ["pre-commit"]}, ["pre-push"], id="its own first"),
    ],
)
def test_a_local_hook_is_run_in_its_stages(
    repository: Repository,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    hook: dict[str, object],
    default: list[str] | None,
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    hook = {"name": "x", "entry": "pytest-antipasta hook", "language": "system", **hook}
    settings: dict[str, object] = {"repos": [{"repo": "local", "hooks": [hook]}]}
    if default:
        settings["default_stages"] = default
    stage(repository, ".pre-commit-config.yaml", msgspec.json.encode(settings).decode())
    stage(repository, "a.py", BAD)
    for kind in ("pre-commit", "pre-push"):
        command = ["prek", "run", "--hook-stage", kind, "--files", "a.py"]
        is_run = subprocess.run(command, cwd=repository.path, capture_output=True).returncode == 1
        told = program("hooks", "status", "--type", kind).out
        assert ("as .pre-commit-config.yaml has our hook" in told) == is_run, kind


@pytest.mark.parametrize(
    ("hook", "kind"),
    [
        ("id: antipasta", "pre-commit"),
        ("id: antipasta, args: [--jobs, '2']", "pre-commit"),
        ("id: antipasta-push", "pre-push"),
        ("id: antipasta, stages: [pre-push]", "pre-push"),
    ],
)
def test_a_hook_of_our_manifest_has_stages_before_those_of_all(
    repository: Repository, program: Program, hook: str, kind: str
) -> None:
    config = repository.path / ".pre-commit-config.yaml"
    for default in ("pre-commit", "pre-push"):
        config.write_text(f"default_stages: [{default}]\nrepos: [{{repo: x, rev: y, hooks: [{{{hook}}}]}}]\n")
        lines = program("hooks", "status").out.splitlines()
        assert [line.partition(":")[0] for line in lines if line.endswith("has our hook")] == [kind]


def test_settings_that_only_prek_reads_are_prek_s(repository: Repository, program: Program) -> None:
    config = ".pre-commit-config.yml"
    (repository.path / config).write_text("repos: [{repo: x, rev: y, hooks: [{id: antipasta}]}]\n")
    status = ("hooks", "status", "--type", "pre-commit")
    assert (
        program(*status).out == f"pre-commit: not installed; run `prek install`, as {config} has our hook\n"
    )
    write_foreign(repository, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    assert program(*status).out.startswith("pre-commit: not installed because another script exists, ")


@pytest.mark.parametrize(("kind", "name"), [("pre-commit", "antipasta"), ("pre-push", "antipasta-push")])
def test_where_pre_commit_runs_others_its_id_is_named(
    repository: Repository, program: Program, kind: str, name: str
) -> None:
    (repository.path / ".pre-commit-config.yaml").write_text(
        "repos: [{repo: x, rev: y, hooks: [{id: ruff}]}]\n"
    )
    assert program("hooks", "install", "--type", kind).out.splitlines() == [
        f"{kind}: installed as {(folder(repository) / kind).as_posix()}",
        f"note: to have pre-commit run it instead, add the id `{name}` to .pre-commit-config.yaml",
    ]


TRIED = """\
[[repos]]
repo = "x"
rev = "y"
hooks = [
  {{ id = "{}" }},
]
"""
"""What `prek try-repo` prints."""


def test_a_hook_that_prek_runs_is_not_installed_besides(repository: Repository, program: Program) -> None:
    (repository.path / "prek.toml").write_text(TRIED.format("antipasta"))
    (repository.path / ".pre-commit-config.yaml").write_text("repos: []\n")  # not read by prek, then
    status = ("hooks", "status", "--type", "pre-commit")
    assert (
        program(*status).out == "pre-commit: not installed; run `prek install`, as prek.toml has our hook\n"
    )
    said = program("hooks", "install", code=2)
    assert "error: prek.toml already has our hook; run `prek install`, " in said.err
    write_foreign(repository, "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n")
    assert program(*status).out == "pre-commit: installed by prek, as prek.toml has our hook\n"
    write_foreign(repository, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    assert program(*status).out.startswith("pre-commit: not installed because another script exists, ")


def test_a_project_of_a_workspace_of_prek_has_settings_of_its_own(
    repository: Repository, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.path / "prek.toml").write_text("repos = []\n")
    source = repository.path / "back" / "src"
    source.mkdir(parents=True)
    text = '[[repos]]\nrepo = "x"\nrev = "y"\nhooks = [{id = "antipasta"}]\n'
    (repository.path / "back" / "prek.toml").write_text(text)
    write_foreign(repository, "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n")
    status = ("hooks", "status", "--type", "pre-commit")
    assert "not installed" in program(*status).out, "not for the files at the top"
    monkeypatch.chdir(source)
    told = "pre-commit: installed by prek, as back/prek.toml has our hook\n"
    assert program(*status).out == told
    write_foreign(repository, "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n")
    assert "not installed" in program(*status).out, "pre-commit reads the settings at the top alone"


def test_where_prek_runs_others_its_id_is_named(repository: Repository, program: Program) -> None:
    (repository.path / "prek.toml").write_text(TRIED.format("ruff"))
    note = "note: to have prek run it instead, add the id `antipasta` to prek.toml\n"
    assert program("hooks", "install").out.endswith(note)


@NOT_ON_WINDOWS
def test_a_line_of_another_program_in_our_script_runs_until_it_is_written_again(
    repository: Repository, program: Program
) -> None:
    program("hooks", "install")
    script = folder(repository) / "pre-commit"
    ours = script.read_text()
    assert "goes above `exec`; `hooks install` and `hooks uninstall` remove it.\n" in ours
    script.write_text(re.sub("^(?=if )", "touch ran\n", ours, count=1, flags=re.MULTILINE))
    assert commit(repository)[0] == 0
    assert (repository.path / "ran").exists()
    program("hooks", "install")
    assert script.read_text() == ours


def test_by_force_it_is_kept_aside_and_comes_back(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kept = write_foreign(repository), folder(repository) / "pre-commit.before-antipasta"
    assert main(["hooks", "install", "--force", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        f"pre-commit: would be installed as {file.as_posix()}\n"
        f"note: the previous script would be kept as {kept.as_posix()}, which git does not run\n"
    )
    assert main(["hooks", "install", "--force"]) == 0
    assert capsys.readouterr().out == (
        f"pre-commit: installed as {file.as_posix()}\n"
        f"note: the previous script is kept as {kept.as_posix()}, which git does not run\n"
    )
    assert kept.read_text() == FOREIGN
    assert main(["hooks", "install", "--force"]) == 0, "ours again, nothing to put aside"
    assert "previous" not in capsys.readouterr().out
    assert main(["hooks", "uninstall"]) == 0
    assert "pre-commit: removed; the previous script is restored\n" in capsys.readouterr().out
    assert file.read_text() == FOREIGN
    assert os.access(file, os.X_OK)
    assert scripts(repository) == ["pre-commit"]


def test_status_lists_all_hooks_beside_invalid_settings(repository: Repository, program: Program) -> None:
    (repository.path / "pyproject.toml").write_text("[tool.pytest-antipasta")
    file = write_foreign(repository)
    assert program("hooks", "status").out.splitlines() == [
        f"pre-commit: not installed because another script exists, {file.as_posix()}: {IN_SHELL}, or use "
        "--force, which renames it to pre-commit.before-antipasta",
        "pre-push: not installed",
    ]


def test_what_is_aside_is_not_lost(repository: Repository, program: Program) -> None:
    aside = write_foreign(repository, name="pre-commit.before-antipasta")
    write_foreign(repository, "#!/bin/sh\n")
    assert "pre-commit.before-antipasta already exists" in program("hooks", "install", "--force", code=2).err
    assert aside.read_text() == FOREIGN


def test_status(repository: Repository, capsys: pytest.CaptureFixture[str], program: Program) -> None:
    main(["hooks", "install"])
    write_foreign(repository, name="pre-push")
    capsys.readouterr()
    first, second = program("hooks", "status").out.splitlines()
    assert first.startswith(
        f"pre-commit: installed as {(folder(repository) / 'pre-commit').as_posix()}, runs "
    )
    assert second.startswith(
        "pre-push: not installed because another script exists, "
        f"{(folder(repository) / 'pre-push').as_posix()}: add the"
    )
    program("hooks", "uninstall")
    assert program("hooks", "status", "--type", "pre-commit").out == "pre-commit: not installed\n"
    assert program("hooks", "uninstall", "--type", "pre-commit").out == "pre-commit: not installed\n"


@pytest.mark.skipif(os.name == "nt", reason="all files are executable")
def test_a_script_that_git_ignores_is_not_said_to_run(repository: Repository, program: Program) -> None:
    program("hooks", "install")
    (script := folder(repository) / "pre-commit").chmod(0o644)
    assert program("hooks", "status", "--type", "pre-commit").out == (
        f"pre-commit: installed as {script.as_posix()}, but it is not executable, so git ignores it; "
        "`pytest-antipasta hooks install --type pre-commit` fixes it\n"
    )
    program("hooks", "install", "--type", "pre-commit")
    assert commit(repository)[0] == 0
    assert ", runs " in program("hooks", "status").out


@pytest.mark.parametrize("path", [pytest.param("tools/hooks", marks=pytest.mark.slow), "/{}/shared"])
def test_a_hooks_path_of_the_users(
    repository: Repository, tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = path.format(tmp_path)
    repository.git("config", "core.hooksPath", path)
    (repository.path / "sub").mkdir()
    os.chdir("sub")
    assert main(["hooks", "install"]) == 2
    file = repository.path / path / "pre-commit"
    assert not file.parent.exists()
    said = capsys.readouterr().err
    assert said.startswith(f"error: {file.as_posix()} is in the folder set by core.hooksPath: ")
    assert "use --force, or add `pytest-antipasta hook || exit 1` to its hook" in said
    assert main(["hooks", "install", "--force"]) == main(["hooks", "install"]) == 0
    assert file.exists()
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 1
    assert main(["hooks", "uninstall"]) == 0
    assert commit(repository)[0] == 0


@NOT_ON_WINDOWS
def test_a_hooks_path_that_switches_hooks_off_is_no_folder(repository: Repository, program: Program) -> None:
    repository.git("config", "core.hooksPath", "/dev/null")
    no_folder = "is not a folder, so git runs no hooks"
    for words in (["install"], ["install", "--force"]):
        said = program("hooks", *words, code=2).err
        assert said == f"error: /dev/null {no_folder}; change or unset core.hooksPath, which names it\n"
    repository.git("config", "--unset", "core.hooksPath")
    shutil.rmtree(folder(repository))
    folder(repository).touch()
    assert program("hooks", "install", code=2).err == f"error: {folder(repository).as_posix()} {no_folder}\n"


@pytest.mark.parametrize("path", [".git/hooks", "{}/.git/../.git/hooks"])
def test_a_hooks_path_that_is_git_s_own_is_none(repository: Repository, path: str) -> None:
    repository.git("config", "core.hooksPath", path.format(repository.path))
    assert main(["hooks", "install"]) == 0
    assert scripts(repository) == ["pre-commit"]


def test_settings_are_not_written_for_a_hook_that_needs_force(
    repository: Repository, program: Program
) -> None:
    repository.git("config", "core.hooksPath", "tools")
    said = program("config", "init", "--yes", "--hook", code=2)
    assert "tools/pre-commit is in the folder set by core.hooksPath; omit --hook " in said.err
    assert os.listdir(repository.path) == [".git"]


@pytest.mark.slow
def test_a_linked_worktree_has_the_hooks_of_its_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository)
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")
    assert main(["hooks", "install"]) == 0
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 1


class Environment:
    """A virtual environment that has what this one has, until it is taken away."""

    def __init__(self, path: Path) -> None:
        """Create it, and install the hook with it."""
        self.path = path
        venv.create(path, with_pip=False, symlinks=os.name != "nt")
        (self.packages,) = path.rglob("site-packages")
        self.package = Path(
            shutil.copytree(Path(pytest_antipasta.__file__).parent, self.packages / "pytest_antipasta")
        )
        self.link = self.packages / "others.pth"
        self.link.write_text(str(Path(msgspec.__file__).parents[1]))
        (python,) = path.rglob("python") if os.name != "nt" else path.rglob("python.exe")
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        command = [str(python), "-m", "pytest_antipasta", "hooks", "install"]
        subprocess.run(command, env=own, check=True)


@pytest.fixture
def environment(repository: Repository, tmp_path: Path) -> Environment:
    """An environment whose hook has judged a commit."""
    environment = Environment(tmp_path / "it's an environment")
    stage(repository, "a.py", BAD)
    assert commit(repository)[0] == 1
    return environment


@pytest.mark.slow
@pytest.mark.parametrize("part", ["package", "path"])
def test_an_environment_that_is_gone_is_reported(
    repository: Repository, environment: Environment, part: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """All of it, or only what is ours in it."""
    capfd.readouterr()
    assert main(["hooks", "status", "--type", "pre-commit"]) == 0
    python = capfd.readouterr().out.partition(", runs ")[2].strip()
    assert Path(python).parent.parent == environment.path
    shutil.rmtree(getattr(environment, part))
    missing = environment.package / "__main__.py" if part == "package" else python
    again = "`pytest-antipasta hooks install --type pre-commit`"
    code, said = commit(repository)
    assert code == 0
    assert said.splitlines() == [
        "warning: antipasta did not run: this hook was installed with a file that no longer exists:",
        f"  {missing}",
        f"to repair the hook: reinstall pytest-antipasta and run {again}",
        "to remove the hook: delete .git/hooks/pre-commit",
    ]
    assert main(["hooks", "status", "--type", "pre-commit"]) == 0
    assert capfd.readouterr().out == (
        f"pre-commit: installed as {(folder(repository) / 'pre-commit').as_posix()}, "
        f"but {missing} no longer exists, so it checks nothing unless `pytest-antipasta` is on PATH; "
        f"{again} fixes it\n"
    )


@pytest.mark.slow
def test_another_installation_takes_its_place_if_it_starts(
    repository: Repository, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(environment.path)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "pytest-antipasta"
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for interpreter, expected in (("/gone/python", 0), (sys.executable, 1)):
        program.write_text(f"#!{interpreter}\nfrom pytest_antipasta.cli import run\nrun()\n")
        program.chmod(0o755)
        stage(repository, f"{expected}.py", BAD)
        assert commit(repository)[0] == expected


@pytest.mark.slow
def test_a_broken_environment_is_reported_and_blocks_nothing(
    repository: Repository, environment: Environment
) -> None:
    environment.link.unlink()
    code, said = commit(repository)
    assert code == 0
    first, second = said.splitlines()
    assert first.startswith("warning: antipasta did not run: its installation is broken: No module named")
    assert second.startswith("hint: reinstall pytest-antipasta for ")


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path / "none")
    assert "not a git repository" in program("hooks", "install", code=2).err


def test_a_bare_repository_has_no_commits_to_check(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    server = tmp_path / "server"
    repository.git("init", "--quiet", "--bare", str(server))
    monkeypatch.chdir(server)
    for more in ([], ["--force"], ["--dry-run"]):
        assert program("hooks", "install", *more, code=2).err == (
            f"error: {server.as_posix()} is a bare repository, where nothing is committed; "
            "run this in a working tree, or install `hooks/pre-receive` to check what a server receives\n"
        )
    assert not (server / "hooks/pre-commit").exists()
    assert program("hooks", "install", "--type", "pre-push").out.startswith("pre-push: installed as ")


def test_a_folder_that_can_not_be_written(repository: Repository, program: Program) -> None:
    (repository.path / "file").touch()
    repository.git("config", "core.hooksPath", "file/hooks")
    assert "can't write " in program("hooks", "install", "--force", code=2).err


def test_without_a_commit_there_is_nothing_to_compare_with(repository: Repository, program: Program) -> None:
    said = program("check", "--diff", "HEAD", code=2)
    assert said.err.endswith("unknown commit 'HEAD': the current branch has no commits yet\n")


@pytest.fixture
def backend(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project of its own in a folder of the repository, with a limit of its own."""
    folder = repository.path / "it's backend"
    folder.mkdir()
    table = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 3\n"
    (folder / "pyproject.toml").write_text(table)
    (folder / "a.py").write_text("def f(a):\n" + "    if a: a += 1\n" * 5)
    repository.git("add", ".")
    monkeypatch.chdir(folder)
    return folder


def test_a_project_in_a_subfolder_is_judged_by_its_own_settings(
    backend: Path, repository: Repository, program: Program
) -> None:
    assert program("hooks", "install").out.endswith("pre-commit with --config it's backend/pyproject.toml\n")
    code, said = commit(repository)
    assert code == 1
    assert "backend/a.py\n    1:1  f  cyclomatic 6/3" in said
    captured = program("hooks", "status", "--type", "pre-commit")
    assert captured.out.endswith(" with --config it's backend/pyproject.toml\n")


def test_the_line_for_another_script_names_the_settings(
    backend: Path, repository: Repository, program: Program
) -> None:
    write_foreign(repository)
    line = "add the line `pytest-antipasta hook --config 'it'\"'\"'s backend/pyproject.toml' || exit 1` to it"
    assert line in program("hooks", "status").out
    assert line in program("hooks", "install", code=2).err


def test_what_the_hook_proposes_can_be_run_where_git_was(backend: Path, repository: Repository) -> None:
    main(["hooks", "install"])
    said = commit(repository, backend)[1]
    command = shlex.split(said.partition("\nsimplify  pytest-antipasta ")[2].partition("\n")[0])
    assert command[0] == "explain"
    assert main(command) == 0, "and not 2, as where there is no such file"


def test_a_script_for_another_project_is_not_written_over(
    backend: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hooks", "install"])
    other = repository.path / "frontend"
    other.mkdir()
    (other / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    monkeypatch.chdir(other)
    assert main(["hooks", "install"]) == 2
    assert (
        "belongs to another project: it uses the settings in it's backend/pyproject.toml; "
        in capsys.readouterr().err
    )
    assert main(["hooks", "install", "--force"]) == 0
    assert capsys.readouterr().out.endswith(" with --config frontend/pyproject.toml\n")
    assert scripts(repository) == ["pre-commit"]


def test_a_script_for_the_whole_repository_is_not_written_over(
    backend: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.chdir(repository.path)
    program("hooks", "install")
    stage(repository, "a.py", BAD)
    monkeypatch.chdir(backend)
    file, config = folder(repository) / "pre-commit", "it's backend/pyproject.toml"
    said = program("hooks", "install", "--dry-run", code=2)
    assert said.err == (
        f"error: {file.as_posix()} checks the whole repository: "
        f"if settings at its top have `nested = true`, it also uses those in {config}; "
        "use --force to check that folder only\n"
    )
    program("hooks", "install", code=2)
    assert commit(repository)[0] == 1
    assert program("hooks", "install", "--force").out.endswith(f"pre-commit with --config {config}\n")


def test_a_script_without_its_interpreter_is_repaired_for_the_same_settings(
    backend: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """As its status and the script itself advise it, in any folder."""
    file, config = folder(repository) / "pre-commit", " with --config it's backend/pyproject.toml"
    top = repository.path
    for installed_in, repaired_in, named in ((top, backend, ""), (backend, top, config)):
        monkeypatch.chdir(installed_in)
        program("hooks", "install", "--force")
        text = re.sub("^python=.*$", "python=/gone/python", file.read_text(), flags=re.MULTILINE)
        file.write_text(text, newline="\n")
        monkeypatch.chdir(repaired_in)
        assert "so it checks nothing unless" in program("hooks", "status").out
        assert program("hooks", "install").out == f"pre-commit: installed as {file.as_posix()}{named}\n"
        assert "/gone/python" not in file.read_text()


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param("/data/packages/builds-v0/.tmpa3GY", "uv tool install", id="uv run --with"),
        pytest.param("/home/me/.cache/uv/archive-v0/CdvZ19", "uv tool install", id="uvx"),
        pytest.param("/data/packages/archive-v0/CdvZ19", "uv tool install", id="uvx with a cache elsewhere"),
        pytest.param("/Users/me/Library/Caches/pipx/7a5b", "pipx install", id="pipx run"),
        pytest.param("/home/me/.local/pipx/.cache/7a5b", "pipx install", id="an older pipx run"),
        pytest.param("/home/me/.local/share/uv/tools/pytest-antipasta", None, id="uv tool install"),
        pytest.param("/home/me/.local/share/pipx/venvs/pytest-antipasta", None, id="pipx install"),
        pytest.param(
            "/home/me/.cache/pypoetry/virtualenvs/shop", None, id="poetry's environment of a project"
        ),
        pytest.param("/home/me/shop/.venv", None, id="a project's"),
    ],
)
def test_an_environment_that_may_be_deleted_is_noted(prefix: str, expected: str | None) -> None:
    said = "".join(list_notes(prefix))
    assert (f"run `{expected} pytest-antipasta`" in said) if expected else said == ""
