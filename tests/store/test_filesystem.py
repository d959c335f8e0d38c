"""Which file systems other machines may have mounted, too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_antipasta.store.filesystem import choose_journal_mode, is_on_network

LOCAL = "/dev/sda1 / ext4 rw 0 0"
NEEDS_MOUNTS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has drives, and nothing mounted")


@NEEDS_MOUNTS
@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        pytest.param([LOCAL], False, id="a disk"),
        pytest.param([LOCAL, "server:/x /tmp nfs4 rw 0 0"], True, id="NFS"),
        pytest.param([LOCAL, "//server/x /tmp cifs rw 0 0"], True, id="a Windows share"),
        pytest.param([LOCAL, "x /tmp fuse.sshfs rw 0 0"], True, id="SSH"),
        pytest.param(["server:/x / nfs rw 0 0", "/dev/sda1 /tmp ext4 rw 0 0"], False, id="a disk upon NFS"),
        pytest.param([LOCAL, "server:/x /tmpx nfs rw 0 0"], False, id="NFS on a folder that begins alike"),
        pytest.param(["x /tmp nfs rw 0 0", "tmpfs /tmp tmpfs rw 0 0"], False, id="one that is hidden"),
        pytest.param(["x /tmp/a\\040b nfs rw 0 0"], False, id="a name with a space, elsewhere"),
        pytest.param([], False, id="nothing known"),
    ],
)
def test_the_innermost_mount_says_so(mounts: list[str], expected: bool) -> None:
    assert is_on_network(Path("/tmp/antipasta"), mounts) == expected


@NEEDS_MOUNTS
@pytest.mark.parametrize(
    "kind",
    [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "ceph",
        "lustre", "afs", "gfs2", "ocfs2", "davfs", "virtiofs", "vboxsf", "vmhgfs", "drvfs",
    ],
)  # fmt: skip
def test_what_counts(kind: str) -> None:
    assert is_on_network(Path("/srv/antipasta"), [LOCAL, f"x /srv {kind} rw 0 0"])


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "ecryptfs", "apfs"]
)
def test_what_does_not(kind: str) -> None:
    network = "x / nfs rw 0 0"  # what is under it must not count, either
    assert not is_on_network(Path("/srv/antipasta"), [network, f"x /srv {kind} rw 0 0"])


@NEEDS_MOUNTS
def test_names_of_mount_points_are_unescaped() -> None:
    assert is_on_network(Path("/srv/a b/c"), [LOCAL, "x /srv/a\\040b nfs rw 0 0"])


def test_this_folder_is_on_a_disk(tmp_path: Path) -> None:
    assert choose_journal_mode(tmp_path) == "wal"
