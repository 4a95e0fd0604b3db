"""Runs scenarios with faults, each in a child of its own; started under the shim.

One process imports everything once; each case is a fork of it, so a case
costs milliseconds. Commands come as JSON lines on standard input, one JSON
line answers each.
"""

import ctypes
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autoresumefiller.errors import AutoResumeFillerError
from tests.faults.injector import CHANGES, COUNT, CUT_POWER, FAIL, FAIL_FROM_HERE_ON, KILL, LOOKS
from tests.faults.scenarios import SCENARIOS, Scenario, leftovers
from tests.faults.whole import WHOLE

_KILLED = "killed"
_DONE = "done"
_ERROR = "error"
_FOREIGN = "foreign"

_shim = ctypes.CDLL(None)
_shim.fault_disarm.restype = ctypes.c_long
_shim.fault_log.restype = ctypes.c_char_p
_shim.fault_arm.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens at the ``target``-th operation of these kinds."""

    kinds: int
    action: int
    target: int
    error: int = 0


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a series of cases came to."""

    points: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        self.points += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def blame(self, text: str) -> None:
        if len(self.faults) < 20:
            self.faults.append(text)


def in_child(act: Callable[[Path], None], root: Path, fault: Fault) -> tuple[str, int, str]:
    """Run ``act`` in a child with a fault; return how it ended, the operations counted, a text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        outcome, text = _DONE, ""
        _shim.fault_arm(fault.kinds, fault.action, fault.target, fault.error)
        try:
            act(root)
        except AutoResumeFillerError as error:
            outcome, text = _ERROR, f"{type(error).__name__}: {error}"
        except BaseException:
            outcome, text = _FOREIGN, traceback.format_exc()
        if fault.action == CUT_POWER:  # the operation is over: the power goes right after it
            _shim.fault_cut_power(fault.error)
        counted = _shim.fault_disarm()
        os.write(writer, json.dumps([outcome, counted, text]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        return _KILLED, -1, ""
    outcome, counted, text = json.loads(said)
    return outcome, counted, text


class Series:
    """All cases of one scenario, on copies of one prepared vault."""

    def __init__(self, scenario: Scenario, scratch: Path) -> None:
        self.scenario = scenario
        self.summary = Summary()
        self._scratch = scratch
        self._before = scratch / "before"
        scenario.prepare(self._before)
        with self.copy(self._before) as root:
            scenario.open(root)
            self._old = self.scenario.look(root)
        with self.copy(self._before) as root:
            # Here and not in a child: what is imported late is imported for all of them.
            scenario.act(root)
            self._new = self.scenario.look(root)
            left = leftovers(root)
            if left:
                self.summary.blame(f"left over without any fault: {left}")

    @contextmanager
    def copy(self, original: Path) -> Iterator[Path]:
        root = Path(tempfile.mkdtemp(dir=self._scratch)) / "vault"
        if original.exists():
            shutil.copytree(original, root, symlinks=True)
        try:
            yield root
        finally:
            shutil.rmtree(root.parent, ignore_errors=True)

    def kill_everywhere(self, step: int) -> None:
        """Kill the operation at every ``step``-th change of the disk, then look."""
        for target in range(1, 100_000, step):
            with self.copy(self._before) as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=target)
                outcome, _, text = in_child(self.scenario.act, root, fault)
                self._judge(root, f"killed at {target}", outcome, text)
            if outcome != _KILLED:
                return

    def kill_recovery_everywhere(self, step: int) -> None:
        """Kill the operation, then the recovery at every one of its changes, then look."""
        for target in range(1, 100_000, step):
            with self.copy(self._before) as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=target)
                outcome, _, _ = in_child(self.scenario.act, root, fault)
                if outcome != _KILLED:
                    return
                self._kill_recovery(root, target)

    def _kill_recovery(self, killed: Path, first: int) -> None:
        for second in range(1, 100_000):
            with self.copy(killed) as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=second)
                outcome, _, text = in_child(self.scenario.open, root, fault)
                how = _KILLED if outcome == _DONE else outcome
                self._judge(root, f"killed at {first}, recovery at {second}", how, text)
            if outcome != _KILLED:
                return

    def fail_recovery_everywhere(self, error: int, step: int) -> None:
        """Kill the operation, then let each operation of the recovery fail, then look."""
        for target in range(1, 100_000, step):
            with self.copy(self._before) as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=target)
                outcome, _, _ = in_child(self.scenario.act, root, fault)
                if outcome != _KILLED:
                    return
                self._fail_recovery(root, target, error)

    def _fail_recovery(self, killed: Path, first: int, error: int) -> None:
        for second in range(1, 100_000):
            with self.copy(killed) as root:
                fault = Fault(kinds=LOOKS | CHANGES, action=FAIL, target=second, error=error)
                outcome, counted, text = in_child(self.scenario.open, root, fault)
                if outcome == _DONE:
                    outcome = _KILLED  # of the operation itself, no success was reported
                self._judge(root, f"killed at {first}, recovery fails at {second}", outcome, text)
            if counted < second:
                return

    def fail_everywhere(self, kinds: int, action: int, error: int, step: int) -> None:
        """Let operations fail: one, or one and all after it."""
        for target in range(1, 100_000, step):
            with self.copy(self._before) as root:
                fault = Fault(kinds=kinds, action=action, target=target, error=error)
                outcome, counted, text = in_child(self.scenario.act, root, fault)
                at = f"{os.strerror(error)} at {target}{'+' * (action == FAIL_FROM_HERE_ON)}"
                if action == FAIL and outcome == _ERROR and self._is_put_back(text):
                    self._require_old(root, at, text)
                self._judge(root, at, outcome, text)
            if counted < target:
                return

    def cut_power_everywhere(
        self, device: str, mount: str, options: str, how: int, step: int
    ) -> None:
        """Let the power go at every ``step``-th change of a disk, turn it on again, then look.

        Also after the last one: what was reported as done must be there.
        """
        top = Path(mount)
        for target in range(1, 100_000, step):
            root = top / f"vault{target}"
            if self._before.exists():
                shutil.copytree(self._before, root, symlinks=True)
            os.sync()
            watched = os.open(top, os.O_RDONLY)
            _shim.fault_watch_disk(watched)
            fault = Fault(kinds=CHANGES, action=CUT_POWER, target=target, error=how)
            outcome, _, text = in_child(self.scenario.act, root, fault)
            os.close(watched)
            subprocess.run(["umount", top], check=True)
            subprocess.run(["mount", "-o", options, device, top], check=True)
            self._judge(root, f"power cut at {target} (way {how})", outcome, text)
            shutil.rmtree(root, ignore_errors=True)
            if outcome != _KILLED:
                return

    def _is_put_back(self, text: str) -> bool:
        excused = ("RecoveryError", "did not confirm it", "may not survive", "may be back")
        return self._old != self._new and not any(word in text for word in excused)

    def _require_old(self, root: Path, at: str, text: str) -> None:
        """See that an error put everything back at once, not only at the next start."""
        if self._state(root) != "old":
            self.summary.blame(f"{at}: not put back at once: {text}")

    def _state(self, root: Path) -> str:
        if not root.exists() and not self._before.exists():
            return "old"
        seen = self.scenario.look(root)
        if seen == self._new:
            return "new"
        return "old" if seen == self._old else "MIXED"

    def _judge(self, root: Path, at: str, outcome: str, text: str) -> None:
        """Open the vault as the next start would, and compare."""
        if outcome == _FOREIGN:
            self.summary.blame(f"{at}: not an error of ours: {text}")
        try:
            self.scenario.open(root)
            state = self._state(root)
            self._complain(root, at, outcome, state)
            self.summary.count(f"{outcome}, {state}")
            if state == "old" and self._old != self._new:
                _, _, again = in_child(
                    self.scenario.act, root, Fault(kinds=0, action=COUNT, target=0)
                )
                if again or self._state(root) != "new":
                    self.summary.blame(f"{at}: doing it again fails: {again}")
        except Exception:
            self.summary.blame(f"{at}: the next start fails: {traceback.format_exc()}")

    def _complain(self, root: Path, at: str, outcome: str, state: str) -> None:
        if state == "MIXED":
            self.summary.blame(f"{at} ({outcome}): neither old nor new: {self._difference(root)}")
        if outcome == _DONE and state != "new":
            self.summary.blame(f"{at}: success was reported, but the vault is {state}")
        left = leftovers(root)
        if left:
            self.summary.blame(f"{at} ({outcome}): left over: {left}")

    def _difference(self, root: Path) -> str:
        seen, texts = self.scenario.look(root), []
        for what, expected in (("old", self._old), ("new", self._new)):
            for part, (now, then) in enumerate(zip(seen, expected, strict=True)):
                if now != then and isinstance(now, dict) and isinstance(then, dict):
                    keys = [
                        key for key in now.keys() | then.keys() if now.get(key) != then.get(key)
                    ]
                    texts.append(f"not {what} ({part}): {sorted(keys)}")
                elif now != then:
                    texts.append(f"not {what} ({part}): {now} is not {then}")
        return "; ".join(texts)


def trace(scenario: Scenario, root: Path) -> list[str]:
    """Run a scenario here, between two marks that strace shows; return the operations seen."""
    scenario.prepare(root)
    os.access("/mark-begin", os.F_OK)
    _shim.fault_arm(CHANGES, COUNT, 0, 0)
    scenario.act(root)
    _shim.fault_disarm()
    os.access("/mark-end", os.F_OK)
    return _shim.fault_log().decode().split()


def main() -> None:
    """Answer commands until standard input ends."""
    logging.disable()  # every recovery warns, and there are thousands
    for line in sys.stdin:
        command = json.loads(line)
        scenario = (SCENARIOS | WHOLE)[command["scenario"]]
        with tempfile.TemporaryDirectory(dir=command["scratch"]) as scratch:
            if command["do"] == "trace":
                answer: object = trace(scenario, Path(scratch) / "vault")
            else:
                series = Series(scenario, Path(scratch))
                getattr(series, command["do"])(**command.get("with", {}))
                answer = {
                    "points": series.summary.points,
                    "outcomes": series.summary.outcomes,
                    "faults": series.summary.faults,
                }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
