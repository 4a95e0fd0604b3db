import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autoresumefiller.errors import (
    AutoResumeFillerError,
    InvalidArgumentError,
    NothingToUndoError,
    PlanChangedError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.vault import transaction
from autoresumefiller.vault.journal import JOURNAL
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.transaction import Change, apply
from autoresumefiller.vault.undo import forget_undo, undo, undo_plan
from tests.support.environment import end_test

NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


def put(layout: VaultLayout, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = layout.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, ns=(0, 1_600_000_000_123_456_789))


def seen(layout: VaultLayout) -> dict[str, tuple[str, int, int]]:
    """Everything of the person's: content, mode and time of files; folders end with a slash."""
    found = {}
    for top in (layout.data, layout.resumes, layout.cover_letters, layout.config):
        for path in [top, *top.rglob("*")]:
            status = path.lstat()
            name = path.relative_to(layout.root).as_posix()
            mode = stat.S_IMODE(status.st_mode)
            if path.is_symlink():
                found[name] = (f"-> {path.readlink()}", mode, status.st_mtime_ns)
            elif path.is_dir():
                found[f"{name}/"] = ("", mode, 0)
            else:
                found[name] = (path.read_bytes().decode("latin-1"), mode, status.st_mtime_ns)
    return found


def contents(layout: VaultLayout) -> dict[str, str]:
    return {
        name: content
        for name, (content, _, _) in seen(layout).items()
        if name != "config.yaml" and name.count("/") > (name.endswith("/"))
    }


@contextmanager
def changed(layout: VaultLayout, files: Mapping[str, str | None], **options: Any) -> Iterator[None]:
    """Apply changes within a lock; the block runs afterwards, outside of it."""
    with staging_area(layout) as area:
        for path, text in files.items():
            if text is not None:
                area.write(path, text.encode())
        area.sync()
        changed = Change(
            source=area.tree,
            installed=[path for path, text in files.items() if text is not None],
            removed=[path for path, text in files.items() if text is None],
        )
        with VaultLock(layout).changing("test"):
            apply(layout, changed, description="import of x.zip", now=NOW, **options)
    yield


def change(layout: VaultLayout, files: Mapping[str, str | None], **options: Any) -> None:
    with changed(layout, files, **options):
        assert_at_rest(layout)


def undo_it(layout: VaultLayout) -> None:
    with VaultLock(layout).changing("undo"):
        undo(layout, now=NOW)
    assert_at_rest(layout)


def assert_at_rest(layout: VaultLayout) -> None:
    here = {path.name for path in layout.state.iterdir()}
    assert here <= {"tree.lock", "data.lock", "holders", "staging", "undo"}
    assert list(layout.staging.glob("*")) == []


# --- what a change does ------------------------------------------------------


def test_files_are_replaced_added_and_removed_and_others_kept(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "old a", "resumes/b": "old b", "resumes/keep": "keep"})

    change(layout, {"resumes/a": "new a", "resumes/b": None, "resumes/deep/er/c": "new c"})

    assert contents(layout) == {
        "resumes/a": "new a",
        "resumes/keep": "keep",
        "resumes/deep/": "",
        "resumes/deep/er/": "",
        "resumes/deep/er/c": "new c",
    }


def test_what_is_new_is_private(layout: VaultLayout) -> None:
    change(layout, {"resumes/deep/a": "a"}, directories=["cover_letters/empty/"])

    modes = {name: mode for name, (_, mode, _) in seen(layout).items()}
    assert modes["resumes/deep/"] == modes["cover_letters/empty/"] == 0o700
    assert modes["resumes/deep/a"] == 0o600


def test_a_folder_that_was_missing_is_made_again_if_it_is_needed(layout: VaultLayout) -> None:
    layout.cover_letters.rmdir()

    change(layout, {"cover_letters/a": "a"})

    assert contents(layout) == {"cover_letters/a": "a"}


def test_emptied_folders_stay_unless_they_are_to_go(layout: VaultLayout) -> None:
    put(layout, {"resumes/x/y/a": "a", "resumes/z/b": "b", "resumes/z/keep": "k"})
    gone: dict[str, str | None] = {"resumes/x/y/a": None, "resumes/z/b": None}

    change(layout, gone)
    assert {"resumes/x/", "resumes/x/y/", "resumes/z/keep"} <= contents(layout).keys()

    undo_it(layout)
    change(layout, gone, prune=True)
    assert contents(layout) == {"resumes/z/": "", "resumes/z/keep": "k"}


