"""Recovery in situations that faults do not produce; those are in tests/faults."""

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoresumefiller.errors import AutoResumeFillerError, RecoveryError
from autoresumefiller.vault import recovery
from autoresumefiller.vault.creation import create_vault
from autoresumefiller.vault.journal import JOURNAL, read_journal
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.recovery import is_unfinished
from autoresumefiller.vault.staging import staging_area
from autoresumefiller.vault.sweep import sweep
from autoresumefiller.vault.transaction import Change, apply
from autoresumefiller.vault.undo import undo, undo_plan
from tests.support.trees import snapshot

NOW = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


def resumes(layout: VaultLayout) -> dict[str, str]:
    return {
        path.relative_to(layout.resumes).as_posix(): path.read_text()
        for path in layout.resumes.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def interrupted(layout: VaultLayout) -> VaultLayout:
    """A vault whose import was killed when all new files were in place, before the commit."""
    for name in ("replaced", "same", "removed"):
        (layout.resumes / name).write_text("old")
        os.utime(layout.resumes / name, ns=(0, 10**18))
    child = os.fork()
    if child == 0:
        try:
            with staging_area(layout) as area, VaultLock(layout).changing("import"):
                new = {
                    "resumes/replaced": b"new",
                    "resumes/same": b"old",
                    "resumes/added/x": b"new",
                }
                for path, text in new.items():
                    os.utime(area.write(path, text), ns=(0, 10**18))
                change = Change(source=area.tree, installed=list(new), removed=["resumes/removed"])
                apply(
                    layout, change, description="x", now=NOW, check=lambda: os.kill(os.getpid(), 9)
                )
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert is_unfinished(layout)
    assert resumes(layout) == {"replaced": "new", "same": "old", "added/x": "new"}
    return layout


OLD = {"replaced": "old", "same": "old", "removed": "old"}


@pytest.mark.parametrize("how", ["reading", "changing", "reading_data", "changing_data"])
def test_whoever_gets_a_lock_sees_one_state(interrupted: VaultLayout, how: str) -> None:
    with getattr(VaultLock(interrupted), how)("test"):
        assert not is_unfinished(interrupted)
        assert resumes(interrupted) == OLD


def test_many_readers_that_come_at_once_all_see_one_state(interrupted: VaultLayout) -> None:
    def read(_: int) -> dict[str, str]:
        with VaultLock(interrupted).reading("test"):
            return resumes(interrupted)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [OLD] * 8


def test_recovery_says_whether_there_was_something_to_recover(interrupted: VaultLayout) -> None:
    assert VaultLock(interrupted).recover()
    assert not VaultLock(interrupted).recover()
    assert resumes(interrupted) == OLD
    assert list(interrupted.staging.iterdir()) == []


def test_a_sweep_before_the_recovery_takes_nothing_that_recovery_needs(
    interrupted: VaultLayout,
) -> None:
    sweep(interrupted)

    VaultLock(interrupted).recover()

    assert resumes(interrupted) == OLD


def test_staging_removed_by_hand_does_not_matter(interrupted: VaultLayout) -> None:
    shutil.rmtree(interrupted.staging)

    VaultLock(interrupted).recover()

    assert resumes(interrupted) == OLD


def test_what_the_person_wrote_after_the_kill_is_kept(interrupted: VaultLayout) -> None:
    (interrupted.resumes / "replaced").write_text("my edit")
    (interrupted.resumes / "removed").write_text("mine again")
    (interrupted.resumes / "added" / "x").write_text("edited too")
    (interrupted.resumes / "added" / "mine").write_text("mine")

    VaultLock(interrupted).recover()

    found = resumes(interrupted)
    kept = {name: text for name, text in found.items() if "kept" in name}
    assert {name: found[name] for name in OLD} == OLD
    assert sorted(kept.values()) == ["mine again", "my edit"]
    assert found["added/x"] == "edited too"
    assert found["added/mine"] == "mine"


def test_a_name_for_what_is_kept_is_never_taken_from_another_file(
    interrupted: VaultLayout,
) -> None:
    journal = read_journal(interrupted.transaction)
    assert journal is not None
    taken = interrupted.resumes / f"replaced (kept {journal.heading.identity[:8]})"
    taken.write_text("taken")
    (interrupted.resumes / "replaced").write_text("my edit")

    VaultLock(interrupted).recover()

    assert taken.read_text() == "taken"
    assert "my edit" in resumes(interrupted).values()


@pytest.mark.parametrize(
    "name", ["a" * 251 + ".pdf", "\N{GRINNING FACE}" * 63 + ".a", "a." + "b" * 253, "\udcff" * 255]
)
def test_what_is_kept_beside_a_file_has_a_name_that_fits(layout: VaultLayout, name: str) -> None:
    live = layout.resumes / name
    live.write_text("old")

    def meanwhile() -> None:
        live.write_text("my edit")
        raise KeyboardInterrupt

    with staging_area(layout) as area, VaultLock(layout).changing("import"):
        area.write(f"resumes/{name}", b"new")
        change = Change(source=area.tree, installed=[f"resumes/{name}"])
        with pytest.raises(KeyboardInterrupt):
            apply(layout, change, description="x", now=NOW, check=meanwhile)

    assert live.read_text() == "old"
    assert sorted(resumes(layout).values()) == ["my edit", "old"]


def test_a_folder_removed_after_the_kill_comes_back_with_its_files(
    interrupted: VaultLayout,
) -> None:
    shutil.rmtree(interrupted.resumes)

    VaultLock(interrupted).recover()

    assert resumes(interrupted) == OLD


def test_a_journal_that_cannot_be_understood_stops_everything_and_loses_nothing(
    interrupted: VaultLayout,
) -> None:
    (interrupted.transaction / JOURNAL).write_text("{}")

    for how in ("reading", "changing", "changing_data"):
        with (
            pytest.raises(RecoveryError, match="cannot be understood"),
            getattr(VaultLock(interrupted), how)("test"),
        ):
            pass
    with pytest.raises(RecoveryError):
        VaultLock(interrupted).recover()

    old = interrupted.transaction / "old" / "resumes"
    assert {path.name: path.read_text() for path in old.iterdir()} == OLD
    assert resumes(interrupted)["added/x"] == "new"


@pytest.mark.parametrize("name", ["tx", "committed"])
def test_files_without_the_journal_that_says_where_they_belong_are_never_deleted(
    interrupted: VaultLayout, name: str
) -> None:
    (interrupted.transaction / JOURNAL).unlink()
    place = interrupted.state / name
    if name == "committed":
        interrupted.transaction.rename(place)

    with pytest.raises(RecoveryError, match="journal"):
        VaultLock(interrupted).recover()

    old = place / "old" / "resumes"
    assert {path.name: path.read_text() for path in old.iterdir()} == OLD
    assert resumes(interrupted)["added/x"] == "new"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"resumes/removed"', '"../outside"'),
        ('"resumes/removed"', '"/outside"'),
        ('"resumes/removed"', '"resumes/../../outside"'),
        ('"resumes/removed"', '"backups/outside"'),
        ('"resumes/added"', '"../made"'),
        ('"source": ".state', '"source": ".state/../..'),
    ],
)
def test_a_journal_that_leads_out_of_the_vault_moves_nothing(
    interrupted: VaultLayout, written: str, instead: str
) -> None:
    """A vault may come from somebody else, with what is in its .state."""
    journal = interrupted.transaction / JOURNAL
    text = journal.read_text()
    assert written in text
    journal.write_text(text.replace(written, instead))
    outside = interrupted.root.parent
    before = sorted(path.name for path in outside.iterdir())

    with pytest.raises(RecoveryError, match="not as we wrote it"):
        VaultLock(interrupted).recover()

    assert sorted(path.name for path in outside.iterdir()) == before
    assert resumes(interrupted) == {"replaced": "new", "same": "old", "added/x": "new"}
    journal.write_text(text)
    VaultLock(interrupted).recover()
    assert resumes(interrupted) == OLD


