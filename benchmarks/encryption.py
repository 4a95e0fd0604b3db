"""``python -m benchmarks.encryption``: what it costs to keep a profile of 1 MB encrypted.

Plain and encrypted take turns, so that whatever else the machine does troubles
both alike; the medians are compared. The first encrypted load of a process,
which finds the key and loads the libraries, is told apart from later ones.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoresumefiller import UserDataManager

ROUNDS = 31
GOAL_MS = 50.0
_BULLET = "Kept the thing running and wrote down how, so that others could do it as well. " * 5


def large_profile() -> dict[str, Any]:
    """Return a profile whose JSON has 1 MB."""
    work = [
        {
            "company": f"Company {number}",
            "position": "Engineer",
            "start_date": "2020-01",
            "responsibilities": [_BULLET] * 5,
        }
        for number in range(475)
    ]
    person = {"first_name": "Test", "last_name": "Person", "email": "test@example.org"}
    return {"personal_info": person, "work_experience": work}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        area = Path(temporary)
        os.environ["AUTORESUMEFILLER_KEY_FILE"] = str(area / "key")
        vaults = {name: UserDataManager(area / name) for name in ("plain", "encrypted")}
        vaults["encrypted"].encrypt_on("four words for a benchmark", lambda _kit: None)
        for manager in vaults.values():
            manager.save_user_profile(large_profile())
        profile = vaults["plain"].load_user_profile()

        def save(manager: UserDataManager) -> None:
            manager.save_user_profile(profile)

        _compare("save, automatic backup and all", vaults, save)
        for manager in vaults.values():
            manager.set_setting("backup.auto_backup_enabled", value=False)
        _compare("save alone", vaults, save)
        _compare("load", vaults, UserDataManager.load_user_profile)
        for name in vaults:
            print(f"first load of a process, {name}: {_first_load(area / name):.1f} ms")


def _compare(
    what: str, vaults: dict[str, UserDataManager], call: Callable[[UserDataManager], object]
) -> None:
    times: dict[str, list[float]] = {name: [] for name in vaults}
    for _ in range(ROUNDS):
        for name, manager in vaults.items():
            started = time.perf_counter()
            call(manager)
            times[name].append((time.perf_counter() - started) * 1000)
    plain, encrypted = (statistics.median(times[name]) for name in ("plain", "encrypted"))
    verdict = "reached" if encrypted - plain < GOAL_MS else "MISSED"
    print(
        f"{what}: plain {plain:.1f} ms, encrypted {encrypted:.1f} ms, "
        f"overhead {encrypted - plain:+.1f} ms; goal below {GOAL_MS:.0f} ms {verdict}"
    )


_FIRST = """
import sys, time
from autoresumefiller import UserDataManager
started = time.perf_counter()
UserDataManager(sys.argv[1]).load_user_profile()
print((time.perf_counter() - started) * 1000)
"""


def _first_load(vault: Path) -> float:
    command = [sys.executable, "-c", _FIRST, str(vault)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
