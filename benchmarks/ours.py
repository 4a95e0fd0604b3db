"""Our library, timed inside its process: ``python -m benchmarks.ours WHAT ARGUMENTS``.

Prints ``{"seconds": ..., "peak_bytes": ...}``. The time is that of one call of
`UserDataManager` as a program sees it that has exported and imported before:
the modules are loaded. The list is timed cold; so is all of ``arf``.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from autoresumefiller import UserDataManager


def _export(vault: str, output: str) -> Callable[[], object]:
    manager = UserDataManager(vault)
    return lambda: manager.export_all(output)


def _import(archive: str, vault: str) -> Callable[[], object]:
    manager = UserDataManager(vault)
    return lambda: manager.import_from_backup(archive, confirm=False, backup_existing=False)


def _list(vault: str) -> Callable[[], object]:
    manager = UserDataManager(vault)
    return manager.list_backups


_CALLS = {"export": _export, "import": _import, "list": _list}


def _warm_up() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        archive = Path(temporary) / "archive.zip"
        _export(f"{temporary}/one", str(archive))()
        _import(str(archive), f"{temporary}/two")()


def _peak_bytes() -> int:
    try:
        # Unlike ru_maxrss, this begins anew with the program.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    call = _CALLS[sys.argv[1]](*sys.argv[2:])
    if sys.argv[1] != "list":
        _warm_up()
    started = time.perf_counter()
    call()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_bytes": _peak_bytes()}))
