"""Tools and abilities of the machine that a test needs.

A missing tool skips the test on a developer's machine, loudly, and fails it
where CI is set: a skip that nobody notices is a test that nobody runs.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ON_CI = bool(os.environ.get("CI"))

# A skip for one of these reasons is a fact about the platform, so CI lets it pass.
PLATFORM_REASONS = ("only on ", "not on ")


def require_tool(name: str) -> Path:
    """Return the path of a program, or end the test: failed on CI, skipped elsewhere."""
    found = shutil.which(name)
    if found is None:
        end_test(f"the program '{name}' is not installed (tools/system-packages installs it)")
    return Path(found)


def end_test(reason: str) -> NoReturn:
    """Fail on CI, skip elsewhere; ``reason`` says what the machine lacks.

    A reason of the platform (see `PLATFORM_REASONS`) skips on CI too.
    """
    if ON_CI and not reason.startswith(PLATFORM_REASONS):
        pytest.fail(f"CI must not skip this: {reason}", pytrace=False)
    pytest.skip(reason)
