"""`make run` as a process, in a folder of its own."""

import subprocess
import sys
from pathlib import Path

from tests.support.documents import ROOT


def _demo(place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tools.demo", "--megabytes", "1", "--directory", str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_ends_well_and_starts_clean_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        done = _demo(tmp_path / "place")
        assert done.returncode == 0, done.stderr
        assert "equal byte for byte" in done.stdout
        assert "unzip -t: passed" in done.stdout or "unzip is not installed" in done.stdout
    assert len(list((tmp_path / "place" / "usb-stick").glob("*.zip"))) == 1


def test_it_removes_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = _demo(tmp_path)
    assert done.returncode == 1
    assert "was not made by this command" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "mine"
