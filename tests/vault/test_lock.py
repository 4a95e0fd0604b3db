import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from autoresumefiller.errors import VaultBusyError, VaultLayoutError
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock, has_everything

_HOLD = """
import sys
from pathlib import Path
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
root, how, purpose = sys.argv[1:]
with getattr(VaultLock(VaultLayout(Path(root))), how)(purpose):
    print("held", flush=True)
    sys.stdin.read()
"""

ALL = ["reading", "changing", "reading_data", "changing_data"]
EXCLUDES = {
    ("reading", "changing"),
    ("changing", "changing"),
    ("changing", "reading_data"),
    ("changing", "changing_data"),
    ("reading_data", "changing_data"),
    ("changing_data", "changing_data"),
}


@contextmanager
def another_process(
    layout: VaultLayout, how: str, purpose: str = "test"
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(layout.root), how, purpose],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def take(layout: VaultLayout, how: str) -> AbstractContextManager[None]:
    held: AbstractContextManager[None] = getattr(VaultLock(layout, timeout_seconds=0), how)("test")
    return held


def refusal(layout: VaultLayout, how: str) -> VaultBusyError:
    with pytest.raises(VaultBusyError) as caught, take(layout, how):
        pass
    return caught.value


def can(layout: VaultLayout, how: str) -> bool:
    try:
        with take(layout, how):
            return True
    except VaultBusyError:
        return False


@pytest.mark.parametrize("held", ALL)
def test_processes_exclude_each_other_exactly_as_documented(layout: VaultLayout, held: str) -> None:
    with another_process(layout, held):
        allowed = {asked for asked in ALL if can(layout, asked)}

    assert allowed == {
        asked for asked in ALL if (held, asked) not in EXCLUDES and (asked, held) not in EXCLUDES
    }


@pytest.mark.parametrize("held", ALL)
def test_threads_exclude_each_other_exactly_as_processes_do(layout: VaultLayout, held: str) -> None:
    with ThreadPoolExecutor(1) as pool, take(layout, held):
        allowed = {asked for asked in ALL if pool.submit(can, layout, asked).result()}

    assert allowed == {
        asked for asked in ALL if (held, asked) not in EXCLUDES and (asked, held) not in EXCLUDES
    }


def test_a_killed_holder_holds_nothing(layout: VaultLayout) -> None:
    with another_process(layout, "changing") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

        with take(layout, "changing"):
            pass


def test_a_busy_vault_says_who_holds_it_what_for_and_since_when(layout: VaultLayout) -> None:
    with another_process(layout, "changing", "import") as process:
        error = refusal(layout, "reading")

    assert f"import by arf (process {process.pid}) since " in error.message


def test_readers_are_named_as_well(layout: VaultLayout) -> None:
    with (
        another_process(layout, "reading", "export") as one,
        another_process(layout, "reading", "cleanup") as two,
    ):
        error = refusal(layout, "changing")

    assert f"export by arf (process {one.pid})" in error.message
    assert f"cleanup by arf (process {two.pid})" in error.message


