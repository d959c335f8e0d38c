"""Writes a report into a comment on a pull request, into the same one at every run.

It is given the report's path, and everything else in the variables that ``action.yml`` and GitHub set.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

# Characters that a comment has room for, and some for the mark.
_ROOM = 65_000
_PAGE = 100
_SECONDS = 30


def main(path: str, environment: Mapping[str, str]) -> int:
    """Write the comment and return the exit code: 1 where GitHub does not take it."""
    api = environment["GITHUB_API_URL"]
    comments = f"{api}/repos/{environment['GITHUB_REPOSITORY']}/issues/{environment['PULL_REQUEST']}/comments"
    # No reader sees it. A repository may have several projects.
    mark = f"<!-- pytest-antipasta {environment['PROJECT']} -->"
    token = environment["GITHUB_TOKEN"]
    report = shorten(Path(path).read_text(encoding="utf-8"))
    # A later run that fails before there is a report leaves the comment as it is.
    body = {"body": f"{mark}\n{report}\nChecked at {environment['COMMIT']}.\n"}
    try:
        if written := find_comment(comments, mark, find_login(api, token), token):
            ask("PATCH", written, token, body)
        else:
            ask("POST", comments, token, body)
    except HTTPError as error:
        hint = ": the job needs `permissions: pull-requests: write`" if error.code in (403, 404) else ""
        return fail(f"{error.code} {error.reason}{hint}")
    except URLError as error:
        return fail(str(error.reason))
    except (OSError, HTTPException) as error:  # while it answers
        return fail(str(error))
    return 0


def find_login(api: str, token: str) -> str | None:
    """Return the user that a token is of; None for a bot's, which may not ask."""
    try:
        return str(ask("GET", f"{api}/user", token)["login"])
    except HTTPError:
        return None


def find_comment(comments: str, mark: str, login: str | None, token: str) -> str | None:
    """Return where the comment is that an earlier run has written, as the same user or as a bot."""
    for page in range(1, sys.maxsize):
        found = ask("GET", f"{comments}?per_page={_PAGE}&page={page}", token)
        for comment in found:
            user = comment["user"] or {}  # none, where the user is gone
            is_ours = user.get("login") == login if login else user.get("type") == "Bot"
            if is_ours and comment["body"].startswith(mark):
                return str(comment["url"])
        if len(found) < _PAGE:
            break
    return None


def ask(method: str, url: str, token: str, body: object = None) -> Any:
    """Return GitHub's answer."""
    headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {token}"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers, method=method), timeout=_SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def shorten(report: str) -> str:
    """Return what a comment has room for: all, or what is not folded away, and that it is not all."""
    if len(report) < _ROOM:
        return report
    start = report.partition("\n<details>")[0][:_ROOM].rstrip()
    return f"{start}\n\n**Shortened: a comment has no room for the tables of all functions.**\n"


def fail(reason: str) -> int:
    """Say why there is no comment."""
    print(f"::error title=antipasta::The comment can't be written: {reason}")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ))
