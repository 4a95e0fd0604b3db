"""What this account may not read is told, and the rest is done: a real account without rights."""

import json
import subprocess
import sys
from typing import Any

import pytest

# Everything is done once before the fork, so that whoever is nobody has all modules.
_AS_NOBODY = """
import json, os, sys, tempfile
from pathlib import Path
from autoresumefiller import UserDataManager
from autoresumefiller.cli.app import run
from autoresumefiller.errors import AutoResumeFillerError

PERSON = {"personal_info": {"first_name": "T", "last_name": "P", "email": "t@example.org"}}
COMMANDS = json.loads(sys.argv[2])

def do(manager):
    def told(step):
        try:
            return step()
        except AutoResumeFillerError as error:
            return error.code
    def save():
        manager.save_user_profile(PERSON)
        return "saved"
    for each in COMMANDS:
        run(["--vault", str(manager.data_dir), *each], program="arf")
    return {
        "status": told(lambda: manager.vault_status().has_profile),
        "export": told(lambda: [each["path"] for each in manager.export_all()["skipped"]]),
        "save": told(save),
    }

with tempfile.TemporaryDirectory() as place:
    manager = UserDataManager(Path(place) / "vault")
    manager.save_user_profile(PERSON)
    (manager.data_dir / "resumes" / "a.txt").write_text("x")
    sys.stdout, out = open(os.devnull, "w"), sys.stdout
    do(manager)
    child = os.fork()
    if child == 0:
        try:
            closed = manager.data_dir / sys.argv[1]
            closed.chmod(0)
            if os.geteuid() == 0:
                os.chmod(place, 0o755)
                for folder, folders, files in os.walk(place):
                    for name in (".", *folders, *files):
                        os.chown(os.path.join(folder, name), 65534, 65534)
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            print(json.dumps(do(manager)), file=out, flush=True)
        except BaseException as error:
            print(json.dumps(repr(error)), file=out, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    (manager.data_dir / sys.argv[1]).chmod(0o700)
"""
_COMMANDS = (
    ["profile"],
    ["profile", "path"],
    ["profile", "import", "--yes", "/dev/null"],
    ["doctor"],
    ["export"],
)


def _as_nobody(closed: str) -> tuple[Any, str]:
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, closed, json.dumps(_COMMANDS)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: modes")
@pytest.mark.parametrize(
    ("closed", "skipped"),
    [("data", ["data/"]), ("data/user_profile.json", ["data/user_profile.json"])],
)
def test_a_profile_that_may_not_be_read_is_told_and_the_rest_is_backed_up(
    closed: str, skipped: list[str]
) -> None:
    answers, said = _as_nobody(closed)
    assert answers["export"] == skipped
    assert answers["status"] is (closed != "data")
    # What is made before a save must not lack what it is made for.
    assert answers["save"] == "access_denied"
    assert "should not have" not in said
