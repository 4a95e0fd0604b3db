"""The list of backups as it goes out, with what is known of each kept in memory.

What a backup says of itself comes from the index of the vault, and making it
presentable takes a third of a millisecond: seconds for ten thousand. A page
that looks again pays once; size and modification time tell whether a file is
the one that was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from autoresumefiller.api.schemas.backup import Backup, Verification
from autoresumefiller.backup.list_index import Brief, describe
from autoresumefiller.backup.proofs import Mark, Proof, mark_of
from autoresumefiller.model.results import BackupEntry
from autoresumefiller.vault.layout import VaultLayout


@dataclass(slots=True)
class Listing:
    """Describes backups; safe to use from several threads."""

    _known: dict[str, tuple[Mark, Backup]] = field(default_factory=dict)

    def describe(
        self, layout: VaultLayout, found: Iterable[BackupEntry], proofs: dict[str, Proof]
    ) -> list[Backup]:
        """Return each backup with its last verification, in the order given."""
        entries = [(entry, mark_of(entry["path"])) for entry in found]
        before, now = self._known, {}
        new = [
            entry
            for entry, mark in entries
            if (known := before.get(entry["filename"])) is None or known[0] != mark
        ]
        made = {
            entry["filename"]: _presented(entry, brief)
            for entry, brief in zip(new, describe(layout, new), strict=True)
        }
        described = []
        for entry, mark in entries:
            name = entry["filename"]
            backup = made.get(name) or before[name][1]
            if mark is not None:
                now[name] = (mark, backup)
            proof = proofs.get(name)
            if proof is not None and proof.mark == mark:
                verified = Verification(valid=proof.valid, at=proof.at)
                backup = backup.model_copy(update={"verified": verified})
            described.append(backup)
        # Replaced as a whole: what is gone is forgotten, and readers see one or the other.
        self._known = now
        return described


def _presented(entry: BackupEntry, brief: Brief | None) -> Backup:
    told = {key: entry[key] for key in ("filename", "path", "size_bytes", "created", "type")}
    row = {**told, "metadata": None if brief is None else brief.metadata}
    return Backup.of(cast("BackupEntry", row), files=True, proof=None)
