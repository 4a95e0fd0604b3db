"""Telling states of the disk apart, so that equal ones need to be judged only once."""

import hashlib
import os
import re
import stat
import time
from pathlib import Path

from tests.faults import encryption

_RANDOM = re.compile(rb"[0-9a-f]{16,64}")
_BEGUN_NS = time.time_ns()


def fingerprint(root: Path) -> bytes:
    """Return a digest of a vault and what lies beside it.

    It covers names, permissions, sizes, contents, and times older than this
    process; not random numbers in names and contents. Encrypted content, which
    differs with every run, counts by what can be made of it.
    """
    lines = []
    for directory, _, files in os.walk(root.parent):
        where = os.path.relpath(directory, root.parent)
        lines.append(os.fsencode(f"{where}/ {Path(directory).lstat().st_mode}"))
        for name in files:
            place = Path(directory, name)
            lines.append(os.fsencode(f"{where}/{name} ") + _facts(root, place))
    lines = sorted(_RANDOM.sub(b"#", line) for line in lines)
    return hashlib.sha256(b"\0".join(lines)).digest()


def _facts(root: Path, place: Path) -> bytes:
    status = place.lstat()
    facts = b"%o %d" % (status.st_mode, status.st_size)
    if stat.S_ISLNK(status.st_mode):
        return facts + os.fsencode(place.readlink())
    ours = ".state" in place.parts
    if place.suffix == ".age":
        facts += b"%d" % encryption.is_whole(place)
    elif place.name.endswith(".json.enc") and not ours:
        # Which key it needs is told by a number that is not random.
        facts += hashlib.sha256(repr(encryption.readable(root)).encode()).digest()
    elif place.parent.name != "holders":
        facts += hashlib.sha256(_RANDOM.sub(b"#", place.read_bytes())).digest()
    if not ours or "old" in place.parts:
        facts += b" %d" % min(status.st_mtime_ns, _BEGUN_NS)
    return facts
