"""Links that come between finding a file and reading it: none is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.files.source import Source, decode_sources, encode_sources
from pytest_antipasta.settings.values import Settings
from tests.windows import NEEDS_LINKS

pytestmark = NEEDS_LINKS


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder with what is not to be read, beside the root."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.py").write_text("secret = 1\n")
    return tmp_path / "secret"


def find(root: Path, *paths: str) -> Source:
    """Return the only file below a root, as it comes to a worker."""
    settings = Settings(root=root, source=None, paths=paths or (".",))
    (file,) = select_files(settings).files
    (source,) = decode_sources(encode_sources([Source(file.path, file.location, place=file.place)]))
    return source


def make_root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "sub" / "inner").mkdir(parents=True)
    (root / "sub" / "inner" / "a.py").write_text("own = 1\n")
    return root


@pytest.mark.parametrize("part", ["sub", "sub/inner", "sub/inner/a.py"])
@pytest.mark.parametrize("start", [".", "sub", "../root/sub"])
def test_a_link_that_has_replaced_what_was_found_is_refused(
    tmp_path: Path, secret: Path, part: str, start: str
) -> None:
    root = make_root(tmp_path)
    source = find(root, start)
    (root / part).rename(tmp_path / "gone")
    (secret / "inner").mkdir()
    (secret / "inner" / "a.py").write_text("secret = 1\n")
    (root / part).symlink_to(secret / "a.py" if part.endswith(".py") else secret)
    if part == start[-len(part) :]:
        assert source.read(1e6).data == b"secret = 1\n"  # what the settings name may be a link
        return
    with pytest.raises(UnreadableError) as refused:
        source.read(1e6)
    assert (refused.value.error.kind, refused.value.error.message) == (
        "not_a_file",
        "the file or a parent folder was replaced by a symlink during the run; symlinks are not followed",
    )


def test_a_file_that_an_editor_has_replaced_is_read(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    source = find(root)
    (root / "new").write_text("new = 1\n")
    (root / "new").replace(root / "sub" / "inner" / "a.py")
    assert source.read(1e6).data == b"new = 1\n"


def test_a_link_that_is_named_is_followed(tmp_path: Path, secret: Path) -> None:
    root = make_root(tmp_path)
    (root / "link.py").symlink_to(secret / "a.py")
    (root / "link").symlink_to(secret)
    assert find(root, "link.py").read(1e6).data == b"secret = 1\n"
    assert find(root, "link").read(1e6).data == b"secret = 1\n"


def test_what_was_opened_is_closed(tmp_path: Path, secret: Path) -> None:
    root = make_root(tmp_path)
    source = find(root)
    (root / "sub" / "inner").rename(tmp_path / "gone")
    (root / "sub" / "inner").symlink_to(secret)
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        with pytest.raises(UnreadableError):
            source.read(1e6)
    assert len(os.listdir("/dev/fd")) == before
