"""The goals, each with what was measured for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import contenders as who

Results = Mapping[str, Any]

MB = 1_000_000

QUICK_BELOW = 0.5
"""At a smaller scale a run is a quick look: fewer experiments and rounds, and no goal is judged.

Most of what is measured is the start of a program then.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table of goals."""

    goal: str
    measured: str
    verdict: str


class _MissingError(Exception):
    """Something that the goal compares was not measured."""


class _Figures:
    def __init__(self, results: Results) -> None:
        self._results = results

    def of(self, experiment: str, contender: str, figure: str = "seconds") -> float:
        row = self._results.get(experiment, {}).get("contenders", {}).get(contender, {})
        if row.get(figure) is None:
            raise _MissingError
        return float(row[figure])

    def times(self, experiment: str, one: str, other: str) -> float:
        """Return how many times longer ``one`` takes than ``other``."""
        return self.of(experiment, one) / self.of(experiment, other)

    def larger(self, experiment: str, one: str, other: str) -> float:
        return self.of(experiment, one, "size") / self.of(experiment, other, "size")

    def worst_memory(self) -> float:
        peaks = [
            row["peak_bytes"]
            for result in self._results.values()
            for name, row in result["contenders"].items()
            if name in {who.LIBRARY, who.PROCESS} and "peak_bytes" in row
        ]
        if not peaks:
            raise _MissingError
        return float(max(peaks))


_AT_LEAST = "{:.2f}x"
_SHARE = "{:+.2%}"


@dataclass(frozen=True, slots=True)
class _Goal:
    text: str
    figure: Callable[[_Figures], float]
    limit: float
    at_least: bool = False
    shown: str = _AT_LEAST


_GOALS = (
    _Goal(
        "export, mixed: at least 8x faster than `zip -6`",
        lambda f: f.times("export-mixed", who.ZIP, who.LIBRARY),
        8,
        at_least=True,
    ),
    _Goal(
        "export, mixed: at most 1.4x `cp -r` and `sync`",
        lambda f: f.times("export-mixed", who.LIBRARY, who.FLOOR),
        1.4,
    ),
    _Goal(
        "export, mixed: archive at most 0.5 % larger than that of `zip -6`",
        lambda f: f.larger("export-mixed", who.LIBRARY, who.ZIP) - 1,
        0.005,
        shown=_SHARE,
    ),
    _Goal(
        "export, text: at least 4.5x faster than `zip -6`",
        lambda f: f.times("export-prose", who.ZIP, who.LIBRARY),
        4.5,
        at_least=True,
    ),
    _Goal(
        "export, text: archive not larger than that of `zip -6`",
        lambda f: f.larger("export-prose", who.LIBRARY, who.ZIP) - 1,
        0,
        shown=_SHARE,
    ),
    _Goal(
        "export of 100,000 small files: not slower than `zip -6`",
        lambda f: f.times("export-small", who.LIBRARY, who.ZIP),
        1,
    ),
    _Goal(
        "export again, mixed: faster than borg's second run",
        lambda f: f.times("again-mixed", who.LIBRARY, who.BORG),
        1,
    ),
    _Goal(
        "export again, text: faster than borg's second run",
        lambda f: f.times("again-prose", who.LIBRARY, who.BORG),
        1,
    ),
    _Goal(
        "import, mixed: faster than `unzip`",
        lambda f: f.times("import-mixed", who.LIBRARY, who.UNZIP),
        1,
    ),
    _Goal(
        "import, mixed: at least 2.5x faster than `restic restore --verify`",
        lambda f: f.times("import-mixed", who.RESTIC_RESTORE, who.LIBRARY),
        2.5,
        at_least=True,
    ),
    _Goal(
        "import, text: at least 2x faster than `restic restore --verify`",
        lambda f: f.times("import-prose", who.RESTIC_RESTORE, who.LIBRARY),
        2,
        at_least=True,
    ),
    _Goal(
        "list 100 backups in 20 ms",
        lambda f: 1000 * f.of("list-100", who.LIBRARY),
        20,
        shown="{:.1f} ms",
    ),
    _Goal(
        "list 10,000 backups in 1 s",
        lambda f: f.of("list-10000", who.LIBRARY),
        1,
        shown="{:.2f} s",
    ),
    _Goal(
        "`arf --version` in 100 ms, whole process",
        lambda f: 1000 * f.of("start", "`arf --version`"),
        100,
        shown="{:.0f} ms",
    ),
    _Goal(
        "`arf list` in 250 ms, whole process",
        lambda f: 1000 * f.of("start", "`arf list`"),
        250,
        shown="{:.0f} ms",
    ),
    _Goal(
        "memory: at most 150 MB, whatever the vault",
        lambda f: f.worst_memory() / MB,
        150,
        shown="{:.0f} MB",
    ),
    _Goal(
        "the story: export 100 MB in 10 s, `arf` as a whole",
        lambda f: f.of("export-mixed", who.PROCESS),
        10,
        shown="{:.2f} s",
    ),
    _Goal(
        "the story: import 100 MB in 15 s, `arf` as a whole",
        lambda f: f.of("import-mixed", who.PROCESS),
        15,
        shown="{:.2f} s",
    ),
    _Goal(
        "the story: list backups in 1 s, `arf` as a whole (100 of them)",
        lambda f: f.of("list-100", who.PROCESS),
        1,
        shown="{:.2f} s",
    ),
)


def goal_rows(results: Results) -> Iterator[Row]:
    """Yield every goal with its figure; whether it is met, where that is of full size."""
    figures = _Figures(results)
    is_quick = any(result["scale"] < QUICK_BELOW for result in results.values())
    for goal in _GOALS:
        try:
            value = goal.figure(figures)
        except _MissingError:
            yield Row(goal=goal.text, measured="not measured", verdict="")
            continue
        met = value >= goal.limit if goal.at_least else value <= goal.limit
        verdict = "" if is_quick else "met" if met else "**missed**"
        yield Row(goal=goal.text, measured=goal.shown.format(value), verdict=verdict)
