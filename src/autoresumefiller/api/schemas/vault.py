"""The vault: what is in it, undo, settings, the way in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from autoresumefiller.api.schemas.backup import Verification
from autoresumefiller.api.schemas.base import Incoming, Outgoing, Sentence, Text
from autoresumefiller.backup.access_token import MAX_CHARACTERS


class Health(Outgoing):
    """That the server lives, and no more."""

    status: Literal["ok"] = "ok"


class Folder(Outgoing):
    """One folder of the vault."""

    name: str
    exists: bool
    files: int = Field(ge=0)
    size_bytes: int = Field(ge=0)


class LastVerified(Verification):
    """The newest verification of a backup that is still there, unchanged."""

    filename: Text


class VaultEncryption(Outgoing):
    """What a backup of this vault can be encrypted with, besides a passphrase."""

    profile: bool = Field(description="Whether the profile is kept encrypted in the vault.")
    own_key: bool = Field(
        description="Whether the vault has a key: this device opens such a backup without being "
        "asked, the recovery kit opens it anywhere."
    )
    recipients: list[Text] = Field(
        description="Public keys of the settings, which can open it as well."
    )
    by_default: bool = Field(
        description="Whether the settings have automatic backups encrypted; then the page "
        "encrypts others too, unless told otherwise."
    )


class VaultModel(Outgoing):
    """The vault at a glance."""

    path: Text = Field(description="Where it is on the server's disk.")
    version: str = Field(description="The version of this program.", examples=["1.0.0"])
    folders: list[Folder]
    has_profile: bool
    backups: int = Field(ge=0)
    backups_size_bytes: int = Field(ge=0)
    last_backup: datetime | None = Field(description="When the newest was made.")
    last_verified: LastVerified | None
    undo_available: bool
    encryption: VaultEncryption
    recovered: Literal["undone", "finished"] | None = Field(
        description="What this server did, when it started, with a change of the vault that "
        "had been interrupted; null if there was none."
    )
    warnings: list[Sentence]


class UndoPlan(Outgoing):
    """What an undo would do; paths relative to the vault."""

    description: Text
    committed: datetime = Field(description="When the change was made that would be undone.")
    restored: list[Text] = Field(description="These get their earlier content back.")
    removed: list[Text] = Field(description="These go away again.")
    changed_since: list[Text] = Field(description="Of both, what was changed after the import.")


class UndoPreview(Outgoing):
    """The undo that is possible, or null."""

    undo: UndoPlan | None


class UndoResult(Outgoing):
    """An undo that happened. Another undo takes it back."""

    undone: Literal[True]
    files_restored: int = Field(ge=0)
    files_removed: int = Field(ge=0)
    description: Text
    duration_ms: int = Field(ge=0)


class ConfigModel(Outgoing):
    """The settings."""

    text: Text = Field(description="config.yaml as it is, every secret masked.")


SettingName = Annotated[str, Field(min_length=1, max_length=500, examples=["backup.max_backups"])]


class SettingRequest(Incoming):
    """A new value for one setting."""

    name: SettingName = Field(description="Dotted.")
    value: bool | int | Annotated[float, Field(allow_inf_nan=False)] | str | None = Field(
        description="A scalar.", examples=[20]
    )


class SettingModel(Outgoing):
    """A setting after its change."""

    name: Text
    text: Text = Field(description="config.yaml after the change, every secret masked.")


Proof = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class LinkProof(Incoming):
    """The code of a one-time link."""

    code: Proof


class TokenProof(Incoming):
    """The token of programs, pasted by a person."""

    token: Proof


class Link(Outgoing):
    """A link that lets one browser in, once."""

    link: str
    expires_in_seconds: int = Field(ge=0)
