"""Children of the worker: one operation each, under a fault of the shim or a real limit."""

import ctypes
import gc
import json
import os
import resource
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autoresumefiller.errors import AutoResumeFillerError
from tests.faults.injector import CHANGES, COUNT, CUT_POWER, TURN_READ_ONLY

KILLED = "killed"
DONE = "done"
ERROR = "error"
FOREIGN = "foreign"

NOBODY = 65534
"""The account that has no rights anywhere; every Linux has it."""


@cache
def _shim() -> ctypes.CDLL:
    shim = ctypes.CDLL(None)
    shim.fault_disarm.restype = ctypes.c_long
    shim.fault_log.restype = ctypes.c_char_p
    shim.fault_arm.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_int]
    return shim


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens at the ``target``-th operation of these kinds."""

    kinds: int
    action: int
    target: int
    error: int = 0


NONE = Fault(kinds=0, action=COUNT, target=0)


def in_child(
    act: Callable[[Path], None],
    root: Path,
    fault: Fault,
    *,
    enter: Callable[[], None] = lambda: None,
) -> tuple[str, int, str]:
    """Run ``act`` in a child with a fault; return how it ended, the operations counted, a text.

    ``enter`` is called in the child first: limits, another account.
    """
    reader, writer = os.pipe()
    # What the worker has is not the child's to collect: a copy of every page it looks at.
    gc.freeze()
    child = os.fork()
    if child == 0:
        gc.disable()
        os.close(reader)
        os.write(writer, json.dumps(_run(act, root, fault, enter)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        return KILLED, -1, ""
    outcome, counted, text = json.loads(said)
    return outcome, counted, text


def _run(
    act: Callable[[Path], None], root: Path, fault: Fault, enter: Callable[[], None]
) -> tuple[str, int, str]:
    outcome, text = DONE, ""
    enter()
    _shim().fault_arm(fault.kinds, fault.action, fault.target, fault.error)
    try:
        act(root)
    except AutoResumeFillerError as error:
        outcome, text = ERROR, f"{type(error).__name__}: {error}"
    except BaseException:
        outcome, text = FOREIGN, traceback.format_exc()
    if fault.action == CUT_POWER:  # the operation is over: the power goes right after it
        _shim().fault_cut_power(fault.error)
    if fault.action == TURN_READ_ONLY:
        _shim().fault_turn_read_only()
    return outcome, int(_shim().fault_disarm()), text


def watch_disk(descriptor: int) -> None:
    """Say what is stopped by CUT_POWER (a mount), or tripped by TURN_READ_ONLY."""
    _shim().fault_watch_disk(descriptor)


def names_of_changes(act: Callable[[], None]) -> list[str]:
    """Run something here and return the names of the changing calls that the shim saw."""
    _shim().fault_arm(CHANGES, COUNT, 0, 0)
    act()
    _shim().fault_disarm()
    log: bytes = _shim().fault_log()
    return log.decode().split()


def limit(kind: int, most: int) -> Callable[[], None]:
    """Return what sets a limit of setrlimit(2), in the child only."""

    def enter() -> None:
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))

    return enter


def become_nobody() -> None:
    """Give up root: root may read and write everything, whatever the permissions say."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