@pytest.mark.parametrize("place", ["transaction", "undo"])
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_journal_says_only_our_errors_come_of_it(
    place: str, data: st.DataObject, sound_journal: str
) -> None:
    first, *lines = sound_journal.splitlines(keepends=True)
    heading = json.loads(first)
    # Lone surrogates too: JSON can say what no file can be called.
    text = st.text(st.characters(codec=None), max_size=8)
    value = st.none() | st.booleans() | st.floats() | st.integers() | st.integers(-2, 5) | text
    if data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(heading)))
        heading[key] = data.draw(value | st.lists(st.tuples(text, value), max_size=2))
    else:
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = json.dumps(data.draw(value | st.lists(value, max_size=4))) + "\n"
    with tempfile.TemporaryDirectory() as directory:
        layout = VaultLayout(Path(directory) / "vault")
        create_vault(layout)
        there = getattr(layout, place)
        (there / "old").mkdir(parents=True)
        (there / JOURNAL).write_text("".join([json.dumps(heading) + "\n", *lines]))

        with suppress(AutoResumeFillerError):
            VaultLock(layout).recover()
        with suppress(AutoResumeFillerError):
            undo_plan(layout)
        with suppress(AutoResumeFillerError), VaultLock(layout).changing("undo"):
            undo(layout, now=NOW)


