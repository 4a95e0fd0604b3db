"""Which backups may go, and the reason for each.

The rules, in the order in which they decide:

1. Of each type the newest ``max_backups`` stay.
2. Manual backups all stay, unless the caller says otherwise.
3. The newest backup made before an import stays.
4. A backup that is being imported stays.
5. The only importable backup of its scope stays: if nothing that stays could
   be imported, the newest of the rest that can be stays as well.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.backup_name import BackupType
from autoresumefiller.model.metadata import Scope
from autoresumefiller.model.reports import Verdict
from autoresumefiller.model.results import BackupEntry


def decide(
    backups: Sequence[BackupEntry],
    *,
    max_backups: int,
    keep_manual: bool,
    importable: Callable[[BackupEntry], bool],
    in_use: Callable[[BackupEntry], bool],
) -> list[Verdict]:
    """Return a verdict for each backup, in the order given (newest first).

    ``importable`` proves one archive, which costs reading it: it is asked only
    when something would be deleted, newest first, until one holds.

    Raises:
        InvalidArgumentError: ``max_backups`` is not a whole number from 0 up.

    """
    if type(max_backups) is not int or max_backups < 0:  # True is an int, but no number
        raise InvalidArgumentError(
            f"max_backups must be a whole number from 0 up, not {max_backups!r}"
        )
    verdicts = _by_rank(backups, max_backups=max_backups, keep_manual=keep_manual)
    verdicts = [
        replace(verdict, keep=True, reason="it is being imported")
        if not verdict.keep and in_use(entry)
        else verdict
        for entry, verdict in zip(backups, verdicts, strict=True)
    ]
    return _keep_last_importable(backups, verdicts, importable)


def _by_rank(
    backups: Sequence[BackupEntry], *, max_backups: int, keep_manual: bool
) -> list[Verdict]:
    seen: Counter[BackupType] = Counter()
    verdicts = []
    for entry in backups:
        kind = BackupType(entry["type"])
        seen[kind] += 1
        keep, reason = _rule(kind, seen[kind], max_backups=max_backups, keep_manual=keep_manual)
        verdicts.append(Verdict(filename=entry["filename"], type=kind, keep=keep, reason=reason))
    return verdicts


def _rule(kind: BackupType, rank: int, *, max_backups: int, keep_manual: bool) -> tuple[bool, str]:
    label = kind.value.replace("_", "-")
    if kind is BackupType.MANUAL and keep_manual:
        return True, "manual backups are kept"
    if rank <= max_backups:
        return True, f"one of the newest {max_backups} {label} backups"
    if kind is BackupType.PRE_IMPORT and rank == 1:
        return True, "the newest backup made before an import"
    return False, f"older than the newest {max_backups} {label} backups"


def _keep_last_importable(
    backups: Sequence[BackupEntry],
    verdicts: list[Verdict],
    importable: Callable[[BackupEntry], bool],
) -> list[Verdict]:
    result = list(verdicts)
    scopes = [scope_of(entry) for entry in backups]
    for scope in {s for s, v in zip(scopes, verdicts, strict=True) if not v.keep and s}:
        members = [i for i, s in enumerate(scopes) if s is scope]
        if any(importable(backups[i]) for i in members if result[i].keep):
            continue
        for i in members:
            if not result[i].keep and importable(backups[i]):
                reason = "the only backup of its scope that can be imported"
                result[i] = replace(result[i], keep=True, reason=reason)
                break
        else:
            _keep_newest_sealed(backups, members, result)
    return result


def _keep_newest_sealed(
    backups: Sequence[BackupEntry], members: Sequence[int], result: list[Verdict]
) -> None:
    """Keep an encrypted backup where none is known to be good: its key may be elsewhere."""
    sealed = [i for i in members if _is_sealed(backups[i])]
    if sealed and not any(result[i].keep for i in sealed):
        reason = "encrypted, and whether it can be imported cannot be told here"
        result[sealed[0]] = replace(result[sealed[0]], keep=True, reason=reason)


def _is_sealed(entry: BackupEntry) -> bool:
    return entry["filename"].endswith(".age")


def scope_of(entry: BackupEntry) -> Scope | None:
    """Return what a backup covers; None if it cannot be read as one."""
    if _is_sealed(entry):  # what it says of itself cannot be read without decrypting all of it
        return Scope.DATA if entry["type"] == BackupType.AUTO else Scope.FULL
    metadata = entry["metadata"]
    return None if metadata is None else Scope(metadata.get("scope", Scope.FULL))
