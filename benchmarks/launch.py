"""Start one program and say how long it took and how much memory it wanted.

``python -I -S launch.py REPORT PROGRAM ARGUMENTS`` writes seconds, peak bytes and
exit code to the file REPORT. What the system tells of a program begins with
the memory of whoever started it, and keeps the largest it ever was: so this
stays as small as a Python can be, and starts one program only.
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    report, *command = sys.argv[1:]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    told = (seconds, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))
    with open(report, "w", encoding="ascii") as file:  # noqa: PTH123 - importing pathlib takes room
        json.dump(told, file)