def test_what_a_dead_holder_left_misleads_nobody(layout: VaultLayout) -> None:
    with another_process(layout, "reading", "a dead export") as process:
        process.kill()
        process.wait()
    assert list(layout.holders.iterdir())

    with another_process(layout, "changing", "import"):
        error = refusal(layout, "reading")

    assert "dead" not in error.message
    VaultLock(layout).recover()
    assert list(layout.holders.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff", b'{"since": 1e99}'])
def test_a_damaged_note_of_a_holder_is_passed_over(layout: VaultLayout, text: bytes) -> None:
    with another_process(layout, "changing"):
        note = next(layout.holders.glob("tree-*"))
        note.write_bytes(text)

        with (
            pytest.raises(VaultBusyError, match="in use: another program"),
            take(layout, "reading"),
        ):
            pass


def test_a_note_cannot_repaint_the_terminal(layout: VaultLayout) -> None:
    with another_process(layout, "changing", "\x1b[2J"):
        error = refusal(layout, "reading")

    assert "\x1b" not in str(error)


def test_a_waiting_process_gets_its_turn(layout: VaultLayout) -> None:
    entered = threading.Event()

    def wait() -> None:
        with VaultLock(layout, timeout_seconds=60).changing("test"):
            entered.set()

    with another_process(layout, "reading"):
        thread = threading.Thread(target=wait)
        thread.start()
        assert not entered.is_set()
    thread.join()

    assert entered.is_set()


def test_asking_again_for_what_the_thread_has_is_fine(layout: VaultLayout) -> None:
    with take(layout, "reading"), take(layout, "changing_data"):
        for again in ("reading_data", "changing_data", "reading"):
            with take(layout, again):
                pass
        # The inner blocks released nothing.
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(can, layout, "changing").result()
            assert not pool.submit(can, layout, "reading_data").result()

    assert can(layout, "changing")


@pytest.mark.parametrize("asked", ALL)
def test_nothing_starts_within_a_change(layout: VaultLayout, asked: str) -> None:
    with take(layout, "changing"):
        assert "test is still running" in refusal(layout, asked).message
        # The change still has everything.
        with ThreadPoolExecutor(1) as pool:
            assert not any(pool.submit(can, layout, other).result() for other in ALL)

    assert can(layout, "changing")


@pytest.mark.parametrize("asked", [*ALL, "recover"])
def test_a_running_change_is_never_taken_for_an_interrupted_one(
    layout: VaultLayout, asked: str
) -> None:
    def ask() -> None:
        lock = VaultLock(layout, timeout_seconds=0)
        if asked == "recover":
            lock.recover()
        else:
            with getattr(lock, asked)("test"):
                pass

    with take(layout, "changing"):
        layout.transaction.mkdir()
        with pytest.raises(VaultBusyError, match="still running"):
            ask()
        assert layout.transaction.is_dir()
        layout.transaction.rmdir()


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("reading", "changing"),
        ("reading_data", "changing_data"),
        ("reading_data", "reading"),
        ("changing_data", "changing"),
    ],
)
def test_a_thread_that_would_wait_for_itself_is_told_at_once(
    layout: VaultLayout, outer: str, inner: str
) -> None:
    patient = VaultLock(layout, timeout_seconds=3600)

    with (
        take(layout, outer),
        pytest.raises(VaultBusyError, match="still running"),
        getattr(patient, inner)("test"),
    ):
        pass


def test_saving_within_an_export_is_possible(layout: VaultLayout) -> None:
    with take(layout, "reading"), take(layout, "changing_data"):
        pass


def test_only_within_changing_may_several_files_be_changed(layout: VaultLayout) -> None:
    for how in ("reading", "changing_data"):
        with take(layout, how):
            assert not has_everything(layout)
    with take(layout, "changing"):
        assert has_everything(layout)
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(has_everything, layout).result()


def test_two_vaults_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    one, two = VaultLayout(tmp_path / "one"), VaultLayout(tmp_path / "two")

    with take(one, "changing"), take(two, "changing"):
        pass


def test_the_same_vault_under_another_name_is_the_same(layout: VaultLayout, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(layout.root)

    with take(layout, "changing"):
        error = refusal(VaultLayout(tmp_path / "link"), "reading")

    assert "still running" in error.message


def test_state_removed_while_held_does_not_let_two_in_by_the_old_file(
    layout: VaultLayout,
) -> None:
    with another_process(layout, "changing"):
        layout.tree_lock.unlink()
        # Who comes now makes a new lock file, and those agree on that one.
        with take(layout, "reading"), ThreadPoolExecutor(1) as pool:
            assert not pool.submit(can, layout, "changing").result()


def test_a_lock_file_that_is_a_link_is_refused(layout: VaultLayout, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    layout.tree_lock.symlink_to(tmp_path / "precious")

    with pytest.raises(VaultLayoutError, match="is a link"), take(layout, "changing"):
        pass
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.parametrize("how", ALL)
def test_state_replaced_by_a_link_after_opening_is_refused(
    layout: VaultLayout, tmp_path: Path, how: str
) -> None:
    lock = VaultLock(layout)
    (tmp_path / "elsewhere").mkdir()
    layout.state.rmdir()
    layout.state.symlink_to(tmp_path / "elsewhere")

    with (
        pytest.raises(VaultLayoutError, match=r"\.state is not a folder of its own"),
        getattr(lock, how)("test"),
    ):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_lock_is_free_after_an_exception(layout: VaultLayout) -> None:
    def fail() -> None:
        with take(layout, "changing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert can(layout, "changing")
    assert os.listdir(layout.holders) == []  # noqa: PTH208


def test_a_note_tells_what_its_holder_does(layout: VaultLayout) -> None:
    with take(layout, "reading"):
        note = json.loads(next(layout.holders.glob("tree-*")).read_bytes())

    assert (note["pid"], note["purpose"], note["resource"]) == (os.getpid(), "test", "tree")
