"""Turn "this much of this file" into "this much of everything"."""

from collections.abc import Callable, Iterable
from itertools import accumulate

from autoresumefiller.model.progress import ProgressCallback

# What metadata.json counts for: its size is not known until every file has been
# read, but the total must be known before the first call and must never be 0.
METADATA_WEIGHT = 1024


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
        self._spans: dict[str, tuple[int, int]] = {}
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

    def plan(self, files: Iterable[tuple[str, int]], *, rounds: int = 1) -> None:
        """Take what will be dealt with, before the first report.

        Args:
            files: Name and size in bytes of each file, in the order of the run.
            rounds: How often all of it will be dealt with: an import reads the
                archive and, once that is live, the files again.

        """
        self._round_size = self._lay_out(files)
        work = rounds * self._round_size
        if self._ahead is None:
            self.total = work + METADATA_WEIGHT
        else:
            self._scale = (self.total - METADATA_WEIGHT - self._ahead) / max(work, 1)

    def next_round(self, files: Iterable[tuple[str, int]]) -> None:
        """Begin the next round, over files that may have other names now."""
        self._round_start += self._round_size
        self._lay_out(files)

    def __call__(self, name: str, done: int) -> None:
        """Report that ``done`` bytes of the file ``name`` are behind us."""
        if self._callback is None:
            return
        start, size = self._spans[name]
        work = self._round_start + start + min(done, size)
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

    def _lay_out(self, files: Iterable[tuple[str, int]]) -> int:
        if self._callback is None:
            return sum(size for _, size in files)
        planned = list(files)
        ends = list(accumulate((size for _, size in planned), initial=0))
        self._spans = {
            name: (start, size) for (name, size), start in zip(planned, ends, strict=False)
        }
        return ends[-1]
