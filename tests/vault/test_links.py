"""Links in a vault that came from elsewhere lead nothing of ours out of it, and nothing in."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autoresumefiller.errors import RecoveryError, VaultLayoutError
from autoresumefiller.vault.journal import JOURNAL, OLD
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.lock import VaultLock
from autoresumefiller.vault.staging import abandoned_areas, staging_area
from autoresumefiller.vault.sweep import sweep
from autoresumefiller.vault.transaction import Change, apply
from autoresumefiller.vault.undo import undo
from tests.support.trees import snapshot

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
IDENTITY = "0123456789abcdef" * 2


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of the person's that has names like ours."""
    place = tmp_path / "outside"
    for path in (f"{IDENTITY}/a.jpg", "photos/a.jpg", f"tree-{IDENTITY}.json", "resumes/t.tex"):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text("precious")
    return place


def _journal(
    *, installed: list[list[object]], displaced: list[str], source: str = ".state/staging/x/tree"
) -> str:
    heading = {
        "version": 1,
        "identity": IDENTITY,
        "description": "import of x",
        "created": "2025-11-29T12:00:00+00:00",
        "undoable": True,
        "forgets_undo": False,
        "source": source,
        "created_directories": [],
        "removed_directories": [],
        "installed": len(installed),
        "displaced": len(displaced),
    }
    return "".join(f"{json.dumps(line)}\n" for line in (heading, *installed, *displaced))


@pytest.mark.parametrize(
    "place", ["staging", "holders", "decrypted", "tx", "tx/old", "undo", "undo/old", "committed"]
)
def test_a_link_in_the_state_is_refused_and_what_it_leads_to_stays(
    layout: VaultLayout, outside: Path, place: str
) -> None:
    link = layout.state / place
    shutil.rmtree(link, ignore_errors=True)
    link.parent.mkdir(exist_ok=True)
    if place.endswith("/old"):
        journal = _journal(installed=[], displaced=["resumes/t.tex"])
        (link.parent / JOURNAL).write_text(journal)
    link.symlink_to(outside)
    before, vault = snapshot(outside), snapshot(layout.resumes)
    for how in ("reading", "changing"):
        with (
            pytest.raises(VaultLayoutError, match=f"{place} is a link"),
            getattr(VaultLock(layout), how)("test"),
        ):
            pass
    assert (snapshot(outside), snapshot(layout.resumes)) == (before, vault)


@pytest.mark.parametrize("where", ["live", "old", "source"])
def test_an_interrupted_change_moves_nothing_through_a_link(
    layout: VaultLayout, outside: Path, where: str
) -> None:
    old = layout.transaction / OLD
    old.mkdir(parents=True)
    if where == "old":
        journal = _journal(installed=[], displaced=["resumes/t.tex"])
        (old / "resumes").symlink_to(outside / "resumes")
    else:
        status = (outside / "resumes/t.tex").stat()
        size, mtime_ns = status.st_size, status.st_mtime_ns
        journal = _journal(installed=[["resumes/l/t.tex", size, mtime_ns]], displaced=[])
        if where == "live":
            (layout.resumes / "l").symlink_to(outside / "resumes")
        else:
            (layout.staging / "x/tree/resumes").mkdir(parents=True)
            (layout.staging / "x/tree/resumes/l").symlink_to(outside / "resumes")
            (layout.resumes / "l").mkdir()
            (layout.resumes / "l/t.tex").write_text("precious")
    (layout.transaction / JOURNAL).write_text(journal)
    before, vault = snapshot(outside), snapshot(layout.root)
    with pytest.raises(RecoveryError, match="has become a link"):
        VaultLock(layout).recover()
    assert snapshot(outside) == before
    assert snapshot(layout.root) == vault


def test_an_undo_moves_nothing_through_a_link(layout: VaultLayout, outside: Path) -> None:
    (layout.resumes / "a").write_text("old")
    with staging_area(layout) as area, VaultLock(layout).changing("import"):
        area.write("resumes/a", b"new")
        area.sync()
        change = Change(source=area.tree, installed=["resumes/a"])
        apply(layout, change, description="import of x", now=NOW)
    kept = layout.undo / OLD / "resumes"
    shutil.rmtree(kept)
    kept.symlink_to(outside / "resumes")
    (outside / "resumes/a").write_text("precious")
    before = snapshot(outside)
    with pytest.raises(VaultLayoutError, match="is a link"), VaultLock(layout).changing("undo"):
        undo(layout, now=NOW)
    assert snapshot(outside) == before
    assert (layout.resumes / "a").read_text() == "new"


@pytest.mark.parametrize("name", [".nfs0001", ".DS_Store", ".lock", "notes", f"{IDENTITY}.txt"])
def test_a_name_that_is_none_of_ours_does_not_end_a_living_import(
    layout: VaultLayout, name: str
) -> None:
    with staging_area(layout) as area:
        area.write("resumes/a", b"new")
        (layout.staging / name).write_text("")
        assert list(abandoned_areas(layout)) == []
        sweep(layout)
        assert (area.tree / "resumes/a").read_bytes() == b"new"
        assert (layout.staging / name).exists()
