"""A real Secret Service: gnome-keyring on a D-Bus session of its own, with a home of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.environment import end_test, require_tool

PASSWORD = "the login password"
LOCK = """
import secretstorage
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
"""

_SESSION = """
set -e
if [ "$1" = unlocked ]; then
  # Printed variables are for shells; the daemon stays behind until the session ends.
  printf '%s\\n' "$KEYRING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
fi
shift
exec "$@"
"""


def in_session(
    home: Path,
    script: str,
    *arguments: str | Path,
    unlocked: bool = True,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Run a Python script where the keyring of ``home`` is, and return what it printed.

    The keyring's file stays in ``home``: a later session with the same home
    finds what an earlier one stored.
    """
    if sys.platform != "linux":
        end_test("only on Linux: the Secret Service")
    for tool in ("dbus-run-session", "gnome-keyring-daemon"):
        require_tool(tool)
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    unwanted = {"DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    done = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "bash",
            "-c",
            _SESSION,
            "session",
            "unlocked" if unlocked else "locked",
            sys.executable,
            "-W",
            "error",
            "-c",
            script,
            *map(str, arguments),
        ],
        env=kept
        | {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(home / "share"),
            "KEYRING_PASSWORD": PASSWORD,
            **(environ or {}),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
