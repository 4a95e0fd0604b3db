"""Which backups were verified, when, and what came of it.

Kept in ``.state/verified.json``. A proof counts for the file it was made of:
it is bound to what tells it from every other (`marks`). Losing the file costs nothing but
the knowledge; a kill leaves the old one or the new one.
"""

import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autoresumefiller.backup.marks import Mark, mark_of
from autoresumefiller.errors import StorageError
from autoresumefiller.vault.durable import replace_file
from autoresumefiller.vault.layout import VaultLayout

_FILE = "verified.json"
_writing = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a verification of a backup found.

    Attributes:
        valid: Whether it could be imported then.
        at: When, ISO 8601 UTC with ``Z``.
        mark: The file it was.

    """

    valid: bool
    at: str
    mark: Mark


def remember(layout: VaultLayout, path: Path, mark: Mark, *, valid: bool, at: datetime) -> None:
    """Remember what a verification found; that it cannot be kept is no reason to fail."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with _writing:
        known = {name: proof for name, proof in load(layout).items() if _is_there(layout, name)}
        known[path.name] = Proof(valid=valid, at=stamp, mark=mark)
        text = json.dumps({name: asdict(proof) for name, proof in known.items()})
        try:
            replace_file(layout.state / _FILE, text.encode())
        except StorageError:
            return


def load(layout: VaultLayout) -> dict[str, Proof]:
    """Return the proofs by file name; what cannot be read is not known."""
    try:
        found = json.loads((layout.state / _FILE).read_bytes())
        return {name: _proof(value) for name, value in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
    except (OverflowError, RecursionError):  # numbers and depths that were never written here
        return {}


def proof_of(known: dict[str, Proof], path: Path) -> Proof | None:
    """Return the proof of a backup as it is now, if there is one."""
    proof = known.get(path.name)
    return proof if proof is not None and mark_of(path) == proof.mark else None


def _is_there(layout: VaultLayout, name: str) -> bool:
    return (layout.backups / name).exists()


def _proof(value: dict[str, Any]) -> Proof:
    mark = Mark(*map(int, value["mark"]))
    return Proof(valid=bool(value["valid"]), at=str(value["at"]), mark=mark)