def test_a_folder_that_something_was_skipped_in_is_not_removed(layout: VaultLayout) -> None:
    put(layout, {"resumes/x/a": "a"})
    (layout.resumes / "x" / "link").symlink_to("elsewhere")

    change(layout, {"resumes/x/a": None}, prune=True)

    assert contents(layout) == {"resumes/x/": "", "resumes/x/link": "-> elsewhere"}


def test_files_and_folders_may_swap_their_names(layout: VaultLayout) -> None:
    put(layout, {"resumes/was_folder/a": "a", "resumes/was_file": "b"})
    before = seen(layout)

    change(
        layout,
        {
            "resumes/was_folder/a": None,
            "resumes/was_folder": "a file now",
            "resumes/was_file": None,
            "resumes/was_file/in/it": "a folder now",
        },
        prune=True,
    )

    assert contents(layout)["resumes/was_folder"] == "a file now"
    assert contents(layout)["resumes/was_file/in/it"] == "a folder now"
    undo_it(layout)
    assert seen(layout) == before


def test_a_link_is_displaced_itself_and_what_it_points_to_is_untouched(
    layout: VaultLayout, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_text("precious")
    (layout.resumes / "a").symlink_to(tmp_path / "precious")
    before = seen(layout)

    change(layout, {"resumes/a": "new"})

    assert contents(layout) == {"resumes/a": "new"}
    assert (tmp_path / "precious").read_text() == "precious"
    undo_it(layout)
    assert seen(layout) == before


def test_odd_names_survive(layout: VaultLayout) -> None:
    names = ["resumes/\udcff\udcfe.pdf", "resumes/a\nb", "resumes/\x1b[2J", "resumes/ é"]
    put(layout, dict.fromkeys(names, "old"))
    before = seen(layout)

    change(layout, dict.fromkeys(names, "new"))

    assert set(contents(layout).values()) == {"new"}
    undo_it(layout)
    assert seen(layout) == before


def test_nothing_to_do_is_done_with_the_check_all_the_same(layout: VaultLayout) -> None:
    calls: list[int] = []

    change(layout, {}, check=lambda: calls.append(1))
    change(layout, {"resumes/absent": None}, check=lambda: calls.append(2))

    assert calls == [1, 2]
    assert undo_plan(layout) is None


def test_it_takes_the_lock_to_change_several_files(layout: VaultLayout) -> None:
    with pytest.raises(AssertionError), VaultLock(layout).reading("test"):
        apply(layout, Change(), description="", now=NOW)


# --- what a change refuses ---------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "backups/a.zip",
        ".state/undo",
        "logs/a",
        "notes.txt",
        "resumes/../config.yaml",
        "resumes/./a",
        "resumes//a",
        "/etc/passwd",
        "resumes",
        "",
        "config.yaml/a",
        "resumes/a\0b",
    ],
)
def test_paths_that_are_not_the_persons_are_refused(layout: VaultLayout, path: str) -> None:
    with staging_area(layout) as area, VaultLock(layout).changing("test"):
        change = Change(source=area.tree, installed=[path])
        with pytest.raises((InvalidArgumentError, VaultLayoutError)):
            apply(layout, change, description="", now=NOW)
        if path != "resumes":  # as a folder it may be asked for
            with pytest.raises((InvalidArgumentError, VaultLayoutError)):
                apply(layout, Change(), directories=[path], description="", now=NOW)
    assert_at_rest(layout)


def test_a_path_may_not_come_twice_nor_be_a_file_and_a_folder(layout: VaultLayout) -> None:
    with staging_area(layout) as area, VaultLock(layout).changing("test"):
        for pair in (["resumes/a", "resumes/a"], ["resumes/a", "resumes/a/b"]):
            with pytest.raises(InvalidArgumentError):
                apply(layout, Change(source=area.tree, installed=pair), description="", now=NOW)


def test_a_source_that_is_not_ours_is_refused(layout: VaultLayout, tmp_path: Path) -> None:
    (tmp_path / "resumes").mkdir()
    mine = tmp_path / "resumes" / "mine"
    mine.write_text("mine")

    with VaultLock(layout).changing("test"):
        for source in (tmp_path, layout.state, layout.root, None):
            foreign = Change(source=source, installed=["resumes/mine"])
            with pytest.raises(InvalidArgumentError):
                apply(layout, foreign, description="", now=NOW)

    assert mine.read_text() == "mine"


