import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from autoresumefiller.vault import flock
from autoresumefiller.vault.flock import Hold, abandoned, abandoned_files, leased_file, try_lock


def _is_ours(name: str) -> bool:
    return name.endswith(".lease")


def _sweep(directory: Path) -> None:
    for path in abandoned_files(directory, _is_ours):
        path.unlink(missing_ok=True)


def test_a_leased_file_is_private_alive_and_gone_at_the_end(tmp_path: Path) -> None:
    with leased_file(tmp_path, "a-", ".lease") as lease:
        os.write(lease.descriptor, b"content")
        _sweep(tmp_path)

        assert lease.path.read_bytes() == b"content"
        assert lease.path.name.startswith("a-")
        assert stat.S_IMODE(lease.path.stat().st_mode) == 0o600
        with abandoned(lease.path) as dead:
            assert not dead

    assert list(tmp_path.iterdir()) == []


def test_a_leased_file_that_was_renamed_stays(tmp_path: Path) -> None:
    with leased_file(tmp_path, "", ".lease") as lease:
        lease.path.rename(tmp_path / "kept")

    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_leased_file_that_is_closed_early_is_closed_once(tmp_path: Path) -> None:
    with leased_file(tmp_path, "", ".lease") as lease:
        lease.close()
        other = os.open(lease.path, os.O_RDWR)  # very likely the number that was freed

    assert os.fstat(other)
    os.close(other)


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be removed")
def test_a_second_sweep_of_a_lost_file_does_not_meet_its_successor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_by_a_second_sweep: list[tuple[int, Path]] = []
    lock = flock.try_lock

    def swept_before_it_is_locked(descriptor: int, hold: Hold) -> bool:
        if not opened_by_a_second_sweep:
            (path,) = tmp_path.iterdir()
            opened_by_a_second_sweep.append((os.open(path, os.O_RDWR), path))
            _sweep(tmp_path)
            assert not path.exists()
        return lock(descriptor, hold)

    monkeypatch.setattr(flock, "try_lock", swept_before_it_is_locked)
    with leased_file(tmp_path, "", ".lease") as lease:
        ((stale, lost),) = opened_by_a_second_sweep
        assert try_lock(stale, Hold.EXCLUSIVE)  # it takes the lost file for abandoned
        lost.unlink(missing_ok=True)

        assert lease.path.exists()
    os.close(stale)


def test_a_disk_that_does_not_show_a_new_file_is_an_error_and_no_endless_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(_path: Path) -> os.stat_result:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "lstat", not_yet)
    with (
        pytest.raises(OSError, match="not there by its name"),
        leased_file(tmp_path, "", ".lease"),
    ):
        pass
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


def test_files_of_living_owners_survive_many_sweeps_at_once(tmp_path: Path) -> None:
    done = Event()

    def sweep_on() -> None:
        while not done.is_set():
            _sweep(tmp_path)

    def own(_number: int) -> bool:
        with leased_file(tmp_path, "", ".lease") as lease:
            return all(lease.path.exists() for _ in range(20))

    with ThreadPoolExecutor(4) as sweeps, ThreadPoolExecutor(4) as owners:
        for _ in range(4):
            sweeps.submit(sweep_on)
        try:
            survived = list(owners.map(own, range(300)))
        finally:
            done.set()

    assert all(survived)
