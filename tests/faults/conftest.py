"""One worker for all fault tests, and the table of what they came to."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.injector import Injector, build_shim, scratch_directory
from tests.support.environment import require_tool

TALLY = "faults"


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux":
        pytest.skip("only on Linux: LD_PRELOAD is how operations are made to fail")
    return build_shim(require_tool("cc"), tmp_path_factory.mktemp("shim"))


@pytest.fixture(scope="session")
def injector(shim: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Injector]:
    with Injector(shim, scratch_directory(tmp_path_factory.mktemp("faults"))) as injector:
        yield injector


@pytest.fixture
def prove(
    injector: Injector, record_property: Callable[[str, object], None]
) -> Callable[..., None]:
    """Run a series; every case must be as promised. Its numbers go into the table."""

    def run(scenario: str, what: str, *, fault: str = "", **arguments: int | str) -> None:
        tally = injector.run(scenario, what, **arguments)
        fault = fault or what.replace("_", " ")
        broken = len(tally.faults)
        record_property(TALLY, (scenario, fault, tally.points, tally.outcomes, broken, tally.lost))
        assert not tally.faults, "\n".join(tally.faults)
        assert tally.points

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print operations, faults, points and outcomes: what `make faults` is for."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == TALLY
    ]
    if not rows:
        return
    terminalreporter.section("FAULTS")
    for title, column in (("by operation", 0), ("by fault", 1)):
        terminalreporter.line(f"{title:44} points  outcomes")
        for name in sorted({row[column] for row in rows}):
            _line(terminalreporter, name, [row for row in rows if row[column] == name])
    _line(terminalreporter, "all", rows)
    total = _outcomes(rows)
    mixed = sum(count for what, count in total.items() if "MIXED" in what)
    foreign = sum(count for what, count in total.items() if "foreign" in what)
    operations = len({row[0] for row in rows})
    terminalreporter.line(
        f"{operations} operations x {len({row[1] for row in rows})} faults, "
        f"{sum(row[2] for row in rows)} points: mixed {mixed}, lost {sum(row[5] for row in rows)}, "
        f"errors not ours {foreign}, promises broken {sum(row[4] for row in rows)}"
    )


def _line(reporter: pytest.TerminalReporter, name: str, rows: list[tuple[object, ...]]) -> None:
    ends = ", ".join(f"{what} {count}" for what, count in sorted(_outcomes(rows).items()))
    reporter.line(f"{name:44} {sum(row[2] for row in rows):6}  {ends}")  # type: ignore[misc]


def _outcomes(rows: list[tuple[object, ...]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row[3])  # type: ignore[call-overload]
    return total
