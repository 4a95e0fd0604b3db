"""One worker for all fault tests, and the table of what they came to."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.injector import Injector, Tally, build_shim, scratch_directory
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

    def run(scenario: str, what: str, **arguments: int | str) -> None:
        tally: Tally = injector.run(scenario, what, **arguments)
        record_property(TALLY, (scenario, tally.points, tally.outcomes, len(tally.faults)))
        assert not tally.faults, "\n".join(tally.faults)
        assert tally.points

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print operations, points and outcomes: what `make faults` is for."""
    points: Counter[str] = Counter()
    outcomes: dict[str, Counter[str]] = {}
    broken: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for name, value in report.user_properties:
                if name == TALLY:
                    scenario, count, what, faults = value
                    points[scenario] += count
                    outcomes.setdefault(scenario, Counter()).update(what)
                    broken[scenario] += faults
    if not points:
        return
    terminalreporter.section("FAULTS")
    for scenario in sorted(points):
        ends = ", ".join(f"{what} {count}" for what, count in sorted(outcomes[scenario].items()))
        terminalreporter.line(
            f"{scenario:16} {points[scenario]:7} points, {broken[scenario]} broken promises: {ends}"
        )
    total = sum(outcomes.values(), Counter())
    mixed = sum(count for what, count in total.items() if "MIXED" in what)
    terminalreporter.line(
        f"{'all':16} {points.total():7} points, {broken.total()} broken promises, {mixed} mixed"
    )
