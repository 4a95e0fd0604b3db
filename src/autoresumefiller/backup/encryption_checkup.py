"""The part of a check-up that is about encryption: what lies in clear that should not."""

from collections.abc import Iterator

from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.encrypting import plain_backups
from autoresumefiller.backup.kits import encryption_status
from autoresumefiller.backup.settings_file import read_settings
from autoresumefiller.encryption.key_places import KeyFile
from autoresumefiller.errors import InvalidArgumentError, KeyStoreError
from autoresumefiller.model.encryption import EncryptionStatus
from autoresumefiller.model.reports import Check, CheckState
from autoresumefiller.vault import undo
from autoresumefiller.vault.layout import PROFILE_PATH

_NAME = "encryption"
_SHOWN = 3


def check_encryption(vault: Vault, _fix: bool) -> Iterator[Check]:  # noqa: FBT001 - as its neighbours
    """Look whether what is meant to be encrypted is, and whether its key is here and apart."""
    yield from _recipients(vault)
    status = encryption_status(vault)
    if not (status.enabled or status.encrypted):
        return
    yield from _key(status)
    yield from _in_clear(vault)
    yield from _key_in_the_vault(vault)


def _recipients(vault: Vault) -> Iterator[Check]:
    named = read_settings(vault).encryption.recipients
    if not named:
        return
    from autoresumefiller.encryption.envelope import check_recipients

    try:
        check_recipients(named)
    except InvalidArgumentError as error:
        yield _warning(f"encryption.recipients in config.yaml: {error.message}.", error.hint)


def _key(status: EncryptionStatus) -> Iterator[Check]:
    if status.encrypted and not status.key_id and status.key_place:
        return  # it is damaged, or another program's: the check of the profile says so
    if status.problem:
        yield _warning(f"The key cannot be looked for: {status.problem}.", "See 'arf encrypt'.")
    elif status.key_found is False:
        remedy = "Bring the key, or import a backup with your recovery kit."
        yield Check(
            name=_NAME,
            state=CheckState.PROBLEM,
            message=f"The key {status.key_id} is not in {status.key_place}.",
            remedy=remedy,
        )
    elif status.encrypted:
        yield Check(
            name=_NAME,
            state=CheckState.OK,
            message=f"The profile is encrypted; its key is in {status.key_place}.",
        )


def _in_clear(vault: Vault) -> Iterator[Check]:
    if vault.layout.profile.exists():
        yield _warning(
            "The settings ask for an encrypted profile, and it is in clear still.",
            "Save it once, or run 'arf encrypt on'.",
        )
    plain = plain_backups(vault)
    if plain:
        more = f" and {len(plain) - _SHOWN} more" if len(plain) > _SHOWN else ""
        yield _warning(
            f"These backups hold the profile in clear: {', '.join(plain[:_SHOWN])}{more}.",
            "Make a new one ('arf export --encrypt'), then 'arf delete NAME'.",
        )
    plan = undo.undo_plan(vault.layout)
    if plan is not None and PROFILE_PATH in plan.restored:
        yield _warning(
            "What the last import replaced is kept for an undo, the profile in clear with it.",
            "It goes with the next import.",
        )


def _key_in_the_vault(vault: Vault) -> Iterator[Check]:
    try:
        place = vault.keys.place()
    except KeyStoreError:  # said above
        return
    root = vault.layout.root.resolve()
    if isinstance(place, KeyFile) and (
        place.path.resolve().is_relative_to(root) or vault.keys.is_among_files(place.path)
    ):
        yield _warning(
            "The key file is in the vault: whoever has the one has the other.",
            "Move it elsewhere and set AUTORESUMEFILLER_KEY_FILE, then 'arf key rotate'.",
        )


def _warning(message: str, remedy: str) -> Check:
    return Check(name=_NAME, state=CheckState.WARNING, message=message, remedy=remedy)
