"""Runs scenarios with faults, each in a child of its own; started under the shim.

One process imports everything once; each case is a fork of it, so a case
costs milliseconds. Commands come as JSON lines on standard input, one JSON
line answers each.
"""

import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.faults.children import names_of_changes
from tests.faults.scenarios import Scenario
from tests.faults.series import Series
from tests.faults.whole import EVERY


def trace(scenario: Scenario, root: Path) -> list[str]:
    """Run a scenario here, between two marks that strace shows; return the operations seen."""
    scenario.prepare(root)
    os.access("/mark-begin", os.F_OK)
    names = names_of_changes(lambda: scenario.act(root))
    os.access("/mark-end", os.F_OK)
    return names


def main() -> None:
    """Answer commands until standard input ends."""
    logging.disable()  # every recovery warns, and there are thousands
    for line in sys.stdin:
        command = json.loads(line)
        scenario = EVERY[command["scenario"]]
        with tempfile.TemporaryDirectory(dir=command["scratch"]) as scratch:
            if command["do"] == "trace":
                answer: object = trace(scenario, Path(scratch) / "vault")
            else:
                begun = time.monotonic()
                series = Series(scenario, Path(scratch))
                getattr(series, command["do"])(**command.get("with", {}))
                seconds = round(time.monotonic() - begun, 1)
                answer = {**asdict(series.summary), "seconds": seconds}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
