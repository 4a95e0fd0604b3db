"""The benchmark itself works: it measures real programs and writes a page and a chart."""

import json
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autoresumefiller import UserDataManager
from benchmarks import contenders as who
from benchmarks import goals, parts, report
from benchmarks.corpora import corpus
from benchmarks.experiments import EXPERIMENTS, chosen
from benchmarks.measuring import (
    Command,
    Contender,
    Measured,
    Sample,
    _resident_bytes,
    race,
    run,
)
from benchmarks.plot import line_chart


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
def test_memory_is_that_of_a_program_with_all_that_it_starts() -> None:
    grandchild = "import time; held = b'1' * 80_000_000; time.sleep(0.5)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    most = 0
    with subprocess.Popen([sys.executable, "-c", child]) as started:
        while started.poll() is None:
            most = max(most, _resident_bytes(started.pid))
            time.sleep(0.01)
    assert 80_000_000 < most < 160_000_000


def test_a_program_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    failing = Contender(
        name="failing",
        program=sys.executable,
        command=lambda _place: Command(arguments=[sys.executable, "-c", "raise SystemExit(9)"]),
    )
    with pytest.raises(RuntimeError, match="ended with 9"):
        race([failing], vault=tmp_path, area=tmp_path / "area", rounds=1)


def test_a_corpus_is_the_same_each_time(tmp_path: Path) -> None:
    found = []
    for cache in (tmp_path / "one", tmp_path / "two"):
        cache.mkdir()
        built = corpus("prose", 50_000, cache)
        found.append(
            {
                path.relative_to(built.root): path.read_bytes()
                for path in sorted(built.root.rglob("*.txt"))
            }
        )
        assert built.total_bytes > 50_000
    assert found[0] == found[1]
    assert len(found[0]) > 1


def test_every_goal_is_about_an_experiment_that_exists() -> None:
    names = [experiment.name for experiment in EXPERIMENTS]
    assert len(set(names)) == len(names)
    results = {
        experiment.name: {
            "scale": 1,
            "files": 1,
            "total_bytes": 1_000_000,
            "contenders": {
                c.name: {"seconds": 1.0, "fastest": 1.0, "peak_bytes": 10, "size": 100, "rounds": 1}
                for c in experiment.contenders
            },
        }
        for experiment in EXPERIMENTS
    }
    rows = list(goals.goal_rows(results))
    assert all(row.measured != "not measured" for row in rows)
    assert {row.verdict for row in rows} == {"met", "**missed**"}
    assert all(row.measured == "not measured" for row in goals.goal_rows({}))


def test_the_page_keeps_what_a_person_wrote_and_replaces_what_was_measured(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Title\n\nBefore.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n")
    outcome = type("Outcome", (), {})
    outcome.files, outcome.total_bytes = 2, 3_000_000
    outcome.measured = [
        Measured(name=name, samples=[Sample(seconds=seconds, peak_bytes=20_000_000, size=10)])
        for name, seconds in (("`cp -r`, then `sync`", 1.0), ("`zip -6 -r`", 9.0))
    ] + [Measured(name="borg", missing="borg is not installed")]
    stored = report.stored(outcome, scale=1)
    results = {"export-mixed": stored, "size-1": stored, "size-10": stored}
    for _ in range(2):
        report.write(
            results,
            tmp_path,
            facts=report.machine(2),
            server=[("upload", "1.5x", "")],
        )
    text = page.read_text()
    assert text.startswith("# Title\n\nBefore.\n")
    assert text.endswith("\nAfter.\n")
    assert "old" not in text
    assert "| `zip -6 -r` | 9.00 | 1.000 | 20 MB |" in text
    assert "borg is not installed" in text
    assert "| upload | 1.5x |" in text
    assert str(tmp_path) not in text
    ElementTree.parse(tmp_path / report.CHART)


def test_the_chart_is_xml_that_names_every_line() -> None:
    lines = {"a < b": [(1.0, 1.0), (10.0, 5.0)], "c": [(1.0, 2.0), (10.0, 30.0)]}
    chart = line_chart(lines, title="T & T", x_label="x", y_label="y")
    root = ElementTree.fromstring(chart)
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "c", "T & T", "x", "y"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2


def test_results_are_kept_between_runs(tmp_path: Path) -> None:
    assert report.load(tmp_path / "none.json", default={}) == {}
    report.save({"start": {"scale": 1}}, tmp_path / "kept" / "results.json")
    assert report.load(tmp_path / "kept" / "results.json", default={}) == {"start": {"scale": 1}}


@pytest.mark.parametrize(
    ("what", "part"),
    [("export", part) for part in parts.EXPORT] + [("import", part) for part in parts.IMPORT],
)
def test_every_part_of_ours_can_be_measured_by_itself(
    sample_vault: Path, tmp_path: Path, what: str, part: str
) -> None:
    archive = UserDataManager(sample_vault).export_all(tmp_path / "archive.zip")["output_path"]
    arguments = [what, part, sample_vault, archive, tmp_path / "out"]
    told = run([sys.executable, "-m", "benchmarks.parts", *arguments], home=tmp_path)
    assert json.loads(told)["seconds"] > 0


def test_the_parts_are_told_as_shares_of_ours() -> None:
    rows = {name: {"seconds": 0.1} for name in parts.EXPORT}
    result = {"contenders": {who.LIBRARY: {"seconds": 1.0}, **rows}}
    lines = list(report.parts_table(result, dict.fromkeys(parts.EXPORT, False)))
    assert "| scan | 0.10 | |" in "\n".join(lines)
    assert f"**{0.1 * len(parts.EXPORT):.2f}**" in "\n".join(lines)


def test_a_quick_run_leaves_out_what_takes_gigabytes() -> None:
    quick = {experiment.name for experiment in chosen(["*"], scale=0.05)}
    assert "export-everything" not in quick
    assert {experiment.name for experiment in chosen(["*"], scale=1)} > quick
    assert [e.name for e in chosen(["export-everything"], scale=0.05)] == ["export-everything"]
