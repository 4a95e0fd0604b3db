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
    "writev": "writev",
    "pwritev": "write",
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


@pytest.mark.parametrize("scenario", ["import", "save", "publish", "publish-named", "create"])
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
