"""The list of backups as it goes out, with the text of each kept in memory.

What a backup says of itself comes from the index of the vault, and making it
presentable takes a third of a millisecond: seconds for ten thousand. A page
that looks again pays once: what was written of a backup is sent again for as
long as the file (by size and modification time) and its proof are the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from autoresumefiller.api.schemas.backup import Backup, Verification
from autoresumefiller.backup.list_index import Brief, describe
from autoresumefiller.backup.marks import Mark, mark_of
from autoresumefiller.backup.proofs import Proof
from autoresumefiller.model.results import BackupEntry
from autoresumefiller.vault.layout import VaultLayout


@dataclass(frozen=True, slots=True)
class _Written:
    """A backup as it went out.

    Attributes:
        mark: Of the file that was described; None if it could not be looked at.
        proof: The one that it was described with.
        text: The JSON of ``backup`` with ``proof``.

    """

    mark: Mark | None
    proof: Proof | None
    backup: Backup
    text: str


_Marked: TypeAlias = list[tuple[BackupEntry, Mark | None]]


@dataclass(slots=True)
class Listing:
    """Writes the list; safe to use from several threads."""

    _known: Mapping[str, _Written] = field(default_factory=dict)

    def text(
        self, layout: VaultLayout, found: Iterable[BackupEntry], proofs: Mapping[str, Proof]
    ) -> str:
        """Return the JSON of a `BackupList`, in the order given."""
        before = self._known
        marked = [(entry, mark_of(entry["path"])) for entry in found]
        new = _described(layout, marked, before)
        now: dict[str, _Written] = {}
        for entry, mark in marked:
            name = entry["filename"]
            proof = proofs.get(name)
            if proof is not None and proof.mark != mark:
                proof = None
            if name in new:
                now[name] = _written(mark, proof, new[name])
            elif before[name].proof != proof:
                now[name] = _written(mark, proof, before[name].backup)
            else:
                now[name] = before[name]
        # Replaced as a whole: what is gone is forgotten, and readers see one or the other.
        self._known = now
        return f'{{"backups":[{",".join(written.text for written in now.values())}]}}'


def _described(
    layout: VaultLayout, marked: _Marked, known: Mapping[str, _Written]
) -> dict[str, Backup]:
    """Describe, by name, what is not known as it is now."""
    new = [entry for entry, mark in marked if not _is_known(known.get(entry["filename"]), mark)]
    if not new:
        return {}  # not even the index is read
    return {
        entry["filename"]: _presented(entry, brief)
        for entry, brief in zip(new, describe(layout, new), strict=True)
    }


def _is_known(written: _Written | None, mark: Mark | None) -> bool:
    return written is not None and mark is not None and written.mark == mark


def _presented(entry: BackupEntry, brief: Brief | None) -> Backup:
    told = {key: entry[key] for key in ("filename", "path", "size_bytes", "created", "type")}
    row = {**told, "metadata": None if brief is None else brief.metadata}
    return Backup.of(cast("BackupEntry", row), files=True, proof=None)


def _written(mark: Mark | None, proof: Proof | None, backup: Backup) -> _Written:
    if proof is None:
        return _Written(mark, proof, backup, backup.model_dump_json())
    verified = Verification(valid=proof.valid, at=proof.at)
    shown = backup.model_copy(update={"verified": verified})
    return _Written(mark, proof, backup, shown.model_dump_json())