@pytest.mark.parametrize("link", ["resumes", "resumes/sub"])
def test_a_folder_that_is_a_link_is_refused_before_anything_changes(
    layout: VaultLayout, tmp_path: Path, link: str
) -> None:
    put(layout, {"data/x": "old"})
    (tmp_path / "synced" / "sub").mkdir(parents=True)
    (tmp_path / "synced" / "sub" / "a").write_text("old")
    if link == "resumes":
        layout.resumes.rmdir()
    (layout.root / link).symlink_to(tmp_path / "synced")
    before = seen(layout)

    for files in (
        {"data/x": "new", f"{link}/sub/a": "new"},
        {"data/x": "new", f"{link}/sub/a": None},
    ):
        with pytest.raises(VaultLayoutError, match="is a link"):
            change(layout, files)

    assert seen(layout) == before
    assert (tmp_path / "synced" / "sub" / "a").read_text() == "old"


def test_other_folders_may_change_while_one_is_a_link(layout: VaultLayout, tmp_path: Path) -> None:
    layout.resumes.rmdir()
    layout.resumes.symlink_to(tmp_path)

    change(layout, {"data/x": "new"})

    assert (layout.data / "x").read_text() == "new"


def test_a_file_where_a_folder_is_needed_is_refused(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "a file"})

    with pytest.raises(VaultLayoutError, match="is a file"):
        change(layout, {"resumes/a/b": "b"})


def test_a_folder_with_files_where_a_file_is_to_be_is_refused(layout: VaultLayout) -> None:
    put(layout, {"resumes/a/b": "b"})

    with pytest.raises(VaultLayoutError, match="is a folder with files in it"):
        change(layout, {"resumes/a": "a"})
    assert contents(layout) == {"resumes/a/": "", "resumes/a/b": "b"}


