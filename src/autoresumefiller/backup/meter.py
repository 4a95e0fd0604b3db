"""Turn "this much of this file" into "this much of everything"."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from autoresumefiller.archive.structure import Member
from autoresumefiller.model.progress import ProgressCallback

# What metadata.json counts for: its size is not known until every file has been
# read, but the total must be known before the first call and must never be 0.
METADATA_WEIGHT = 1024

Files: TypeAlias = Callable[[], Iterable[tuple[str, int]]]
"""Yields name and size in bytes of each file in the order of a run, as often as it is called."""


class Meter:
    """Reports the progress of a run over files whose sizes were planned.

    A file that grows while it is read counts for its planned size, one that
    vanishes counts as done when the next begins: ``current`` never decreases
    and ``total`` never changes.

    Attributes:
        total: In bytes; above 0.

    """

    def __init__(self, callback: ProgressCallback | None) -> None:
        self.total = METADATA_WEIGHT
        self._callback = callback
        self._spans = _Spans(lambda: ())
        self._round_size = 0
        self._round_start = 0
        self._current = 0
        self._ahead: int | None = None
        self._scale = 1.0

    def ahead(self, name: str, size: int, *, rounds: int = 1) -> Callable[[int], None]:
        """Count for what comes before there is a plan: decrypting ``size`` bytes.

        The total is settled by it, so the files of the plan, whatever their
        sizes, will share what is left, ``rounds`` times as much. Returns what
        is to be told how many bytes are done.
        """
        self._ahead = size
        self.total = (1 + rounds) * size + METADATA_WEIGHT
        return lambda done: self._report(min(done, size), name)

    def plan_members(self, members: Sequence[Member], *, rounds: int = 1) -> None:
        """Take the members of an archive for what will be dealt with; see `plan`."""
        self.plan(lambda: ((member.name, member.size) for member in members), rounds=rounds)

    def plan(self, files: Files, *, rounds: int = 1) -> None:
        """Take what will be dealt with, before the first report.

        Args:
            files: What is dealt with; looked at now, and again as the run goes on.
            rounds: How often all of it will be dealt with: an import reads the
                archive and, once that is live, the files again.

        """
        self._round_size = self._lay_out(files)
        work = rounds * self._round_size
        if self._ahead is None:
            self.total = work + METADATA_WEIGHT
        else:
            self._scale = (self.total - METADATA_WEIGHT - self._ahead) / max(work, 1)

    def end_round(self) -> None:
        """Let go of the files of a round that is over: there may be 100,000 to remember."""
        self._spans = _Spans(lambda: ())
        self._round_start += self._round_size
        self._round_size = 0

    def next_round(self, files: Files) -> None:
        """Begin the next round, over files that may have other names now."""
        self.end_round()
        self._lay_out(files)

    def __call__(self, name: str, done: int) -> None:
        """Report that ``done`` bytes of the file ``name`` are behind us."""
        if self._callback is None:
            return
        work = self._round_start + self._spans.reached(name, done)
        self._report((self._ahead or 0) + int(self._scale * work), name)

    def alive(self, name: str) -> None:
        """Report work that does not count, so that whoever wants to cancel is heard."""
        if self._callback is not None:
            self._callback(self._current, self.total, name)

    def finish(self, name: str) -> None:
        """Report that everything is done; ``name`` is the last thing that was."""
        if self._callback is not None:
            self._current = self.total
            self._callback(self.total, self.total, name)

    def _report(self, reached: int, name: str) -> None:
        if self._callback is not None:
            self._current = max(self._current, min(reached, self.total - METADATA_WEIGHT))
            self._callback(self._current, self.total, name)

    def _lay_out(self, files: Files) -> int:
        self._spans = _Spans(files)
        return sum(size for _, size in files())


class _Spans:
    """Where each file of a run begins, if all are put end to end.

    A run of several threads leaves the order by a few files, so that only
    those between the first that is not done and the last that has begun are
    in memory: a span for each of 100,000 files would take 20 MB.
    """

    def __init__(self, files: Files) -> None:
        self._rest = self._laid_out(files)
        self._open: dict[str, tuple[int, int]] = {}
        self._last = ""
        self._done = False

    @staticmethod
    def _laid_out(files: Files) -> Iterator[tuple[str, int, int]]:
        start = 0
        for name, size in files():
            yield name, start, size
            start += size

    def reached(self, name: str, done: int) -> int:
        """Return how far a run is that has dealt with so much of a file.

        Once all of a file was reported, and then another file, it is forgotten;
        a file that is reported once more, because it grew, is no step forward.
        """
        if name != self._last:
            if self._done:
                self._open.pop(self._last, None)
            self._begin(name)
            self._last = name
        if name not in self._open:
            return 0
        start, size = self._open[name]
        self._done = done >= size
        return start + min(done, size)

    def _begin(self, name: str) -> None:
        while name not in self._open:
            begun = next(self._rest, None)
            if begun is None:
                return
            following, start, size = begun
            self._open[following] = (start, size)
