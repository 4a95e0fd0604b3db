"""From measurements to docs/benchmarks.md: tables of ratios, the goals, a chart."""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import contenders as who
from benchmarks.experiments import EXPERIMENTS, MB, Outcome
from benchmarks.goals import goal_rows
from benchmarks.plot import line_chart

BEGIN = "<!-- measured: written by `make bench` -->"
END = "<!-- end of what was measured -->"
CHART = "benchmarks.svg"

Stored = dict[str, Any]


def stored(outcome: Outcome, *, scale: float) -> Stored:
    """Return an outcome as JSON, with what the report needs of it."""
    return {
        "scale": scale,
        "files": outcome.files,
        "total_bytes": outcome.total_bytes,
        "contenders": {
            measured.name: {
                "seconds": measured.seconds,
                "fastest": min(sample.seconds for sample in measured.samples),
                "peak_bytes": measured.peak_bytes,
                "size": measured.size,
                "rounds": len(measured.samples),
            }
            if measured.samples
            else {"missing": measured.missing}
            for measured in outcome.measured
        },
    }


def machine(cores: int) -> str:
    """Say what matters of the machine; nothing that names it."""
    return (
        f"{cores} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, warm file cache"
    )


def write(
    results: Mapping[str, Stored], directory: Path, *, facts: str, server: Iterable[Sequence[str]]
) -> None:
    """Replace the measured part of benchmarks.md in ``directory``, and the chart beside it.

    ``server`` has the rows of benchmarks/server.py: what, measured, verdict.
    """
    directory.mkdir(parents=True, exist_ok=True)
    page = directory / "benchmarks.md"
    text = page.read_text(encoding="utf-8") if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    measured = "\n".join([*_lines(results, facts), *_server_table(server), ""])
    page.write_text(f"{before}{BEGIN}\n{measured}\n{END}{after}", encoding="utf-8")
    chart = _chart(results)
    if chart:
        (directory / CHART).write_text(chart, encoding="utf-8")


def _lines(results: Mapping[str, Stored], facts: str) -> Iterator[str]:
    scales = sorted({result["scale"] for result in results.values()})
    scale = ", ".join(f"{scale:g}" for scale in scales)
    yield f"\nMeasured on: {facts}. Scale {scale}. Medians of alternating rounds.\n"
    yield "### Goals\n"
    yield "| goal | measured | |"
    yield "| --- | --- | --- |"
    for row in goal_rows(results):
        yield f"| {row.goal} | {row.measured} | {row.verdict} |"
    if any(name.startswith("size-") for name in results):
        yield f"\n### Cost against size\n\n![Cost against size]({CHART})"
    for experiment in EXPERIMENTS:
        if experiment.name in results and not experiment.name.startswith("size-"):
            result = results[experiment.name]
            yield f"\n### {experiment.title}\n"
            yield f"{result['files']:,} files, {result['total_bytes'] / MB:,.1f} MB.\n"
            yield from parts_table(result, experiment.parts) if experiment.parts else _table(result)


def _server_table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for number, (what, measured, verdict) in enumerate(rows):
        if not number:
            yield "\n### The server\n"
            yield "| | measured | |"
            yield "| --- | --- | --- |"
        yield f"| {what} | {measured} | {verdict} |"


def _table(result: Stored) -> Iterator[str]:
    contenders = result["contenders"]
    present = {name: row for name, row in contenders.items() if "seconds" in row}
    base_name = next(iter(present))
    base = present[base_name]["seconds"]
    zip_size = (present.get(who.ZIP) or {}).get("size")
    yield f"| | time ÷ {base_name} | {'size ÷ zip -6 | ' if zip_size else ''}peak memory |"
    yield f"| --- | ---: | {'---: | ' if zip_size else ''}---: |"
    for name, row in sorted(present.items(), key=lambda item: item[1]["seconds"]):
        size = ""
        if zip_size:
            size = f"{row['size'] / zip_size:.3f} | " if row["size"] else "| "
        yield f"| {name} | {row['seconds'] / base:.2f} | {size}{row['peak_bytes'] / MB:.0f} MB |"
    for name, row in contenders.items():
        if "missing" in row:
            yield f"| {name} | {row['missing']} | {'| ' if zip_size else ''}|"


def parts_table(result: Stored, shared: Mapping[str, bool]) -> Iterator[str]:
    """Say what each part would take of our time, and what is left for none of them."""
    rows = {name: row for name, row in result["contenders"].items() if "seconds" in row}
    whole = rows[who.LIBRARY]["seconds"]
    cores = os.cpu_count() or 1
    yield "| part, on one core | share of our time | |"
    yield "| --- | ---: | --- |"
    floor = 0.0
    for name, is_shared in shared.items():
        if name in rows:
            share = rows[name]["seconds"] / whole
            floor += share / cores if is_shared else share
            yield f"| {name} | {share:.2f} |{' shared by the cores' if is_shared else ''} |"
    yield f"| **together, on {cores} cores** | **{floor:.2f}** | the floor |"
    yield f"| ours | 1.00 | {1 / floor:.2f} times the floor |"


def _chart(results: Mapping[str, Stored]) -> str:
    sizes = sorted(
        (result for name, result in results.items() if name.startswith("size-")),
        key=lambda result: result["total_bytes"],
    )
    lines: dict[str, list[tuple[float, float]]] = {}
    for result in sizes:
        for name, row in result["contenders"].items():
            if "seconds" in row:
                plain = name.replace("`", "").replace("*", "")
                point = (result["total_bytes"] / MB, row["seconds"])
                lines.setdefault(plain, []).append(point)
    if len(sizes) < 2:
        return ""
    unit = min(y for line in lines.values() for _, y in line)
    return line_chart(
        {name: [(x, y / unit) for x, y in line] for name, line in lines.items()},
        title="What an export of mixed documents costs",
        x_label="megabytes",
        y_label="time, as a multiple of the fastest",
    )


def load(path: Path, *, default: Any) -> Any:
    """Return what earlier runs found, so that a part can be measured again by itself."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def save(results: Any, path: Path) -> None:
    """Keep what was found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