@pytest.fixture(params=["another disk", "the same disk, bound"])
def mounted(request: pytest.FixtureRequest, layout: VaultLayout, tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux":
        pytest.skip("only on Linux: mounts")
    if os.geteuid() != 0:
        end_test("mounting another disk needs root")
    mount = layout.resumes / "with space"
    mount.mkdir()
    (tmp_path / "bound").mkdir()
    how = ["-t", "tmpfs", "tmpfs"] if "another" in request.param else ["--bind", tmp_path / "bound"]
    if subprocess.run(["mount", *how, mount], check=False).returncode:
        end_test("this machine does not let root mount (a container?)")
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


def test_a_disk_mounted_in_the_vault_is_refused_before_anything_changes(
    layout: VaultLayout, mounted: Path
) -> None:
    (mounted / "a").write_text("old")

    with pytest.raises(VaultLayoutError, match="a disk of its own"):
        change(layout, {"data/x": "new", "resumes/with space/a": "new"})

    assert (mounted / "a").read_text() == "old"
    assert not (layout.data / "x").exists()


# --- what happens when something goes wrong ----------------------------------


@pytest.mark.parametrize("error", [StorageError("bad"), RuntimeError("bug"), KeyboardInterrupt()])
def test_what_the_check_raises_undoes_everything_and_reaches_the_caller(
    layout: VaultLayout, error: BaseException
) -> None:
    put(layout, {"resumes/a": "old a", "resumes/gone/b": "old b"})
    before = seen(layout)
    files = {"resumes/a": "new", "resumes/gone/b": None, "resumes/n/c": "c", "config.yaml": "x"}

    def check() -> None:
        assert contents(layout) == {"resumes/a": "new", "resumes/n/": "", "resumes/n/c": "c"}
        raise error

    with pytest.raises(type(error)) as caught:
        change(layout, files, check=check, prune=True)

    assert caught.value is error
    assert seen(layout) == before
    assert_at_rest(layout)
    assert undo_plan(layout) is None


def _meddle(monkeypatch: pytest.MonkeyPatch, after: str, act: Callable[[], None]) -> None:
    """Let another program act right after a step of the change."""
    step = getattr(transaction, after)

    def both(*arguments: object) -> None:
        step(*arguments)
        act()

    monkeypatch.setattr(transaction, after, both)


def test_a_file_that_turns_up_meanwhile_is_never_overwritten(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, {"resumes/z": "old z"})
    intruder = layout.resumes / "b"
    _meddle(monkeypatch, "_prepare", lambda: intruder.write_text("somebody's") and None)

    with pytest.raises(PlanChangedError, match="Another program changed resumes/"):
        change(layout, {"resumes/a": "new", "resumes/b": "new", "resumes/z": "new"})

    assert contents(layout) == {"resumes/b": "somebody's", "resumes/z": "old z"}
    assert_at_rest(layout)


def test_a_file_that_vanishes_meanwhile_stops_its_replacement(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, {"resumes/a": "old", "resumes/z": "old z"})
    _meddle(monkeypatch, "_prepare", (layout.resumes / "z").unlink)

    with pytest.raises(PlanChangedError):
        change(layout, {"resumes/a": "new", "resumes/z": "new"})

    assert contents(layout) == {"resumes/a": "old"}


def test_a_file_that_vanishes_before_its_removal_is_just_gone(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, {"resumes/a": "old", "resumes/z": "old z"})
    _meddle(monkeypatch, "_prepare", (layout.resumes / "z").unlink)

    change(layout, {"resumes/a": "new", "resumes/z": None})

    assert contents(layout) == {"resumes/a": "new"}


def test_what_another_program_saves_during_a_change_that_fails_is_kept_beside(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, {"resumes/a.txt": "old"})

    def save() -> None:
        (layout.resumes / "a.txt").unlink()
        (layout.resumes / "a.txt").write_text("saved meanwhile")

    def check() -> None:
        raise StorageError("fails")

    _meddle(monkeypatch, "_swap", save)
    with pytest.raises(StorageError):
        change(layout, {"resumes/a.txt": "new"}, check=check)

    found = contents(layout)
    assert found.pop("resumes/a.txt") == "old"
    [(name, content)] = found.items()
    assert name.startswith("resumes/a (kept ")
    assert name.endswith(").txt")
    assert content == "saved meanwhile"


def test_another_disk_found_only_by_the_rename_is_said_and_undone(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, {"resumes/a": "old"})

    def refuse(_: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link", str(target))

    monkeypatch.setattr(transaction, "rename_exclusive", refuse)
    with pytest.raises(VaultLayoutError, match="another disk") as caught:
        change(layout, {"resumes/a": "new"})

    assert "undone" in caught.value.consequence
    assert contents(layout) == {"resumes/a": "old"}


# --- undo --------------------------------------------------------------------


def test_undo_puts_back_exactly_what_was_there_and_undoing_that_does_it_again(
    layout: VaultLayout,
) -> None:
    put(layout, {"resumes/a": "old a", "resumes/gone/b": "old b", "resumes/keep": "keep"})
    (layout.resumes / "a").chmod(0o640)
    (layout.resumes / "gone").chmod(0o750)
    layout.config.write_text("api_key: my-own-key\n")
    before = seen(layout)
    change(
        layout,
        {
            "resumes/a": "new a",
            "resumes/gone/b": None,
            "resumes/deep/er/c": "c",
            "config.yaml": "api_key: ''\n",
        },
        prune=True,
        directories=["cover_letters/empty"],
    )
    after = seen(layout)

    for _ in range(2):
        undo_it(layout)
        assert seen(layout) == before
        undo_it(layout)
        assert seen(layout) == after


def test_the_plan_of_an_undo_says_what_it_would_do(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "old a", "resumes/gone": "old", "resumes/touched": "old"})
    change(
        layout,
        {"resumes/a": "new a", "resumes/gone": None, "resumes/b": "b", "resumes/touched": "new"},
    )
    (layout.resumes / "touched").write_text("edited since")
    (layout.resumes / "b").unlink()

    plan = undo_plan(layout)

    assert plan is not None
    assert plan.description == "import of x.zip"
    assert plan.committed == NOW
    assert set(plan.restored) == {"resumes/a", "resumes/gone", "resumes/touched"}
    assert plan.removed == ("resumes/b",)
    assert plan.changed_since == ("resumes/b", "resumes/touched")


def test_what_was_edited_since_is_kept_for_the_next_undo(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "old"})
    change(layout, {"resumes/a": "new", "resumes/b/c": "new"})
    (layout.resumes / "a").write_text("edited")
    (layout.resumes / "b" / "mine").write_text("mine")

    undo_it(layout)
    assert contents(layout) == {
        "resumes/a": "old",
        "resumes/b/": "",
        "resumes/b/mine": "mine",
    }

    undo_it(layout)
    assert contents(layout)["resumes/a"] == "edited"


