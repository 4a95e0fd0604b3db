"""Backups: the list, making, checking, deleting, cleaning up."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr

from autoresumefiller.api.schemas.base import WHOLE, Incoming, Outgoing, Sentence, Text, Tree
from autoresumefiller.backup.proofs import Proof
from autoresumefiller.encryption.passphrases import MAX_PASSPHRASE
from autoresumefiller.encryption.recovery import MAX_KIT_CHARACTERS
from autoresumefiller.model.backup_name import SLUG
from autoresumefiller.model.results import BackupEntry

BackupTypeName = Literal["manual", "auto", "pre_import"]
Mode = Literal["overwrite", "mirror"]


class Verification(Outgoing):
    """What the last verification of a backup found."""

    valid: bool = Field(description="Whether it could be imported then.")
    at: str = Field(description="When, ISO 8601 UTC.", examples=["2025-11-29T12:05:00Z"])


class Backup(Outgoing):
    """A backup that is kept in the vault."""

    filename: Text = Field(examples=["autoresumefiller_backup_20251129_120000.zip"])
    path: Text = Field(description="Where it is on the server's disk.")
    size_bytes: int = Field(ge=0, examples=[245678])
    created: str = Field(
        description="ISO 8601 UTC: from the name, else the file's time.",
        examples=["2025-11-29T12:00:00Z"],
    )
    type: BackupTypeName
    metadata: Tree | None = Field(
        description="What the archive says of itself, without its list of files unless "
        "asked for; null if it cannot be read."
    )
    verified: Verification | None = Field(
        description="The last verification of this very file; null if there was none."
    )

    @classmethod
    def of(cls, entry: BackupEntry, *, files: bool, proof: Proof | None) -> Self:
        """Describe a row of the list."""
        return cls.model_validate(_backup_fields(entry, files=files, proof=proof))


class BackupList(Outgoing):
    """The backups, newest first."""

    backups: list[Backup]


class BackupMade(Backup):
    """A backup that was just made, read back and found whole."""

    warnings: list[Sentence] = Field(description="What was left out, and the like.")
    duration_ms: int = Field(ge=0)

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Self:
        """Describe what the job returned."""
        more = {"warnings": result["warnings"], "duration_ms": result["duration_ms"]}
        return cls.model_validate(_backup_fields(result, files=False, proof=None) | more)


Passphrase = Annotated[SecretStr, Field(max_length=MAX_PASSPHRASE)]


class CreateRequest(Incoming):
    """How a backup is to be made."""

    name: Annotated[str, Field(pattern=f"^{SLUG.pattern}$")] | None = Field(
        default=None,
        description="Stands in the file's name: <name>_backup_<time>.zip. "
        "Letters, digits, - and _.",
        examples=["before-the-interview"],
    )
    encrypt: bool = Field(
        default=False,
        description="Encrypt it with age, for this vault's device and its recovery kit; "
        "the name ends in .zip.age.",
    )
    passphrase: Passphrase | None = Field(
        default=None, description="Encrypt it with this instead; implies encrypt."
    )
    recipients: list[str] = Field(
        default=[],
        max_length=100,
        description="Encrypt it for these public keys as well (age1... or SSH); implies encrypt.",
    )
    include_secrets: bool = Field(
        default=False, description="Put API keys in; only with encryption."
    )


class UnlockRequest(Incoming):
    """What opens a backup that is encrypted, or the profile in it."""

    kit: Annotated[SecretStr, Field(max_length=MAX_KIT_CHARACTERS)] | None = Field(
        default=None,
        description="The text of the recovery kit, for what was encrypted on another computer.",
    )
    passphrase: Passphrase | None = Field(
        default=None, description="The kit's, or the one that the archive was encrypted with."
    )
    kit_passphrase: Passphrase | None = Field(
        default=None,
        description="The kit's, where the archive was encrypted with another passphrase.",
    )


class ImportRequest(UnlockRequest):
    """How an archive is to be imported; the fields of the form besides `file`."""

    filename: Text | None = Field(
        default=None,
        description="A listed backup, instead of an upload.",
        examples=["autoresumefiller_backup_20251129_120000.zip"],
    )
    confirm: bool = Field(default=True, description="Show the plan and wait for a yes.")
    backup_existing: bool = Field(
        default=True, description="Back up what is there first. The confirmation decides anew."
    )
    mode: Mode = Field(
        default="overwrite",
        description="overwrite: replace what the archive has and keep other files; "
        "mirror: make the folders equal to the archive.",
    )
    carry_locked: bool = Field(
        default=False,
        description="Take an encrypted profile whose key is not here as it is, unreadable.",
    )


class VerifyResult(Outgoing):
    """What a check of an archive found."""

    valid: bool = Field(description="Whether it could be imported.")
    errors: list[Sentence] = Field(description="Every fault.")
    warnings: list[Sentence]
    metadata: Tree | None = Field(description="What the archive says of itself.")


class DeleteResult(Outgoing):
    """A backup that is gone."""

    deleted: Literal[True]
    filename: Text


class CleanupRequest(Incoming):
    """Which backups may go."""

    max_backups: Annotated[int, WHOLE] = Field(
        default=10, ge=0, le=1_000_000, description="How many of each type stay."
    )
    keep_manual: bool = Field(default=True, description="Keep every manual backup.")
    dry_run: bool = Field(default=False, description="Only say what would go and why.")


class Verdict(Outgoing):
    """Whether a backup stays, and why."""

    filename: Text
    type: BackupTypeName
    keep: bool
    reason: str = Field(examples=["manual backups are kept"])


class CleanupResult(Outgoing):
    """What a clean-up did, or would do."""

    deleted: int = Field(ge=0, description="How many went, or would go.")
    dry_run: bool
    backups: list[Verdict] = Field(description="A verdict for each, newest first.")


def _backup_fields(entry: Any, *, files: bool, proof: Proof | None) -> dict[str, Any]:
    metadata = entry["metadata"]
    if metadata is not None and not files:
        metadata = {key: value for key, value in metadata.items() if key != "files"}
    return {
        "filename": entry["filename"],
        "path": str(entry["path"]),
        "size_bytes": entry["size_bytes"],
        "created": entry["created"],
        "type": str(entry["type"]),
        "metadata": metadata,
        "verified": None if proof is None else {"valid": proof.valid, "at": proof.at},
    }
