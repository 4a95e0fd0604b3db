"""``python -m benchmarks [--scale S] [--only NAME ...]``: measure and write the report.

At scale 1 the report is docs/benchmarks.md; any other scale is for a quick
look and goes to benchmarks/results/. ``make bench SCALE=0.05`` takes two or three minutes.
"""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks import report
from benchmarks.discarding import delete_discarded
from benchmarks.experiments import EXPERIMENTS, chosen, conduct, takes_part

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SCALE") or 1))
    parser.add_argument("--only", nargs="*", default=["*"], metavar="PATTERN", help="experiments")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "benchmarks")
    parser.add_argument("--output", type=Path, help="directory of the report")
    options = parser.parse_args()
    experiments = chosen(options.only, scale=options.scale)
    with_server = takes_part("server", options.only, scale=options.scale, quick=False)
    if not experiments and not with_server:
        names = ["server", *(experiment.name for experiment in EXPERIMENTS)]
        parser.error(f"no such experiment; there are {', '.join(names)}")
    os.chdir(ROOT)  # the measured modules are found from here
    _install_peers()
    cache = options.cache.resolve()
    whole = options.scale == 1
    kept = RESULTS / f"scale-{options.scale:g}.json"
    results = report.load(kept, default={})
    for experiment in experiments:
        print(f"{experiment.name}: {experiment.title}", flush=True)
        outcome = conduct(experiment, scale=options.scale, cache=cache)
        results[experiment.name] = report.stored(outcome, scale=options.scale)
        report.save(results, kept)
        for measured in outcome.measured:
            told = measured.missing or (
                f"{measured.seconds:8.3f} s  {measured.peak_bytes / 1e6:6.0f} MB"
                + (f"  {measured.size:13,} bytes" if measured.size else "")
            )
            print(f"  {measured.name:35} {told}", flush=True)
    told_by_server = RESULTS / f"server-{options.scale:g}.json"
    if with_server:
        # Not before: what this process has in memory, its children begin with.
        from benchmarks import server

        print("server: what it costs beside the library and `cp`", flush=True)
        rows = []
        for row in server.measure(options.scale, cache):
            rows.append(row)
            print("  {}: {} {}".format(*row), flush=True)
        report.save(rows, told_by_server)
    output = options.output or (ROOT / "docs" if whole else RESULTS)
    report.write(
        results,
        output,
        facts=report.machine(os.cpu_count() or 1),
        server=report.load(told_by_server, default=()),
    )
    for row in report.goal_rows(results):
        print(f"{row.verdict:12} {row.goal}: {row.measured}")
    print(f"Report: {output}/benchmarks.md", flush=True)
    delete_discarded(cache)  # of a whole run three million files: minutes


def _install_peers() -> None:
    """Install what is compared with, where this machine allows it; what is missing is named."""
    packages = {"restic": "restic", "borg": "borgbackup"}
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", *missing]):
            subprocess.run(["apt-get", "-qq", *command], stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
