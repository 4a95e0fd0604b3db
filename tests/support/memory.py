"""How much memory a program takes, measured where nothing else can have taken it."""

import subprocess
import sys
from pathlib import Path

# A process inherits its parent's ru_maxrss over fork and exec; the high water
# mark of Linux begins anew with the program.
_PEAK = """
def peak_bytes():
    import pathlib, resource, sys
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
"""


def peak_growth(preparation: str, program: str, *arguments: Path | str) -> int:
    """Run two pieces of Python in a process of their own; return by how much the second one
    raised the peak of its memory, in bytes.

    Both see ``sys.argv[1:]``; what the first defines, the second can use.
    """
    measured = ("_before = peak_bytes()", program, "print(peak_bytes() - _before)")
    code = "\n".join([_PEAK, "import sys", preparation, *measured])
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])
