"""Run programs in turn, and say how long each took and how much memory it wanted."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a contender works in one round.

    Attributes:
        vault: What is exported.
        area: The contender's own directory.
        number: Of the round, from 0.

    """

    vault: Path
    area: Path
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to be measured.

    Attributes:
        arguments: The first is the program.
        directory: Where it runs.
        tells: Its last line on stdout is ``{"seconds": ..., "peak_bytes": ...}``,
            measured by itself: the library without the start of the process.

    """

    arguments: Sequence[str | Path]
    directory: Path | None = None
    tells: bool = False


def _nothing(_place: Place) -> None:
    pass


def _no_size(_place: Place) -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A way to do what is measured.

    Attributes:
        name: As in the table.
        program: What must be installed.
        command: What is timed.
        prepare: Once, before the rounds.
        before: Before each round, not timed.
        size: Bytes that it made.
        after: After each round.

    """

    name: str
    program: str
    command: Callable[[Place], Command]
    prepare: Callable[[Place], None] = _nothing
    before: Callable[[Place], None] = _nothing
    size: Callable[[Place], int | None] = _no_size
    after: Callable[[Place], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run: wall-clock seconds, peak resident bytes, bytes made."""

    seconds: float
    peak_bytes: int
    size: int | None


@dataclass(slots=True, kw_only=True)
class Measured:
    """The runs of one contender, or why there are none."""

    name: str
    samples: list[Sample] = field(default_factory=list)
    missing: str = ""

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def peak_bytes(self) -> int:
        """The worst."""
        return max(sample.peak_bytes for sample in self.samples)

    @property
    def size(self) -> int | None:
        """Of what the last run made."""
        return self.samples[-1].size


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which no tool finds settings of whoever runs this."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "RESTIC_PASSWORD": "benchmark",
        "RESTIC_CACHE_DIR": str(home / "restic-cache"),
        "BORG_BASE_DIR": str(home / "borg"),
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
    }


def run(arguments: Sequence[str | Path], *, home: Path, directory: Path | None = None) -> str:
    """Run a program that must succeed; return what it wrote to stdout."""
    done = subprocess.run(
        arguments,
        cwd=directory,
        env=environment(home),
        check=True,
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def sample(command: Command, *, home: Path) -> tuple[float, int]:
    """Run a command once; return its seconds and its peak resident bytes.

    The peak is that of the command with all the processes that it starts (see launch.py).
    """
    os.sync()  # nobody pays for what others left to be written
    report = home / "launched.json"
    with (
        subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCH, report, *command.arguments],
            cwd=command.directory,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        _watched(process.pid) as family,
    ):
        output, errors = process.communicate()
    said = errors.decode(errors="replace")[-2000:]
    if process.returncode:
        raise RuntimeError(f"{command.arguments} could not be started: {said}")
    seconds, peak_bytes, code = json.loads(report.read_text(encoding="ascii"))
    if code not in {0, 3}:  # 3: imported, but keys must be typed in again
        raise RuntimeError(f"{command.arguments} ended with {code}: {said}")
    if command.tells:
        told = json.loads(output.splitlines()[-1])
        return told["seconds"], max(told["peak_bytes"], family.peak_bytes)
    return seconds, max(peak_bytes, family.peak_bytes)


class _Family:
    """What a process started, looked at now and then; where there is no /proc, nothing."""

    def __init__(self, pid: int) -> None:
        self.peak_bytes = 0
        self._pid = pid
        self._over = threading.Event()

    def watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self.peak_bytes = max(self.peak_bytes, _resident_bytes(self._pid))

    def leave(self) -> None:
        self._over.set()


@contextmanager
def _watched(pid: int) -> Iterator[_Family]:
    family = _Family(pid)
    thread = threading.Thread(target=family.watch)
    thread.start()
    try:
        yield family
    finally:
        family.leave()
        thread.join()


def _resident_bytes(pid: int) -> int:
    """Return what all the processes below this one have in memory.

    What several of them share counts once: of that, each has its part (Pss in proc(5)).
    """
    _, *family = _family(pid)
    try:
        if len(family) == 1:
            pages = Path(f"/proc/{family[0]}/statm").read_text(encoding="ascii").split()[1]
            return int(pages) * os.sysconf("SC_PAGE_SIZE")
        return sum(map(_own_part_bytes, family))
    except (OSError, IndexError):
        return 0  # it has just ended


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))


def _own_part_bytes(pid: int) -> int:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(told.partition("\nPss:")[2].split()[0]) * 1024


def race(
    contenders: Sequence[Contender],
    *,
    vault: Path,
    area: Path,
    rounds: int,
    between: Callable[[int], None] = lambda _number: None,
) -> list[Measured]:
    """Run all contenders in alternation, one that begins being another in each round.

    Args:
        contenders: Of whom those that are not installed are named as missing.
        vault: What they work on.
        area: An empty directory for them.
        rounds: How often.
        between: Called with the round's number before each round.

    """
    results = [Measured(name=contender.name) for contender in contenders]
    running: list[tuple[Contender, Measured]] = []
    for contender, measured in zip(contenders, results, strict=True):
        if shutil.which(contender.program) is None:
            measured.missing = f"{contender.program} is not installed"
            continue
        place = _place(contender, vault, area, 0)
        place.area.mkdir(parents=True)
        contender.prepare(place)
        running.append((contender, measured))
    for number in range(rounds):
        between(number)
        turn = number % len(running)
        for contender, measured in running[turn:] + running[:turn]:
            place = _place(contender, vault, area, number)
            contender.before(place)
            seconds, peak = sample(contender.command(place), home=place.area)
            size = contender.size(place)
            measured.samples.append(Sample(seconds=seconds, peak_bytes=peak, size=size))
            contender.after(place)
    return results


def _place(contender: Contender, vault: Path, area: Path, number: int) -> Place:
    directory = "".join(c if c.isalnum() else "-" for c in contender.name)
    return Place(vault=vault, area=area / directory, number=number)


Results = Mapping[str, Sequence[Measured]]
