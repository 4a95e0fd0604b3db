"""All cases of one scenario, each on a copy of one prepared vault, and the judgement of each.

The promise that every case is held to:

- opened again, the vault is wholly the old one or wholly the new one;
- it is the new one if success was reported;
- an error is one of ours, and has put everything back already;
- nothing is left over, and every listed backup verifies (`whole.start`);
- the operation, done again, succeeds.
"""

import errno
import os
import resource
import shutil
import stat
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import children
from tests.faults.children import DONE, ERROR, FOREIGN, KILLED, NONE, Fault, in_child
from tests.faults.fingerprint import fingerprint
from tests.faults.injector import (
    CHANGES,
    COUNT,
    CUT_POWER,
    FAIL,
    FAIL_FROM_HERE_ON,
    KILL,
    LOOKS,
    TURN_READ_ONLY,
)
from tests.faults.scenarios import Scenario, leftovers, unfinished

_FOREVER = 100_000


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a series of cases came to.

    Attributes:
        points: Cases.
        outcomes: How often each, "<how it ended>, <what the vault is>".
        faults: Broken promises, in words.
        lost: How many of them are a success that was reported, and is not there.

    """

    points: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lost: int = 0

    def count(self, outcome: str, times: int = 1) -> None:
        self.points += times
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + times

    def blame(self, text: str) -> None:
        if len(self.faults) < 20:
            self.faults.append(text)


class Series:
    """All cases of one scenario; several series may be run, each with a summary of its own.

    Attributes:
        summary: What the present one came to.

    """

    def __init__(self, scenario: Scenario, scratch: Path) -> None:
        self.scenario = scenario
        self.summary = Summary()
        self._scratch = scratch
        self._before = scratch / "before" / "vault"
        self._judged: dict[bytes, str] = {}
        self._put_back: set[bytes] = set()
        scratch.chmod(0o711)  # for the account without rights
        self._before.parent.mkdir(mode=0o711)
        scenario.prepare(self._before)
        with self.copy() as root:
            scenario.open(root)
            self._old = self.scenario.look(root)
        with self.copy() as root:
            counting = Fault(kinds=CHANGES, action=COUNT, target=0)
            self._changes = in_child(scenario.act, root, counting)[1]
        with self.copy() as root:
            # Here and not in a child: what is imported late is imported for all of them.
            scenario.act(root)
            self._new = self.scenario.look(root)
            self._sizes = _sizes(root) | _sizes(self._before)
            assert leftovers(root) == [], "left over without any fault"

    @contextmanager
    def copy(self, original: Path | None = None) -> Iterator[Path]:
        """Yield a copy of a vault (the prepared one) and of what lies beside it."""
        top = Path(tempfile.mkdtemp(dir=self._scratch))
        top.chmod(0o711)
        _copy((original or self._before).parent, top)
        try:
            yield top / self._before.name
        finally:
            shutil.rmtree(top, ignore_errors=True)

    # --- the series ----------------------------------------------------------

    def kill_everywhere(self, step: int) -> None:
        """Kill the operation at every ``step``-th change of the disk, then look."""
        for target in _targets(step):
            with self.copy() as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=target)
                outcome, _, text = in_child(self.scenario.act, root, fault)
                self._judge(root, f"killed at {target}", outcome, text)
            if outcome != KILLED:
                return

    def kill_recovery_everywhere(self, step: int) -> None:
        """Kill the operation, then the recovery at every one of its changes, then look."""
        for target, root in self._killed_everywhere(step):
            for second in range(1, _FOREVER):
                with self.copy(root) as again:
                    fault = Fault(kinds=CHANGES, action=KILL, target=second)
                    outcome, _, text = in_child(self.scenario.open, again, fault)
                    how = KILLED if outcome == DONE else outcome
                    self._judge(again, f"killed at {target}, recovery at {second}", how, text)
                if outcome != KILLED:
                    break

    def fail_recovery_everywhere(self, error: int, step: int) -> None:
        """Kill the operation, then let each operation of the recovery fail, then look."""
        for target, root in self._killed_everywhere(step):
            for second in range(1, _FOREVER):
                with self.copy(root) as again:
                    fault = Fault(kinds=LOOKS | CHANGES, action=FAIL, target=second, error=error)
                    outcome, counted, text = in_child(self.scenario.open, again, fault)
                    # No success of the operation itself was reported.
                    how = KILLED if outcome == DONE else outcome
                    self._judge(again, f"killed at {target}, recovery fails at {second}", how, text)
                if counted < second:
                    break

    def _killed_everywhere(self, step: int) -> Iterator[tuple[int, Path]]:
        """Yield what kills leave, each state once: what recovery does depends on it alone."""
        seen = set()
        for target in _targets(min(step, max(1, self._changes))):
            with self.copy() as root:
                fault = Fault(kinds=CHANGES, action=KILL, target=target)
                outcome, _, _ = in_child(self.scenario.act, root, fault)
                if outcome != KILLED:
                    return
                state = fingerprint(root)
                if state not in seen:
                    seen.add(state)
                    yield target, root

    def fail_everywhere(self, kinds: int, action: int, error: int, step: int) -> None:
        """Let operations fail: one, or one and all after it."""
        for target in _targets(step):
            with self.copy() as root:
                fault = Fault(kinds=kinds, action=action, target=target, error=error)
                outcome, counted, text = in_child(self.scenario.act, root, fault)
                name = errno.errorcode[error]
                at = f"{name} at {target}{'+' * (action == FAIL_FROM_HERE_ON)}"
                if action == FAIL:
                    self._require_put_back(root, at, outcome, text)
                self._judge(root, at, outcome, text)
            if counted < target:
                return

    def limit_file_size(self) -> None:
        """Let no file grow beyond a limit (RLIMIT_FSIZE), from none at all up to enough."""
        sizes = {0, 1, *(at for size in self._sizes for at in (size - 1, size) if size)}
        sizes |= {1 << power for power in range(20)}
        for most in sorted(sizes):
            with self.copy() as root:
                self._limited(root, f"files of {most} bytes", children.limit(_FSIZE, most))

    def limit_open_files(self) -> None:
        """Let the operation open no file, then one, two and so on, up to enough."""
        with Path(os.devnull).open("rb") as first:
            lowest = first.fileno()
        for most in range(lowest, lowest + 64):
            with self.copy() as root:
                at = f"{most - lowest} files open"
                if self._limited(root, at, children.limit(_NOFILE, most)) == DONE:
                    return

    def forbid_everywhere(self) -> None:
        """Take the permissions of every folder and file away, one after another."""
        places = [self._before.parent, *sorted(self._before.rglob("*"))]
        for place in places:
            if place.is_symlink():
                continue
            for mode in (0o000, 0o500) if place.is_dir() else (0o000,):
                with self.copy() as root:
                    there = root.parent / place.relative_to(self._before.parent)
                    _give_to_nobody(root.parent)
                    status = there.lstat()
                    there.chmod(mode)
                    at = f"{place.name} {mode:03o}"
                    outcome, _, text = in_child(
                        self.scenario.act, root, NONE, enter=children.become_nobody
                    )
                    _permit(root.parent, status)
                    self._judge(root, at, outcome, text)

    def _limited(self, root: Path, at: str, enter: Callable[[], None]) -> str:
        outcome, _, text = in_child(self.scenario.act, root, NONE, enter=enter)
        self._require_put_back(root, at, outcome, text)
        self._judge(root, at, outcome, text)
        return outcome

    def cut_power_everywhere(
        self, device: str, mount: str, options: str, how: int, step: int
    ) -> None:
        """Let the power go at every ``step``-th change of a disk, turn it on again, then look.

        Also after the last one: what was reported as done must be there.
        """
        fault = Fault(kinds=CHANGES, action=CUT_POWER, target=0, error=how)
        self._on_disk(device, mount, options, fault, watched=lambda: mount, step=step)

    def turn_read_only_everywhere(self, device: str, mount: str, options: str, step: int) -> None:
        """Let a disk turn read-only at every ``step``-th change, mount it anew, then look."""
        fault = Fault(kinds=CHANGES, action=TURN_READ_ONLY, target=0)

        def trigger() -> str:
            # Each mount takes the next loop device that no other test has at that moment.
            number = Path(mount).stat().st_dev
            block = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve().name
            return f"/sys/fs/ext4/{block}/trigger_fs_error"

        self._on_disk(device, mount, options, fault, watched=trigger, step=step)

    def _on_disk(
        self,
        device: str,
        mount: str,
        options: str,
        fault: Fault,
        *,
        watched: Callable[[], str],
        step: int,
    ) -> None:
        top = Path(mount)
        for target in _targets(step):
            here = top / f"case{target}"
            here.mkdir()
            _copy(self._before.parent, here)
            os.sync()
            place = watched()
            flags = os.O_RDONLY if Path(place).is_dir() else os.O_WRONLY
            descriptor = os.open(place, flags)
            children.watch_disk(descriptor)
            at = Fault(kinds=fault.kinds, action=fault.action, target=target, error=fault.error)
            root = here / self._before.name
            outcome, counted, text = in_child(self.scenario.act, root, at)
            os.close(descriptor)
            subprocess.run(["umount", top], check=True)
            subprocess.run(["mount", "-o", options, device, top], check=True)
            self._judge(root, f"the disk stops at {target}", outcome, text)
            shutil.rmtree(here, ignore_errors=True)
            if outcome != KILLED and (fault.action == CUT_POWER or counted < target):
                return

    # --- the judgement -------------------------------------------------------

    def _require_put_back(self, root: Path, at: str, outcome: str, text: str) -> None:
        """See that an error put everything back at once, not only at the next start."""
        excused = ("RecoveryError", "did not confirm it", "may not survive", "may be back")
        if outcome != ERROR or self._old == self._new or any(word in text for word in excused):
            return
        print_of_it = fingerprint(root)
        if print_of_it in self._put_back:
            return
        if self._state(root) in {"old", "part"}:
            self._put_back.add(print_of_it)
        else:
            self.summary.blame(f"{at}: not put back at once: {text}")

    def _state(self, root: Path) -> str:
        if not root.exists() and not self._before.exists():
            return "old"
        seen = self.scenario.look(root)
        if seen == self._new:
            return "new"
        if seen == self._old:
            return "old"
        between = self.scenario.between
        return "part" if between and between(self._old, seen, self._new) else "MIXED"

    def _judge(self, root: Path, at: str, outcome: str, text: str) -> None:
        """Open the vault as the next start would, and compare.

        All that follows depends on the state of the disk alone, so of equal
        states one is looked at.
        """
        if outcome == FOREIGN:
            self.summary.blame(f"{at}: not an error of ours: {text}")
        before = fingerprint(root)
        state = self._judged.get(before)
        if state is None:
            try:
                self.scenario.open(root)
                state = self._state(root)
                if self._is_whole(root, f"{at} ({outcome})", state):
                    self._judged[before] = state
            except Exception:
                self.summary.blame(f"{at}: the next start fails: {traceback.format_exc()}")
                return
        self.summary.count(f"{outcome}, {state}")
        if outcome == DONE and state not in {"new", "part"}:
            self.summary.lost += 1
            self.summary.blame(f"{at}: success was reported, but the vault is {state}")

    def _is_whole(self, root: Path, at: str, state: str) -> bool:
        """Whether a vault that was opened is old or new, tidy, and lets the operation succeed."""
        told = len(self.summary.faults)
        if state == "MIXED":
            self.summary.blame(f"{at}: neither old nor new: {self._difference(root)}")
        left = leftovers(root)
        if left:
            self.summary.blame(f"{at}: left over: {left}")
        if state in {"old", "part"} and self._old != self._new:
            _, _, again = in_child(self.scenario.act, root, NONE)
            # From between, the way to the new is another one, and undone otherwise.
            if again or (state == "old" and self._state(root) != "new"):
                self.summary.blame(f"{at}: doing it again fails: {again}")
            if unfinished(root.parent):
                self.summary.blame(f"{at}: left over by both: {unfinished(root.parent)}")
        return len(self.summary.faults) == told

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


_FSIZE, _NOFILE = resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE


def _targets(step: int) -> range:
    """Return which operations are hit: each ``step``-th, beginning amid the first ``step``."""
    return range((step + 1) // 2, _FOREVER, step)


def _copy(original: Path, target: Path) -> None:
    shutil.copytree(original, target, symlinks=True, dirs_exist_ok=True)


def _give_to_nobody(top: Path) -> None:
    if os.geteuid() != 0:
        return
    for path in (top, *top.rglob("*")):
        os.chown(path, children.NOBODY, children.NOBODY, follow_symlinks=False)


def _permit(top: Path, before: os.stat_result) -> None:
    """Give a file or folder its permissions back, wherever it is now."""
    for path in (top, *top.rglob("*")):
        if path.lstat().st_ino == before.st_ino:
            path.chmod(stat.S_IMODE(before.st_mode))


def _sizes(root: Path) -> set[int]:
    return {path.lstat().st_size for path in root.rglob("*") if path.is_file()}
