import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from autoresumefiller.errors import InvalidArgumentError, StorageError
from autoresumefiller.vault import syncing
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.sweep import leftovers, sweep
from autoresumefiller.vault.writeback import STEP_BYTES


@dataclass
class Record:
    modified: str | None = None


@pytest.fixture(params=["syncfs", "each file"])
def any_sync(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "each file":
        monkeypatch.setattr(syncing, "_kernel_reports_errors", lambda: False)


@pytest.mark.usefixtures("any_sync")
def test_what_is_written_mirrors_the_vault_privately(layout: VaultLayout) -> None:
    with staging_area(layout) as area:
        with area.open(Record("2024-05-06T07:08:09.123456Z"), "resumes/a/b.pdf") as file:
            file.write(b"x" * 300_000)
            file.write(b"y")
        area.make_directory("resumes/empty/")
        area.sync()

        place = area.tree / "resumes" / "a" / "b.pdf"
        assert place.read_bytes() == b"x" * 300_000 + b"y"
        assert place.stat().st_mtime_ns == 1_714_979_289_123_456_000
        for path in area.tree.rglob("*"):
            expected = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == expected
        assert area.tree.is_relative_to(layout.state)

    assert list(layout.staging.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is synced early there")
@pytest.mark.parametrize("how", ["whole", "in pieces"])
def test_what_an_early_sync_lost_is_never_used(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    calls = []

    def fail_the_first(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(syncing, "_syncfs", fail_the_first)
    with staging_area(layout) as area:
        if how == "whole":
            area.put(Record(), "resumes/a.pdf", bytes(STEP_BYTES))
        else:
            with area.open(Record(), "resumes/a.pdf") as file:
                for _ in range(STEP_BYTES >> 16):
                    file.write(bytes(1 << 16))
        for _ in range(2):  # the next syncfs would report success
            with pytest.raises(StorageError, match="the disk reported an error"):
                area.sync()

    assert len(calls) == 1
    assert list(layout.staging.iterdir()) == []


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "a//b", "", ".", "a/.", "a/..", "a\0b", "resumes/../.."],
)
def test_a_path_that_leaves_the_area_is_refused(layout: VaultLayout, path: str) -> None:
    with staging_area(layout) as area:
        with pytest.raises(InvalidArgumentError):
            area.open(Record(), path)
        if path:
            with pytest.raises(InvalidArgumentError):
                area.make_directory(path)

        assert list(area.tree.iterdir()) == []


def test_a_name_that_comes_twice_is_refused(layout: VaultLayout) -> None:
    with staging_area(layout) as area:
        area.write("a", b"first")

        with pytest.raises(StorageError, match="there already"):
            area.write("a", b"second")
        with pytest.raises(StorageError, match="Could not unpack"):
            area.write("a/b", b"below a file")
        assert (area.tree / "a").read_bytes() == b"first"


@pytest.mark.parametrize("modified", [None, "yesterday", "", "2024-13-01T00:00:00Z"])
def test_a_time_that_says_nothing_is_left_out(layout: VaultLayout, modified: str | None) -> None:
    with staging_area(layout) as area, area.open(Record(modified), "a") as file:
        file.write(b"x")


def test_a_naive_time_is_utc_and_one_long_ago_is_fine(layout: VaultLayout) -> None:
    with staging_area(layout) as area:
        area.open(Record("1969-12-31T23:59:59"), "a").close()
        area.open(Record("2024-05-06T09:08:09+02:00"), "b").close()

        assert (area.tree / "a").stat().st_mtime == -1
        assert (area.tree / "b").stat().st_mtime == 1_714_979_289


def test_what_is_taken_is_gone(layout: VaultLayout) -> None:
    with staging_area(layout) as area:
        area.write("config.yaml", b"text")

        assert area.take("config.yaml", 3) == b"tex"
        assert area.take("config.yaml", 3) is None
        area.write("config.yaml", b"merged")


@pytest.mark.usefixtures("any_sync")
def test_many_threads_may_write_at_once(layout: VaultLayout) -> None:
    with staging_area(layout) as area, ThreadPoolExecutor(8) as pool:

        def write(number: int) -> None:
            area.write(f"resumes/{number % 7}/{number % 3}/{number}", b"x" * number)

        list(pool.map(write, range(300)))
        area.sync()

        sizes = [path.stat().st_size for path in area.tree.rglob("*") if path.is_file()]
    assert sorted(sizes) == list(range(300))


def test_an_exception_leaves_nothing(layout: VaultLayout) -> None:
    def fail() -> None:
        with staging_area(layout) as area, area.open(Record(), "resumes/half") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert list(layout.staging.iterdir()) == []


_STAGE = """
import sys
from pathlib import Path
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.staging import staging_area
with staging_area(VaultLayout(Path(sys.argv[1]))) as area:
    area.write("resumes/a", b"secret")
    print("staged", flush=True)
    sys.stdin.read()
"""


def test_a_sweep_removes_the_areas_of_the_dead_and_of_nobody_else(layout: VaultLayout) -> None:
    command = [sys.executable, "-c", _STAGE, str(layout.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as killed, subprocess.Popen(command, **pipes) as alive:  # type: ignore[call-overload]
        # Both first: who begins to stage sweeps what the dead have left.
        assert killed.stdout.readline() == b"staged\n"
        assert alive.stdout.readline() == b"staged\n"
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        assert len(leftovers(layout)) == 1
        assert len(sweep(layout)) == 1
        assert sweep(layout) == ()
        assert len([path for path in layout.staging.iterdir() if path.is_dir()]) == 1
        alive.stdin.close()

    assert list(layout.staging.iterdir()) == []


def test_a_sweep_leaves_areas_alone_while_a_change_is_unfinished(layout: VaultLayout) -> None:
    area = layout.staging / ("0" * 32)
    (area / "tree").mkdir(parents=True)
    layout.transaction.mkdir()

    assert sweep(layout) == ()

    layout.transaction.rmdir()
    assert sweep(layout) == (area,)


def test_a_sweep_of_a_vault_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert sweep(VaultLayout(tmp_path / "absent")) == ()
    assert leftovers(VaultLayout(tmp_path / "absent")) == ()


def test_a_sweep_finds_every_kind_of_leftover(layout: VaultLayout) -> None:
    left = {
        layout.discard / "old" / "a",
        layout.root / f".arf-{'0' * 32}.tmp",
        layout.data / f".arf-{'1' * 32}.tmp",
        layout.backups / f".{'2' * 32}.part",
        layout.holders / f"tree-{'3' * 32}.json",
        layout.staging / f"discard-{'4' * 16}" / "a",
    }
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    kept = layout.data / ".arf-notes"
    kept.write_text("")

    assert len(leftovers(layout)) == len(left)
    assert len(sweep(layout)) == len(left)

    assert not [path for path in left if os.path.lexists(path)]
    assert kept.exists()


@pytest.mark.parametrize(
    ("release", "reliable"),
    [
        ("6.1.0-13-amd64", True),
        ("5.17.0", True),
        ("5.16.20", False),
        ("4.19", False),
        ("odd", False),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: syncfs")
def test_syncfs_is_trusted_only_where_it_reports_errors(
    release: str, reliable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    uname = os.uname()
    fields = (uname.sysname, uname.nodename, release, uname.version, uname.machine)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(fields))

    assert syncing._kernel_reports_errors() is reliable
