"""Builds the shim and drives the worker; see shim.c and worker.py."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The numbers of shim.c: kinds of operations, and what happens at one.
LOOKS, CHANGES, NEEDS_SPACE, NEEDS_DESCRIPTOR = 1, 2, 4, 8
COUNT, KILL, FAIL, FAIL_FROM_HERE_ON, CUT_POWER, TURN_READ_ONLY = range(6)

# What FS_IOC_SHUTDOWN does with the journal of the file system before the power goes.
JOURNAL_WRITTEN, JOURNAL_LOST = 1, 2

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def build_shim(compiler: Path, directory: Path) -> Path:
    """Compile the shim into a directory; return the shared object."""
    shim = directory / "shim.so"
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *flags, "-o", shim, HERE / "shim.c", "-ldl"], check=True)
    return shim


def scratch_directory(fallback: Path) -> Path:
    """Where vaults are made by the thousand: in memory if there is such a place.

    A killed process leaves the same there as on a disk; only a power cut would not.
    """
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a series of cases came to; ``faults`` is empty if every case was as promised.

    The fields of `series.Summary`, and the seconds that it took.
    """

    points: int
    outcomes: dict[str, int]
    faults: list[str]
    lost: int
    seconds: float


class Injector:
    """A worker under the shim, as a context manager."""

    def __init__(self, shim: Path, scratch: Path, prefix: tuple[str, ...] = ()) -> None:
        self._scratch = scratch
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.faults.worker"],
            cwd=ROOT,
            env={**os.environ, "LD_PRELOAD": str(shim)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Injector":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, scenario: str, what: str, **arguments: int | str) -> Tally:
        """Run one of the worker's series."""
        return Tally(**self.ask(scenario, what, **arguments))

    def ask(self, scenario: str, what: str, **arguments: int | str) -> Any:
        """Send a command and return the answer."""
        command = {
            "scenario": scenario,
            "do": what,
            "with": arguments,
            "scratch": str(self._scratch),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the worker ended early; its traceback is above"
        return json.loads(answer)
