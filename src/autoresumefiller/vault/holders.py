"""Who holds a lock now: for messages only, the locks themselves do not depend on it.

Each holder keeps a small file in ``.state/holders`` and holds a lock on that
too. One whose lock is free belongs to a process that is gone: it is ignored
and removed, so that it cannot mislead. Keeping the file may fail (a full
disk); then the holder is merely not named.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autoresumefiller.errors import StorageError, VaultLayoutError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import make_private_directory
from autoresumefiller.vault.flock import abandoned_files, leased_file
from autoresumefiller.vault.trees import remove_leftover

_OURS = re.compile(r"[a-z]+-[0-9a-f]{32}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One holder of a lock.

    Attributes:
        resource: The name of what is locked.
        purpose: What for: "export", "import", ...
        program: The name of the program.
        pid: Its process number.
        since: UTC.

    """

    resource: str
    purpose: str
    program: str
    pid: int
    since: datetime

    def __str__(self) -> str:
        since = self.since.astimezone().strftime("%H:%M:%S")
        return f"{self.purpose} by {self.program} (process {self.pid}) since {since}"


@contextmanager
def announced(directory: Path, *, resource: str, purpose: str) -> Iterator[None]:
    """Tell others who holds the resource while the block runs."""
    with ExitStack() as stack:
        with suppress(OSError, StorageError, VaultLayoutError):
            make_private_directory(directory)
            file = stack.enter_context(leased_file(directory, f"{resource}-", ".json"))
            os.write(file.descriptor, _encode(resource, purpose))
        yield


def holders(directory: Path, resource: str) -> list[Holder]:
    """Return who holds a resource, longest first."""
    for path in abandoned_holders(directory):
        remove_leftover(path)
    found = [_decode(path) for path in _files(directory, resource)]
    return sorted(filter(None, found), key=lambda holder: holder.since)


def abandoned_holders(directory: Path) -> Iterator[Path]:
    """Yield what dead holders left."""
    return abandoned_files(directory, _OURS.fullmatch)


def _files(directory: Path, resource: str) -> list[Path]:
    try:
        return sorted(directory.glob(f"{resource}-*.json"))
    except OSError:
        return []


def _program() -> str:
    name = Path(sys.argv[0]).name if sys.argv else ""
    return "arf" if name in {"", "-c", "-m", "__main__.py"} else name


def _encode(resource: str, purpose: str) -> bytes:
    value = {
        "resource": resource,
        "purpose": purpose,
        "program": _program(),
        "pid": os.getpid(),
        "since": time.time(),
    }
    return json.dumps(value).encode()


def _decode(path: Path) -> Holder | None:
    """Read a holder's file; None while it is being written (or cannot be read, as on Windows)."""
    try:
        value = json.loads(path.read_bytes())
        return Holder(
            resource=str(value["resource"]),
            purpose=printable(str(value["purpose"])),
            program=printable(str(value["program"])),
            pid=int(value["pid"]),
            since=datetime.fromtimestamp(float(value["since"]), UTC),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
