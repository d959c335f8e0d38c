"""A machine of a CI service: it runs scripts of recipes as the service does, with its variables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
"""Where the programs are that are tested."""

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*('[^']*'|&&|\|\||==|!=|!|\(|\)|always\(\)|[\w-]+(?:\.[\w-]+)*)")
_OPERATORS = {"&&": "and", "||": "or", "!": "not", "always()": "True"}


def evaluate(expression: str, find: Callable[[str], str]) -> str | bool:
    """Return the value of an expression of GitHub's, of those kinds that a recipe of ours has.

    Args:
        expression: without its braces.
        find: gives the value of a name such as ``inputs.args``.
    """
    words, end = [], 0
    while expression[end:].strip():
        match = _TOKEN.match(expression, end)
        assert match is not None, expression[end:]
        word, end = match[1], match.end()
        is_plain = word[0] in "'()" or word in ("==", "!=", *_OPERATORS)
        words.append(_OPERATORS.get(word, word) if is_plain else repr(find(word)))
    value: str | bool = eval(" ".join(words), {"__builtins__": {}})
    return value


class Step(NamedTuple):
    """What came of a step.

    Attributes:
        outcome: ``success``, ``failure`` or ``skipped``.
        said: what its script has printed.
        given: the ``with`` of a step that uses another action.
        summary: what it has added to the summary.
    """

    outcome: str
    said: str = ""
    given: Mapping[str, str] = {}
    summary: str = ""


class GitHub:
    """A runner in which the store's cache is a folder, and other actions are only told.

    Attributes:
        workspace: the checked-out repository.
        context: what expressions know, but for inputs and steps.
    """

    def __init__(self, workspace: Path, folder: Path, context: dict[str, Any]) -> None:
        """Begin a job in a repository, with room for files of its own in a folder."""
        self.workspace = workspace
        self._folder = folder
        self._temp = folder / "temp"
        self._temp.mkdir(parents=True)
        self.context = {**context, "runner": {"os": "Linux", "temp": str(self._temp)}}
        self._caches = folder.parent / "caches"
        self._event = folder / "event.json"
        self._event.write_text(json.dumps(self.context["github"]["event"]))

    def run(self, inputs: Mapping[str, str], known: Mapping[str, Mapping[str, str]]) -> dict[str, Step]:
        """Run our action, and return what came of its steps by name.

        Args:
            inputs: what it is given.
            known: the outputs of steps that are not run, by their ids.
        """
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        assert set(inputs) <= set(action["inputs"])
        self._steps = {name: {"outputs": dict(outputs)} for name, outputs in known.items()}
        self._inputs: dict[str, str] = {}  # a default may not name another input
        self._inputs = {
            name: inputs.get(name, self._fill(one["default"])) for name, one in action["inputs"].items()
        }
        done: dict[str, Step] = {}
        for step in action["runs"]["steps"]:
            if step.get("id") not in known:
                has_failed = any(one.outcome == "failure" for one in done.values())
                done[step["name"]] = (
                    self._run_step(step) if self._is_due(step, has_failed) else Step("skipped")
                )
        self.outputs = {name: self._fill(one["value"]) for name, one in action["outputs"].items()}
        return done

    def _is_due(self, step: Mapping[str, str], has_failed: bool) -> bool:
        condition = step.get("if", "always()" if not has_failed else "")
        if has_failed and "always()" not in condition:
            return False
        return bool(evaluate(condition, self._find))

    def _run_step(self, step: Mapping[str, Any]) -> Step:
        if "uses" in step:
            return self._use(step)
        assert step["shell"] == "bash"
        name = re.sub(r"\W", "-", step["name"])
        files = {key: self._folder / f"{name}.{key}" for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        github = self.context["github"]
        variables = {
            **os.environ,
            **{key: str(file) for key, file in files.items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": github.get("api_url", ""),
            "GITHUB_BASE_REF": github["base_ref"],
            "GITHUB_EVENT_PATH": str(self._event),
            "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_SHA": github["sha"],
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self._temp),
            **{key: self._fill(value) for key, value in step.get("env", {}).items()},
        }
        script = self._folder / f"{name}.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace / self._fill(step.get("working-directory", ".")),
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if "id" in step:
            lines = files["GITHUB_OUTPUT"].read_text().splitlines()
            outputs = {key: value for key, _, value in (line.partition("=") for line in lines)}
            self._steps[step["id"]] = {"outputs": outputs}
        outcome = "failure" if done.returncode else "success"
        return Step(outcome, os.fsdecode(done.stdout), {}, files["GITHUB_STEP_SUMMARY"].read_text())

    def _use(self, step: Mapping[str, Any]) -> Step:
        given = {key: self._fill(value) for key, value in step["with"].items()}
        action = step["uses"].partition("@")[0]
        if action == "actions/cache/restore":
            self._steps[step["id"]] = {"outputs": self._restore(given)}
        elif action == "actions/cache/save":
            shutil.copytree(given["path"], self._caches / given["key"])
        return Step("success", given=given)

    def _restore(self, given: Mapping[str, str]) -> dict[str, str]:
        """Put a cache back, and return what actions/cache says, which is no ``cache-hit`` without any."""
        outputs = {"cache-primary-key": given["key"]}
        for key in (given["key"], *given["restore-keys"].split()):
            if found := sorted(self._caches.glob(f"{key}*")):
                shutil.copytree(found[-1], given["path"])
                return {**outputs, "cache-hit": str(found[-1].name == given["key"]).lower()}
        return outputs

    def _fill(self, value: object) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return _EXPRESSION.sub(lambda match: str(evaluate(match[1], self._find)), text)

    def _find(self, name: str) -> str:
        found: Any = {**self.context, "inputs": self._inputs, "steps": self._steps}
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return "" if found is None else str(found)


def run_shell(
    script: str, folder: Path, variables: Mapping[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of another service, by the simplest shell that there is."""
    environment = {**os.environ, "CI": "true", **variables}
    return subprocess.run(
        ["sh", "-e", *options, "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
