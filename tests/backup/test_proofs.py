"""What was verified is remembered for the very file that was, and for no other."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autoresumefiller.backup import proofs
from autoresumefiller.vault.layout import VaultLayout

NOON = datetime(2025, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def layout(tmp_path: Path) -> VaultLayout:
    layout = VaultLayout(tmp_path)
    layout.backups.mkdir()
    layout.state.mkdir()
    return layout


def verified(layout: VaultLayout, name: str, *, valid: bool = True) -> Path:
    path = layout.backups / name
    path.write_bytes(name.encode())
    mark = proofs.mark_of(path)
    assert mark is not None
    proofs.remember(layout, path, mark, valid=valid, at=NOON)
    return path


def test_a_proof_counts_for_the_file_it_was_made_of(layout: VaultLayout) -> None:
    good, bad = verified(layout, "good.zip"), verified(layout, "bad.zip", valid=False)
    known = proofs.load(layout)
    found = proofs.proof_of(known, good)
    assert found is not None
    assert (found.valid, found.at) == (True, "2025-11-29T12:00:00Z")
    refuted = proofs.proof_of(known, bad)
    assert refuted is not None
    assert refuted.valid is False
    before = good.stat()
    os.utime(good, ns=(1, 1))
    assert proofs.proof_of(known, good) is None
    os.utime(good, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert proofs.proof_of(known, good) is None  # written to, for all that we know
    again = verified(layout, "again.zip")
    known = proofs.load(layout)
    copy = layout.backups / "copy"
    shutil.copy2(again, copy)
    copy.replace(again)
    assert proofs.proof_of(known, again) is None


def test_what_is_deleted_is_forgotten_with_the_next(layout: VaultLayout) -> None:
    gone = verified(layout, "gone.zip")
    gone.unlink()
    assert proofs.proof_of(proofs.load(layout), gone) is None
    verified(layout, "new.zip")
    assert proofs.load(layout).keys() == {"new.zip"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"a.zip": 1}',
        b'{"a.zip": {"valid": true}}',
        b"\xff",
        b'{"a.zip": {"valid": true, "at": "", "mark": {"size_bytes": 1, "mtime_ns": 1}}}',
        b'{"a.zip": {"valid": true, "at": "", "mark": [1, 2, 1e999, 4, 5]}}',
        b'{"a.zip": ' + b"[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_as_good_as_none(layout: VaultLayout, content: bytes) -> None:
    (layout.state / "verified.json").write_bytes(content)
    assert proofs.load(layout) == {}
    verified(layout, "a.zip")
    assert proofs.load(layout).keys() == {"a.zip"}


def test_that_it_cannot_be_kept_is_no_reason_to_fail(layout: VaultLayout) -> None:
    (layout.state / "verified.json").mkdir()
    verified(layout, "a.zip")
    assert proofs.load(layout) == {}
