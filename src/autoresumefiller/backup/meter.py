"""Turn "this much of this file" into "this much of everything"."""

from collections.abc import Iterable
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
    """

    def __init__(self, planned: Iterable[tuple[str, int]], callback: ProgressCallback | None):
        """``planned``: name and size in bytes of each file, in the order of the run."""
        files = list(planned)
        starts = accumulate((size for _, size in files), initial=0)
        self._spans = {
            name: (start, size) for (name, size), start in zip(files, starts, strict=False)
        }
        self._callback = callback
        self._current = 0
        self.total = sum(size for _, size in files) + METADATA_WEIGHT

    def __call__(self, name: str, done: int) -> None:
        """Report that ``done`` bytes of the file ``name`` are behind us."""
        if self._callback is None:
            return
        start, size = self._spans[name]
        self._current = max(self._current, start + min(done, size))
        self._callback(self._current, self.total, name)

    def finish(self, name: str) -> None:
        """Report that everything is done; ``name`` is the last thing that was."""
        if self._callback is not None:
            self._current = self.total
            self._callback(self.total, self.total, name)
