"""Programs are measured in turn, with all the time and memory that is theirs."""

import sys
from pathlib import Path

import pytest

from benchmarks import measuring
from benchmarks.measuring import Command, Contender, Measured, Sample, race, sample


def contender(name: str, program: str = sys.executable) -> Contender:
    def command(place: object) -> Command:
        return Command(arguments=[sys.executable, "-c", "print('done')"])

    return Contender(name=name, program=program, command=command)


def test_programs_run_in_turn_and_what_is_missing_is_named(tmp_path: Path) -> None:
    there, missing = race(
        [contender("there"), contender("not there", "no-such-program")],
        vault=tmp_path,
        area=tmp_path / "area",
        rounds=3,
    )
    assert len(there.samples) == 3
    assert there.seconds > 0
    assert there.peak_bytes > 1_000_000
    assert missing.samples == []
    assert missing.missing == "no-such-program is not installed"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_memory_is_that_of_a_program_with_all_that_it_starts(tmp_path: Path) -> None:
    grandchild = "import time; held = b'1' * 60_000_000; time.sleep(0.5)"
    child = f"""
import subprocess, sys
held = b"1" * 60_000_000
subprocess.run([sys.executable, "-c", {grandchild!r}])
"""
    _, peak = sample(Command(arguments=[sys.executable, "-c", child]), home=tmp_path)
    assert 120_000_000 < peak < 200_000_000


def test_memory_is_not_that_of_who_measures(tmp_path: Path) -> None:
    held = b"1" * 100_000_000
    _, peak = sample(Command(arguments=["true"]), home=tmp_path)
    assert peak < 50_000_000 < len(held)


def test_a_program_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    failing = Contender(
        name="failing",
        program=sys.executable,
        command=lambda _place: Command(arguments=[sys.executable, "-c", "raise SystemExit(9)"]),
    )
    with pytest.raises(RuntimeError, match="ended with 9"):
        race([failing], vault=tmp_path, area=tmp_path / "area", rounds=1)


def test_another_one_begins_each_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def record(command: Command, *, home: Path) -> tuple[float, int]:
        ran.append(command.arguments[0])
        return 1.0, 1

    monkeypatch.setattr(measuring, "sample", record)
    contenders = [
        Contender(
            name=name,
            program=sys.executable,
            command=lambda _place, name=name: Command(arguments=[name]),
        )
        for name in "abc"
    ]
    race(contenders, vault=tmp_path, area=tmp_path / "area", rounds=3)
    assert "".join(ran) == "abcbcacab"


def test_the_median_counts_for_time_and_the_worst_for_memory() -> None:
    samples = [
        Sample(seconds=seconds, peak_bytes=peak, size=None)
        for seconds, peak in ((1, 5), (9, 1), (2, 3))
    ]
    measured = Measured(name="any", samples=samples)
    assert measured.seconds == 2
    assert measured.peak_bytes == 5
