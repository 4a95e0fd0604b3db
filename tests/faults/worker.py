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
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from tests.faults.children import names_of_changes
from tests.faults.scenarios import Scenario
from tests.faults.series import Series, Summary
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
    # The prepared vault, and what was judged once, serve every fault.
    prepared: dict[str, Series] = {}
    with ExitStack() as stack:
        for line in sys.stdin:
            command = json.loads(line)
            name = command["scenario"]
            if command["do"] == "trace":
                with tempfile.TemporaryDirectory(dir=command["scratch"]) as scratch:
                    _answer(trace(EVERY[name], Path(scratch) / "vault"))
                continue
            begun = time.monotonic()
            if name not in prepared:
                temporary = tempfile.TemporaryDirectory(dir=command["scratch"])
                prepared[name] = Series(EVERY[name], Path(stack.enter_context(temporary)))
            series = prepared[name]
            series.summary = Summary()
            getattr(series, command["do"])(**command.get("with", {}))
            _answer({**asdict(series.summary), "seconds": round(time.monotonic() - begun, 1)})


def _answer(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
