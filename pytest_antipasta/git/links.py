"""Links and folders in a repository: it must not decide where we write, or what we trust."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_antipasta.git.program import find_repository
from pytest_antipasta.git.time_budget import SlowGitError, TimeBudget

# Maximum number of links that Linux follows. Opening a path with more fails.
_MOST_LINKS = 40
# Git never tracks files below a folder with this name, in any case.
_GIT_FOLDER = ".git"


class RefusedPathError(PermissionError):
    """A repository may decide what is behind a path; ``strerror`` names the path and what to do."""


def require_own_links(path: Path, budget: TimeBudget | None = None) -> None:
    """Check that writing to a path follows no link that its repository may have created.

    A link can be at the end of the path or in one of its folders. It is rejected if git tracks it, or if it
    leads out of its checkout and git does not ignore it. Links outside a checkout belong to the user.
    ``budget`` is the time of a commit that waits for git.

    Raises:
        RefusedPathError: there is such a link, or git fails.
    """
    for link in _iter_links(path):
        top = find_repository(link.parent)
        if top is not None and not _is_of_git(name := link.relative_to(top)):
            _require_own_link(link, top, name.as_posix(), budget)


def require_own_folder(folder: Path, budget: TimeBudget | None = None) -> None:
    """Check that nothing in a trusted folder comes from a repository; ``budget`` is the time of a commit.

    Raises:
        RefusedPathError: git tracks a file in it or a link to it, or git fails.
    """
    require_own_links(folder, budget)
    place = Path(os.path.realpath(folder))
    top = find_repository(place)
    if top is None or _is_of_git(name := place.relative_to(top)):
        return
    if _is_tracked(top, name.as_posix(), folder, budget):
        raise _refusal(f"git tracks files in {folder}; remove them from git, or name another folder")


def is_in_checkout(path: Path, folder: Path) -> bool:
    """Return whether a path is in the checkout of a folder; without git, below the folder."""
    top = Path(os.path.realpath(find_repository(folder) or folder))
    place = Path(os.path.realpath(path))
    return place.is_relative_to(top) and not _is_of_git(place.relative_to(top))


def _iter_links(path: Path) -> Iterator[Path]:
    """Yield the links in a path; their own paths contain no links."""
    here, *parts = path.absolute().parts
    place, rest, left = Path(here), parts[::-1], _MOST_LINKS
    while rest and left:
        part = rest.pop()
        if part == os.pardir:
            place = place.parent
            continue
        link = place / part
        if not link.is_symlink():
            place = link
            continue
        yield link
        left -= 1
        target = link.readlink()
        place = Path(target.anchor) if target.anchor else place
        rest += target.parts[bool(target.anchor) :][::-1]


def _require_own_link(link: Path, top: Path, name: str, budget: TimeBudget | None) -> None:
    from pytest_antipasta.git.ignored import find_ignore_rule
    from pytest_antipasta.git.process import GitError

    if _is_tracked(top, name, link, budget):
        raise _refusal(f"{link} is a symlink tracked by git; name its target instead")
    if is_in_checkout(link, link.parent):
        return
    try:
        is_ignored = find_ignore_rule(top, name, budget) is not None
    except (GitError, SlowGitError) as error:
        raise _cannot_say(link, error) from error
    if not is_ignored:
        raise _refusal(
            f"{link} is a symlink that points outside the repository; name its target, or add the "
            "symlink to .gitignore"
        )


def _is_tracked(top: Path, name: str, shown: Path, budget: TimeBudget | None) -> bool:
    """Return whether git tracks a path of a checkout, or anything below it, ignoring case.

    Raises:
        RefusedPathError: git fails.
    """
    from pytest_antipasta.git.process import GitError, GitProcess

    # Without a pattern, all files are listed.
    asked = [] if name == "." else [f":(literal,icase){name}"]
    try:
        return bool(GitProcess(top, ["ls-files", "-z", "--", *asked], budget=budget).read())
    except (GitError, SlowGitError) as error:
        raise _cannot_say(shown, error) from error


def _cannot_say(place: Path, error: Exception) -> RefusedPathError:
    return _refusal(f"could not determine whether git tracks {place}: {error}")


def _refusal(why: str) -> RefusedPathError:
    return RefusedPathError(errno.EPERM, why)


def _is_of_git(name: Path) -> bool:
    return any(part.lower() == _GIT_FOLDER for part in name.parts)