@pytest.fixture(scope="module")
def sound_journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    layout = VaultLayout(tmp_path_factory.mktemp("sound") / "vault")
    create_vault(layout)
    (layout.resumes / "a").write_text("old")
    with staging_area(layout) as area, VaultLock(layout).changing("import"):
        area.write("resumes/a", b"new")
        area.write("resumes/b/c", b"new")
        apply(
            layout,
            Change(source=area.tree, installed=["resumes/a", "resumes/b/c"], removed=[]),
            description="x",
            now=NOW,
        )
    return (layout.undo / JOURNAL).read_text()


def test_a_sweep_that_is_at_what_recovery_wants_out_of_the_way_is_no_error(
    interrupted: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process deletes the same leftover, and ends between a look and a rename."""
    interrupted.discard.mkdir()
    (interrupted.discard / "left").write_text("left")
    monkeypatch.setattr(recovery, "delete_discarded", lambda _layout: None)
    look = recovery.is_there

    def look_and_lose(path: Path) -> bool:
        found = look(path)
        if path == interrupted.discard and found:
            shutil.rmtree(path)
        return found

    monkeypatch.setattr(recovery, "is_there", look_and_lose)

    VaultLock(interrupted).recover()

    assert resumes(interrupted) == OLD


def test_what_a_kill_left_beside_a_linked_file_goes(layout: VaultLayout, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    layout.config.rename(dotfiles / "config.yaml")
    layout.config.symlink_to(dotfiles / "config.yaml")
    left, theirs = dotfiles / f".arf-{'0' * 32}.tmp", dotfiles / ".arf-mine.tmp"
    for path in (left, theirs):
        path.write_text("half")

    VaultLock(layout).recover()

    assert not left.exists()
    assert theirs.exists()


def test_a_file_in_a_folders_place_stops_recovery_and_loses_nothing(
    interrupted: VaultLayout,
) -> None:
    shutil.rmtree(interrupted.resumes)
    interrupted.resumes.write_text("mine")

    with pytest.raises(RecoveryError, match="could not be set right"):
        VaultLock(interrupted).recover()
    assert interrupted.resumes.read_text() == "mine"

    interrupted.resumes.unlink()
    VaultLock(interrupted).recover()
    assert resumes(interrupted) == OLD


def test_a_journal_torn_anywhere_stops_everything_and_is_followed_once_it_is_whole(
    interrupted: VaultLayout,
) -> None:
    journal = interrupted.transaction / JOURNAL
    whole = journal.read_bytes()
    before = snapshot(interrupted.root)
    for cut in range(len(whole) - 1):
        journal.write_bytes(whole[:cut])
        with pytest.raises(RecoveryError, match="cannot be understood"):
            VaultLock(interrupted).recover()
    journal.write_bytes(whole)
    assert snapshot(interrupted.root) == before

    VaultLock(interrupted).recover()

    assert resumes(interrupted) == OLD


def test_a_kill_while_the_journal_is_written_leaves_a_change_that_had_not_begun(
    layout: VaultLayout, sound_journal: str
) -> None:
    """It has another name until all of it is synced, and nothing is moved before that."""
    (layout.resumes / "a").write_text("a")
    for cut in range(0, len(sound_journal) + 1, 7):
        (layout.transaction / "old" / "resumes").mkdir(parents=True)
        (layout.transaction / f"{JOURNAL}.new").write_text(sound_journal[:cut])

        assert VaultLock(layout).recover()

        assert resumes(layout) == {"a": "a"}
        assert not layout.transaction.exists()


def test_what_lies_thousands_of_folders_deep_is_recovered_and_swept(layout: VaultLayout) -> None:
    """A hostile archive can have such names; nothing of ours may call itself for each folder."""
    deep = layout.staging / ("d" * 32) / "tree" / ("a/" * 1900)
    with_parents(deep)
    with_parents(layout.transaction / "old" / ("a/" * 1900))

    VaultLock(layout).recover()

    assert [*layout.staging.iterdir()] == []
    assert not layout.transaction.exists()


def with_parents(folder: Path) -> None:
    """Path.mkdir(parents=True) calls itself for each."""
    made = Path(folder.anchor)
    for part in folder.parts[1:]:
        made /= part
        made.mkdir(exist_ok=True)
