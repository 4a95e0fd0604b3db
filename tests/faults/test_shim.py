"""The shim misses nothing: what it counts is what strace sees."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.injector import Injector, scratch_directory

# System calls that change a disk, by the name the shim gives them.
_CHANGING = {
    "write": "write",
    "pwrite64": "write",
    "writev": "write",
    "pwritev": "write",
    "pwritev2": "write",
    "fsync": "fsync",
    "fdatasync": "fdatasync",
    "syncfs": "syncfs",
    "rename": "rename",
    "renameat": "rename",
    "renameat2": "rename",
    "link": "link",
    "linkat": "link",
    "symlink": "symlink",
    "symlinkat": "symlink",
    "unlink": "unlink",
    "unlinkat": "unlink",
    "rmdir": "unlink",
    "mkdir": "mkdir",
    "mkdirat": "mkdir",
    "mknod": "mknod",
    "mknodat": "mknod",
    "truncate": "truncate",
    "ftruncate": "ftruncate",
    "fallocate": "fallocate",
    "chmod": "chmod",
    "fchmod": "chmod",
    "fchmodat": "chmod",
    "fchmodat2": "chmod",
    "utimensat": "utime",
    "copy_file_range": "copy",
    "sendfile": "copy",
    "splice": "copy",
    "setxattr": "xattr",
    "fsetxattr": "xattr",
    "chown": "chown",
    "fchown": "chown",
    "fchownat": "chown",
    "open": "open",
    "openat": "open",
    "creat": "open",
    "openat2": "open",
}
_SHIM_NAMES = {
    "openat": "open",
    "renameat": "rename",
    "renameat2": "rename",
    "linkat": "link",
    "unlinkat": "unlink",
    "rmdir": "unlink",
    "mkdirat": "mkdir",
    "fchmod": "chmod",
    "fchmodat": "chmod",
    "utimensat": "utime",
    "futimens": "utime",
    "ftruncate64": "ftruncate",
}
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")


# What only looks, and the shim lets fail.
_LOOKING = {
    *("access", "faccessat", "faccessat2", "flock", "readlink", "readlinkat", "mmap"),
    *("read", "pread64", "preadv", "preadv2", "getdents64"),
    *("stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs"),
}
# What does not ask the disk: positions, descriptors, events, terminals.
_ELSEWHERE = {
    *("lseek", "dup", "dup2", "dup3", "fcntl", "ioctl", "close", "getcwd"),
    *("epoll_create1", "epoll_ctl", "epoll_wait", "poll", "select", "pipe2"),
}


@pytest.mark.parametrize("scenario", ["whole-import", "encrypt-move", "whole-doctor"])
def test_no_kind_of_call_gets_past_the_shim(
    scenario: str, shim: Path, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    seen = tmp_path / "strace.txt"
    strace = (str(require_tool("strace")), "-f", "-qq", "-s", "200", "-o", str(seen))
    kinds = ("-e", "trace=%file,%desc")

    with Injector(shim, scratch_directory(tmp_path), (*strace, *kinds)) as injector:
        injector.ask(scenario, "trace")

    inside = seen.read_text(errors="replace").partition("/mark-begin")[2].partition("/mark-end")[0]
    names = {match[1] for line in inside.splitlines() if (match := _CALL.match(line))}
    assert {"openat", "rename", "fsync"} <= names
    assert names <= _CHANGING.keys() | _LOOKING | _ELSEWHERE


@pytest.mark.parametrize(
    "scenario", ["import", "save", "publish", "publish-named", "create", "whole-mirror"]
)
def test_every_change_that_strace_sees_is_counted(
    scenario: str, shim: Path, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    seen = tmp_path / "strace.txt"
    # A question mark before a name: an older strace may not know it.
    names = ",".join(f"?{name}" for name in (*_CHANGING, "access", "faccessat", "faccessat2"))
    strace = (str(require_tool("strace")), "-f", "-qq", "-s", "200", "-o", str(seen))

    with Injector(shim, scratch_directory(tmp_path), (*strace, "-e", f"trace={names}")) as injector:
        counted = injector.ask(scenario, "trace")

    assert Counter(_SHIM_NAMES.get(name, name) for name in counted) == _between_marks(seen)


def _between_marks(log: Path) -> Counter[str]:
    text = log.read_text(errors="replace")
    inside = text.partition("/mark-begin")[2].partition("/mark-end")[0]
    calls: Counter[str] = Counter()
    for line in inside.splitlines():
        if (match := _CALL.match(line)) is None or match[1] not in _CHANGING:
            continue
        name, arguments = _CHANGING[match[1]], match[2]
        if name == "open" and not re.search(r"O_CREAT|O_TMPFILE|O_TRUNC", arguments):
            continue
        calls[name] += 1
    return calls
