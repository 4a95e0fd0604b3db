"""Fuzz every target for a share of the time: ``python -m tests.fuzz --seconds 60``.

A finding is kept in .cache/fuzz/findings, said with its bytes (a machine of CI
is gone when somebody reads its log), and makes the exit status 1. Run it again
with ``python -m tests.fuzz --replay FILE TARGET``. What was learnt stays in
.cache/fuzz/corpus for the next run.
"""

import argparse
import base64
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.seeds import MOST_BYTES, seeds, write_dictionary
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "fuzz"
HANG_SECONDS = 20
"""An input of 64 KiB that takes longer is a finding: most take a thousandth of a second."""
_STATISTIC = re.compile(r"^stat::(\w+):\s+(\d+)$", re.MULTILINE)
_DONE = re.compile(r"^Done \d+ runs in (\d+) second", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+)")
_MOST_SHOWN = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of one target."""

    target: str
    executions: int
    seconds: float
    covered: int
    peak_mib: int
    failed: bool


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for all of them together")
    parser.add_argument("--seed", type=int, default=0, help="of what is random; 0 draws one")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run a target on this once")
    options = parser.parse_args()
    chosen = options.targets or [*TARGETS]
    if unknown := set(chosen) - TARGETS.keys():
        parser.error(f"no such target: {', '.join(unknown)}")
    if options.replay is not None:
        for name in chosen:
            TARGETS[name](options.replay.read_bytes())
        return
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed; 'make fuzz' does that (Linux on x86-64 only)")
    each = max(1, options.seconds // len(chosen))
    results = [_fuzz(name, each, options.seed) for name in chosen]
    _say(_table(results))
    sys.exit(any(result.failed for result in results))


def _fuzz(name: str, seconds: int, seed: int) -> Ran:
    corpus = CACHE / "corpus" / name
    findings = CACHE / "findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "seeds"
        first.mkdir()
        for number, data in enumerate(seeds(name)):
            (first / f"{number:04}").write_bytes(data)
        write_dictionary(name, Path(folder) / "dictionary")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.one_target", name),
                f"-max_total_time={seconds}",
                f"-seed={seed}",
                f"-timeout={HANG_SECONDS}",
                f"-max_len={MOST_BYTES}",
                f"-dict={folder}/dictionary",
                f"-artifact_prefix={findings}/{name}-",
                "-rss_limit_mb=0",  # one_target has a stricter limit
                "-print_final_stats=1",
                str(corpus),
                str(first),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    elapsed = time.monotonic() - started
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        said = "\n".join(line for line in output.splitlines() if not line.startswith("#"))
        _say(f"--- {name}: a finding\n{said[-_MOST_SHOWN:]}\n")
        _show(findings, name, elapsed)
    statistics = dict(_STATISTIC.findall(output))
    return Ran(
        target=name,
        executions=int(statistics.get("number_of_executed_units", 0)),
        # Without the time to start: instrumenting everything takes a few seconds.
        seconds=float(done_in[1]) if (done_in := _DONE.search(output)) else elapsed,
        covered=max(map(int, _COVERED.findall(output)), default=0),
        peak_mib=int(statistics.get("peak_rss_mb", 0)),
        failed=done.returncode != 0,
    )


def _show(findings: Path, name: str, elapsed: float) -> None:
    newest = max(findings.glob(f"{name}-*"), key=lambda file: file.stat().st_mtime, default=None)
    if newest is None or newest.stat().st_mtime < time.time() - elapsed - 1:
        return
    data = newest.read_bytes()
    _say(f"again: python -m tests.fuzz --replay {newest.relative_to(ROOT)} {name}\n")
    if len(data) <= _MOST_SHOWN // 2:
        _say(f"base64: {base64.b64encode(data).decode()}\n")


def _table(results: list[Ran]) -> str:
    lines = [
        f"{'target':10} {'executions':>11} {'a second':>9} {'edges':>6} {'peak MiB':>9}  verdict"
    ]
    for ran in results:
        rate = ran.executions / max(1, ran.seconds)
        verdict = "A FINDING" if ran.failed else "nothing found"
        lines.append(
            f"{ran.target:10} {ran.executions:>11,} {rate:>9,.0f} {ran.covered:>6,} "
            f"{ran.peak_mib:>9,}  {verdict}"
        )
    total = sum(ran.executions for ran in results)
    seconds = sum(ran.seconds for ran in results)
    lines.append(
        f"{'total':10} {total:>11,} {total / max(1, seconds):>9,.0f}   in {seconds:,.0f} s"
    )
    return "\n".join(lines) + "\n"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
