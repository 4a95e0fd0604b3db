"""The benchmark itself works: it measures real programs and writes a page and a chart."""

import json
import platform
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autoresumefiller import UserDataManager
from benchmarks import contenders as who
from benchmarks import goals, parts, report
from benchmarks.experiments import EXPERIMENTS, chosen
from benchmarks.measuring import Measured, Sample, run


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
    quick = {name: result | {"scale": 0.05} for name, result in results.items()}
    assert {row.verdict for row in goals.goal_rows(quick)} == {""}


def test_the_page_keeps_what_a_person_wrote_and_replaces_what_was_measured(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"# Title\n\nBefore.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n")
    outcome = type("Outcome", (), {})
    outcome.files, outcome.total_bytes = 2, 3_000_000
    outcome.measured = [
        Measured(name=name, samples=[Sample(seconds=seconds, peak_bytes=20_000_000, size=10)])
        for name, seconds in (("`cp -r`, then `sync`", 2.0), ("`zip -6 -r`", 9.0))
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
    assert "| `cp -r`, then `sync` | 1.00 | 1.000 | 20 MB |" in text
    assert "| `zip -6 -r` | 4.50 | 1.000 | 20 MB |" in text
    assert "borg is not installed" in text
    assert "| upload | 1.5x |" in text
    assert f"2 cores, {platform.machine()}, {platform.system()}, Python" in text
    assert platform.python_version() in text
    assert str(tmp_path) not in text
    ElementTree.parse(tmp_path / report.CHART)


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