@pytest.mark.parametrize("was_there", [True, False])
@pytest.mark.parametrize(
    ("imported", "since"),
    [
        ("data/user_profile.json.enc", "data/user_profile.json"),
        ("data/user_profile.json", "data/user_profile.json.enc"),
    ],
)
def test_an_undo_after_encryption_was_switched_leaves_one_profile(
    layout: VaultLayout, imported: str, since: str, *, was_there: bool
) -> None:
    put(layout, {imported: "old"} if was_there else {})
    change(layout, {imported: "new"})
    change(layout, {imported: None, since: "new, in the other form"}, undoable=False)

    plan = undo_plan(layout)
    assert plan is not None
    assert since in plan.removed
    undo_it(layout)
    assert contents(layout) == ({imported: "old"} if was_there else {})

    undo_it(layout)
    assert contents(layout) == {since: "new, in the other form"}


def test_only_the_last_change_can_be_undone(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "first"})
    change(layout, {"resumes/a": "second"})
    change(layout, {"resumes/a": "third"})

    undo_it(layout)

    assert contents(layout) == {"resumes/a": "second"}


def test_without_a_change_there_is_nothing_to_undo(layout: VaultLayout) -> None:
    assert undo_plan(layout) is None
    with pytest.raises(NothingToUndoError):
        undo_it(layout)


def test_an_undo_that_lacks_a_file_is_refused_as_a_whole(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "old", "resumes/b": "old"})
    change(layout, {"resumes/a": "new", "resumes/b": "new"})
    (layout.undo / "old" / "resumes" / "b").unlink()

    with pytest.raises(NothingToUndoError, match="no longer"):
        undo_it(layout)
    assert contents(layout) == {"resumes/a": "new", "resumes/b": "new"}


def test_a_change_whose_old_files_must_go_keeps_none_and_leaves_the_undo_alone(
    layout: VaultLayout,
) -> None:
    put(layout, {"resumes/a": "old", "data/user_profile.json": "plain"})
    change(layout, {"resumes/a": "new"})

    change(
        layout,
        {"data/user_profile.json": None, "data/user_profile.json.enc": "sealed"},
        undoable=False,
    )

    assert "plain" not in {path.read_text() for path in layout.root.rglob("*") if path.is_file()}
    plan = undo_plan(layout)
    assert plan is not None
    assert plan.restored == ("resumes/a",)


def test_an_undo_can_be_forgotten(layout: VaultLayout) -> None:
    put(layout, {"resumes/a": "old"})
    change(layout, {"resumes/a": "new"})

    with VaultLock(layout).changing("doctor"):
        forget_undo(layout)
        forget_undo(layout)

    assert undo_plan(layout) is None
    assert_at_rest(layout)


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b'{"version": 99}', b'{"version": 1}', b"\xff"]
)
def test_a_damaged_record_of_the_undo_is_an_error_of_ours(layout: VaultLayout, text: bytes) -> None:
    put(layout, {"resumes/a": "old"})
    change(layout, {"resumes/a": "new"})
    (layout.undo / JOURNAL).write_bytes(text)

    with pytest.raises(AutoResumeFillerError, match="cannot be understood"):
        undo_plan(layout)


def test_state_that_was_replaced_by_a_link_within_the_lock_is_refused(
    layout: VaultLayout, tmp_path: Path
) -> None:
    put(layout, {"resumes/a": "old"})
    with staging_area(layout) as area:
        area.write("resumes/a", b"new")
        change = Change(source=area.tree, installed=["resumes/a"])
        area.sync()
        with VaultLock(layout).changing("test"):
            layout.state.rename(tmp_path / "moved")
            layout.state.symlink_to(tmp_path / "moved")
            with pytest.raises(VaultLayoutError, match="not a folder of its own"):
                apply(layout, change, description="test", now=NOW)
            layout.state.unlink()
            (tmp_path / "moved").rename(layout.state)

    assert contents(layout) == {"resumes/a": "old"}
