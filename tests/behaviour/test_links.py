"""Every way to write a file against links: a repository must not choose where we write.

The ways are found, not remembered: each option of each command and of the plugin, and each report format,
has to stand in a table here, and each call that writes has its module in another one.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.git.links import require_own_folder, require_own_links
from pytest_antipasta.report.formats.outputs import find_formats
from tests.conftest import Repository
from tests.documents.reference import make_pytest_parser
from tests.forked import ForkedPython

if sys.platform == "win32":
    pytest.skip("links need rights there", allow_module_level=True)

PRECIOUS = "precious\n"
TRACKED, OUT = "is a symlink tracked by git", "is a symlink that points outside the repository"
UNFOLLOWED = "symlinks are not followed"


class Link(NamedTuple):
    """A link of a checkout, or a folder that is one.

    Attributes:
        name: of it, without an ending.
        target: what it leads to: relative to the checkout, below ``../outside/`` if that is outside.
        why: it is refused; empty where it is followed.
        is_tracked: whether it is committed.
        is_there: whether there is anything where it leads.
    """

    name: str
    target: str
    why: str
    is_tracked: bool = False
    is_there: bool = True


# `ignored…` is what .gitignore has.
LINKS = (
    Link("tracked-out", "../outside/1", TRACKED, True),
    Link("tracked-in", "inside-1", TRACKED, True),
    Link("tracked-dangling", "../outside/new", TRACKED, True, False),
    Link("untracked-out", "../outside/2", OUT),
    Link("untracked-dangling", "../outside/newer", OUT, False, False),
    Link("untracked-git", ".git/hooks/post-checkout", OUT, False, False),
    Link("untracked-in", "inside-2", ""),
    Link("ignored-out", "../outside/3", ""),
    Link("ignored-chain", "tracked-chain", TRACKED),
    Link("tracked-chain", "../outside/4", TRACKED, True),
)
FOLDERS = (
    Link("tracked-folder-out", "../outside/folder-1", TRACKED, True),
    Link("tracked-folder-in", "folder", TRACKED, True),
    Link("untracked-folder-out", "../outside/folder-2", OUT),
    Link("untracked-folder-in", "folder-in", ""),
    Link("ignored-folder-out", "../outside/folder-3", ""),
)


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report to merge."""
    folder = tmp_path_factory.mktemp("shard")
    (folder / "a.py").write_text("x = 1\n")
    (folder / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    name = str(folder / "1.shard")
    options = ("--no-cache", "-q", "--shard", "1/1", "--report", f"shard={name}")
    assert main(["check", "--config", str(folder / "pyproject.toml"), *options, str(folder)]) == 0
    return Path(name)


class Checkout:
    """A repository with links, each of which leads to a file that is precious."""

    def __init__(self, repository: Repository, ending: str, content: str) -> None:
        """Make it; the names of the links end so, and the files have this content."""
        self.path, self.ending, self.content = repository.path, ending, content
        self.outside = repository.path.parent / "outside"
        self.write("a.py", "def f(a):\n" + "    if a: print()\n" * 12)
        self.write("setup.cfg", "[flake8]\nmax-complexity = 9\n")
        self.write(".gitignore", "ignored*\n")
        for link in (*LINKS, *FOLDERS):
            self._make(link)
        repository.git("add", ".gitignore", "a.py", "setup.cfg", *self._list_tracked())
        repository.git("commit", "--quiet", "-m", "links")

    def write(self, name: str, content: str) -> None:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    def find(self, link: Link) -> Path:
        """Return what a link leads to, as the tables have it."""
        name = link.target + (self.ending if link not in FOLDERS else "")
        return Path(os.path.normpath(self.path / name))

    def read(self) -> dict[str, str]:
        """Return all that there is outside, in git's hooks and in the files that links lead to."""
        folders = (self.outside, self.path / "folder", self.path / "folder-in", self.path / ".git/hooks")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        files += self.path.glob("inside*")
        return {os.path.relpath(path, self.path): path.read_text("utf-8", "replace") for path in files}

    def iter_names(self, names: Collection[str] = ()) -> Iterator[tuple[Link, str]]:
        """Yield the links, or some of them, with the paths to write to."""
        for link in (*LINKS, *FOLDERS):
            if not names or link.name in names:
                yield link, f"{link.name}/x{self.ending}" if link in FOLDERS else link.name + self.ending

    def _make(self, link: Link) -> None:
        target = self.find(link)
        if link in FOLDERS:
            target.mkdir(parents=True)
            (target / f"x{self.ending}").write_text(self.content)
        elif link.is_there and link.name != "ignored-chain":
            target.parent.mkdir(exist_ok=True)
            target.write_text(self.content)
        name = link.name + (self.ending if link not in FOLDERS else "")
        (self.path / name).symlink_to(os.path.relpath(target, self.path))

    def _list_tracked(self) -> list[str]:
        files = [link.name + self.ending for link in LINKS if link.is_tracked]
        return files + [link.name for link in FOLDERS if link.is_tracked]


@pytest.fixture
def make(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Checkout]:
    """Return what makes a checkout with links, to be in."""
    monkeypatch.chdir(repository.path)
    return lambda ending="", content=PRECIOUS: Checkout(repository, ending, content)


# A link of each kind.
KINDS = ("tracked-out", "untracked-out", "untracked-in", "tracked-folder-in", "untracked-folder-in")


class Way(NamedTuple):
    """A way to write a file.

    Attributes:
        words: of the command line, with ``{}`` for the path, and ``{shard}`` for a report to merge.
        ending: that a path has to have.
        content: what is there has to be of this kind.
        says: whether what is wrong is an error of the command, and not a warning.
        follows: whether links that are left to the user are followed, and not only folders.
    """

    words: str
    ending: str = ""
    content: str = PRECIOUS
    says: str = "error: "
    follows: bool = True

    @property
    def links(self) -> Collection[str]:
        """The links that it is tried with; none for all, in one way, as all ways ask one function."""
        return () if self.words == "check -q --no-cache --report json={}" else KINDS

    def is_followed(self, link: Link) -> bool:
        """Whether it writes through a link."""
        return not link.why and (self.follows or link in FOLDERS)


BASELINE = '{"schema_version": 1, "entries": []}\n'
# The options that write, by command: "" for all that have them, with the words that make them write.
WRITING: dict[tuple[str, str], tuple[Way, ...]] = {
    ("", "--log-file"): (Way("check -q --no-cache --log-file {}", says="warning: ", follows=False),),
    ("check", "--output"): (
        Way("check -q --no-cache --output {}"),
        Way("check -q --no-cache --format json --output {}"),
    ),
    ("check", "--report"): tuple(
        Way(f"check -q --no-cache --report {name}={{}}", content="" if form.is_appended else PRECIOUS)
        for name, form in find_formats().items()
        if form.is_appended or name in ("html", "json")  # the others are written by the same code
    ),
    ("report merge", "--report"): (Way("report merge -q {shard} --report json={}"),),
    ("trend", "--html"): (Way("trend -q --no-cache --html {}"), Way("trend -q --no-cache a.py::f --html {}")),
    ("cache export", "path"): (Way("cache export -q {}"),),
    ("baseline write", "--baseline"): (Way("baseline write -q --no-cache --baseline {}", content=BASELINE),),
    ("baseline prune", "--baseline"): (
        Way("baseline prune -q --no-cache --baseline {}", content=BASELINE.replace(" ", "  ")),
    ),
    ("config init", "--config"): (Way("config init -q --no-cache --yes --config {}", ".toml", "a = 1\n"),),
    ("config migrate", "--config"): (
        Way("config migrate setup.cfg -q --yes --config {}", ".toml", "a = 1\n"),
    ),
}
# What is written there is a store, which is tried below.
STORES = {("", "--cache-dir")}
# What takes a value and writes no file of that name.
OTHERS = {
    "--baseline", "--commits", "--config", "--coverage", "--days", "--diff", "--exclude", "--from", "--jobs",
    "--limit", "--limits-from", "--metric", "--name", "--near", "--policy-from", "--reason", "--ref",
    "--shard", "--shared-store", "--since", "--sort", "--stdin-filename", "--steps", "--top",
    "file", "files", "path", "paths", "target",
}  # fmt: skip


def iter_options(parser: argparse.ArgumentParser, command: str = "") -> Iterator[tuple[str, str]]:
    """Yield the options and arguments that take a value of any kind, with the commands that have them."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from iter_options(inner, f"{command} {name}".strip())
        elif action.nargs != 0 and action.choices is None:
            yield command, action.option_strings[-1] if action.option_strings else action.dest


OPTIONS = list(iter_options(make_parser()))


def test_of_each_option_it_is_known_whether_it_writes() -> None:
    written = {*WRITING, *STORES}
    unknown = [
        (command, option)
        for command, option in OPTIONS
        if (command, option) not in written and ("", option) not in written and option not in OTHERS
    ]
    assert unknown == [], "one that writes no file belongs into OTHERS, one that does into WRITING"
    known = {option for _, option in OPTIONS}
    assert {*OTHERS, *(option for _, option in written)} - known == set()


@pytest.mark.parametrize(
    "way",
    [
        # The second words for an option have little of their own.
        pytest.param(
            way, id=f"{way.words}{way.ending}", marks=[pytest.mark.slow] * bool(number and way.links)
        )
        for ways in WRITING.values()
        for number, way in enumerate(ways)
    ],
)
def test_no_link_that_a_repository_may_have_made_is_followed(
    way: Way, make: Callable[..., Checkout], shard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = make(way.ending, way.content)
    if way.words.startswith("cache"):
        main(["check", "-q"])
    before, written = checkout.read(), set()
    for link, name in checkout.iter_names(way.links):
        capsys.readouterr()
        main(way.words.format(name, shard=shard).split())
        said = [line for line in capsys.readouterr().err.splitlines() if line.startswith(way.says)]
        after = checkout.read()
        if not way.is_followed(link):
            assert after == before, f"{name}: something was written"
            assert len(said) == 1, f"{name}: {said}"
            # Some commands read first what is there.
            assert link.why in said[0] or UNFOLLOWED in said[0] or not link.is_there, said[0]
        else:
            assert [line for line in said if "can't write" in line] == [], name
            assert after != before, f"{name}: nothing was written"
            written.add(link.name)
            before = after
    assert len(written) >= (2 if way.follows else 1)


# Of the plugin, whose other options are those of `check`.
PLUGIN_WRITES = {"--antipasta-report", "--antipasta-log-file", "--antipasta-cache-dir"}


def test_of_each_option_of_the_plugin_it_is_known_whether_it_writes() -> None:
    found = [option for _, option in iter_options(make_pytest_parser())]
    others = {f"--antipasta{option[1:]}" for option in OTHERS}
    assert {*found} - others == PLUGIN_WRITES


@pytest.fixture
def run_pytest(repository: Repository, forked_python: ForkedPython) -> Callable[..., tuple[int, str]]:
    """Return what runs pytest in the repository, and returns the exit code with all that it prints."""

    def run(*options: str) -> tuple[int, str]:
        words = ("-p", "no:cacheprovider", "--antipasta-only", "--antipasta-no-cache", *options)
        done = forked_python.run("pytest", words, repository.path, {**os.environ})
        return done.returncode, (done.stdout + done.stderr).decode()

    return run


def test_reports_of_pytest_follow_none_either(
    make: Callable[..., Checkout], run_pytest: Callable[..., tuple[int, str]]
) -> None:
    checkout = make()
    before = checkout.read()
    refused = [name for link, name in checkout.iter_names() if link.why]
    formats = [find_formats()[name].name for name in find_formats()]
    assert len(formats) >= 10
    asked = [f"{formats[number % len(formats)]}={name}" for number, name in enumerate(refused)]
    _, said = run_pytest(*(f"--antipasta-report={one}" for one in asked))
    assert checkout.read() == before
    for name in refused:
        assert f"can't write the report {name}: " in said
    assert said.count(TRACKED) + said.count(OUT) >= len(refused)
    _, said = run_pytest("--antipasta-report=csv=ignored-out", "--antipasta-report=json=untracked-in")
    assert "can't write" not in said
    assert len(checkout.read().items() - before.items()) == 2


def test_a_log_of_pytest_follows_none_either(
    make: Callable[..., Checkout], run_pytest: Callable[..., tuple[int, str]]
) -> None:
    checkout = make()
    before = checkout.read()
    for name, why in (("tracked-out", UNFOLLOWED), ("tracked-folder-out/x.log", TRACKED)):
        _, said = run_pytest(f"--antipasta-log-file={name}")
        assert "warning: can't write the log " in said and why in said
    assert checkout.read() == before


@pytest.mark.parametrize(
    "option",
    ["--antipasta-cache-dir=store", pytest.param("--antipasta-report=csv=x.csv", marks=pytest.mark.slow)],
)
def test_a_project_does_not_ask_for_reports_or_a_store(
    option: str,
    make: Callable[..., Checkout],
    run_pytest: Callable[..., tuple[int, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout = make()
    checkout.write("pytest.ini", f"[pytest]\naddopts = {option}\n")
    name, _, value = option.partition("=")
    code, said = run_pytest()
    assert code == 4
    assert f"ERROR: {name} is in the project's `addopts`, " in said
    mine = value.replace("x.csv", str(tmp_path / "my.csv"))
    if "report" in option:  # one of several that is the user's makes the others no better
        assert run_pytest(f"{name}={mine}")[0] == 4
    else:
        assert run_pytest(name, str(tmp_path / "mine"))[0] == 1
    assert sorted(set(os.listdir()) & {"x.csv", "store"}) == []
    (checkout.path / "pytest.ini").unlink()
    monkeypatch.setenv("PYTEST_ADDOPTS", f"{name}={mine}")
    assert run_pytest()[0] == 1
    monkeypatch.delenv("PYTEST_ADDOPTS")
    checkout.write("options.txt", f"{name}\n{mine}\n")
    if pytest.version_tuple >= (8, 2):
        assert run_pytest("@options.txt")[0] == 1


def test_git_hooks_are_written_through_none(
    make: Callable[..., Checkout], repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = make()
    before = checkout.read()
    for link in FOLDERS[:3]:
        repository.git("config", "core.hooksPath", link.name)
        assert main(["hooks", "install", "--force"]) == 2
        assert link.why in capsys.readouterr().err
    assert checkout.read() == before


def test_git_s_own_folder_may_be_a_link(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Android's `repo` has links in it that lead to what several checkouts share."""
    monkeypatch.chdir(repository.path)
    hooks = repository.path.parent / "hooks"
    (repository.path / ".git/hooks").rename(hooks)
    Path(".git/hooks").symlink_to(hooks)
    assert main(["hooks", "install"]) == 0
    assert (hooks / "pre-commit").is_file()


@pytest.mark.parametrize("name", ["antipasta-baseline.json", "pyproject.toml"])
def test_files_that_no_option_names(
    name: str, make: Callable[..., Checkout], repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = make()
    content = BASELINE if name.endswith("json") else "a = 1\n"
    (checkout.outside / name).write_text(content)
    Path(name).symlink_to(checkout.outside / name)
    repository.git("add", name)
    command = ["baseline", "write"] if name.endswith("json") else ["config", "migrate", "--yes"]
    assert main(command) == 2
    assert TRACKED in capsys.readouterr().err
    assert (checkout.outside / name).read_text() == content


@pytest.mark.parametrize(
    "place", ["../outside/.profile", "~/.profile", ".git/info/new.json", "sub/../../new"]
)
def test_no_setting_names_a_baseline_outside_of_the_repository(
    place: str, make: Callable[..., Checkout], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has names of files in it: a shell reads ``"$(…)"``."""
    checkout = make()
    checkout.write("pyproject.toml", f'[tool.pytest-antipasta]\nbaseline = "{place}"\n')
    path = Path(os.path.normpath(checkout.path / os.path.expanduser(place)))
    before = sorted(os.listdir(home))  # other tests may have left something
    assert main(["baseline", "write"]) == 2
    said = capsys.readouterr().err
    assert "this baseline is outside the repository" in said
    assert "pass its path: `pytest-antipasta baseline write --baseline " in said
    assert not path.exists() and sorted(os.listdir(home)) == before
    checkout.write("pyproject.toml", '[tool.pytest-antipasta]\nbaseline = "folder/own.json"\n')
    assert main(["baseline", "write"]) == main(["baseline", "write", "--baseline", str(path)]) == 0
    assert path.is_file() and (checkout.path / "folder/own.json").is_file()
    path.unlink()


@pytest.mark.parametrize("asked", ["option", "environment", "setting"])
def test_a_store_is_in_no_such_folder(
    asked: str,
    make: Callable[..., Checkout],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout = make()
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    # All ways to ask lead to one function: a link of each kind will do.
    for link in FOLDERS if asked == "option" else (FOLDERS[0], FOLDERS[3]):
        words = ["check"]
        if asked == "option":
            words += ["--cache-dir", link.name]
        elif asked == "environment":
            monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", link.name)
        else:
            checkout.write("pyproject.toml", f'[tool.pytest-antipasta]\ncache_dir = "{link.name}"\n')
        assert main(words) == 1
        said = capsys.readouterr()
        assert link.why in said.out
        assert ("store disabled for this run" in said.out) == bool(link.why)
        assert sorted(os.listdir(link.name)) == (["x"] if link.why else ["v1", "x"])


def test_standard_output_is_not_a_link(
    make: Callable[..., Checkout], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    make()
    for name in ("/dev/stdout", "-"):
        main(["check", "-q", "--no-cache", "--report", f"json={name}"])
        assert json.loads(capfdbinary.readouterr().out)["summary"]["files"] == 1


def test_what_a_shell_has_open_is_not_a_link(make: Callable[..., Checkout]) -> None:
    """As ``--report json=>(program)`` of bash, and a pipe with a name."""
    make()
    for is_named in (False, True):
        if is_named:
            os.mkfifo("pipe")
            reader, name = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK), "pipe"
            writer = os.open("pipe", os.O_WRONLY)
        else:
            reader, writer = os.pipe()
            name = f"/dev/fd/{writer}"
        main(["check", "-q", "--no-cache", "--report", f"csv={name}"])
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            assert b"a.py" in file.read()


def test_without_git_s_answer_nothing_is_written(
    make: Callable[..., Checkout], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout = make()
    before = checkout.read()
    monkeypatch.setenv("PATH", str(tmp_path))
    for _, name in checkout.iter_names():
        with pytest.raises(PermissionError, match="could not determine whether git tracks"):
            require_own_links(Path(name))
    require_own_links(Path("nothing/here.json"))
    assert checkout.read() == before


def test_the_environment_does_not_change_what_git_is_asked(make: Callable[..., Checkout]) -> None:
    make()
    for variable in ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(variable, "1")
            with pytest.raises(PermissionError, match=TRACKED):
                require_own_links(Path("tracked-out"))


def test_patterns_in_names_stand_for_themselves(repository: Repository) -> None:
    (repository.path / "[a].csv").symlink_to("b.csv")
    (repository.path / "*.csv").symlink_to("b.csv")
    (repository.path / "A.CSV").symlink_to("b.csv")
    (repository.path / "a.csv").symlink_to("b.csv")
    repository.git("add", "--", ":(literal)[a].csv", "A.CSV")
    require_own_links(repository.path / "*.csv")
    for name in ("[a].csv", "A.CSV", "a.csv"):  # the last one is the one before where case does not matter
        with pytest.raises(PermissionError, match=TRACKED):
            require_own_links(repository.path / name)


def test_links_around_a_checkout_are_the_user_s(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(repository.path)
    (tmp_path / "loop").symlink_to("loop")
    require_own_links(tmp_path / "way" / "report.json")
    require_own_links(tmp_path / "way" / ".." / "report.json")
    require_own_links(tmp_path / "loop" / "report.json")
    require_own_folder(tmp_path / "way")


# Calls that write, by the modules that have them, and why no link of a repository's gets them elsewhere.
CALLS = {
    "append_regular", "begin_file", "copy", "copyfile", "makedirs", "mkdir", "move_file", "rename",
    "replace_file", "symlink_to", "touch", "write_text",
}  # fmt: skip
WRITERS: Mapping[str, str] = {
    "report/writing.py": "asks require_own_links first",
    "setup/git_hooks.py": "asks require_own_links first",
    "logs/file.py": "asks require_own_links first",
    "runtime/fileio.py": "has what the others call",
    "store/local.py": "only open_store of engine opens a store, which asks require_own_folder",
    "store/journal.py": "in the folder of a store that is open",
    "cli/edited_file.py": "asks require_own_links first",
    "coverage/data.py": "in a temporary folder of its own",
}


@cache
def list_calls() -> Sequence[tuple[str, str, ast.Call]]:
    """Return calls, with their modules and names, of modules that have one of those that are looked for."""
    root = Path(pytest_antipasta.__file__).parent
    named = re.compile(rf"\b({'|'.join((*CALLS, 'open', 'write_bytes', 'LocalStore'))})\(")
    texts = {path: path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    return [
        (path.relative_to(root).as_posix(), getattr(node.func, "attr", getattr(node.func, "id", "")), node)
        for path, text in texts.items()
        if named.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    ]


def is_written(name: str, call: ast.Call) -> bool:
    """Whether a call writes to a path, or opens it for that."""
    if name == "write_bytes":
        return isinstance(call.func, ast.Attribute)  # else our own function, for standard output
    words = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    is_mode = any(set(word) <= set("rwxabt+") and set(word) & set("wxa+") for word in words)
    is_nowhere = any(isinstance(one, ast.Attribute) and one.attr == "devnull" for one in call.args)
    return name in CALLS or (name == "open" and is_mode and not is_nowhere)


def test_nothing_else_writes_files() -> None:
    assert sorted({module for module, name, call in list_calls() if is_written(name, call)}) == sorted(
        WRITERS
    )


def test_a_store_is_opened_in_one_place() -> None:
    assert {module for module, name, _ in list_calls() if name == "LocalStore"} == {
        "engine/storage/storage.py"
    }
