"""The vault as a whole."""

from autoresumefiller.errors.base import AutoResumeFillerError


class VaultError(AutoResumeFillerError):
    """Something about the vault as a whole."""


class VaultNotFoundError(VaultError):
    """There is no vault at the place that was named."""

    code = "vault_not_found"
    default_hint = "Run 'arf init' to create one, or name another with --vault."


class VaultBusyError(VaultError):
    """Another process holds the vault, and waiting for it took too long."""

    code = "vault_busy"
    default_hint = "Wait until it has finished and try again."


class VaultLayoutError(VaultError):
    """The vault has something of the wrong kind in a place that we rely on."""

    code = "vault_layout"


class RecoveryError(VaultError):
    """An interrupted change could be neither finished nor undone."""

    code = "recovery_failed"
    default_consequence = (
        "Both versions of your files are still there: nothing was deleted, "
        "and nothing more will be changed."
    )
    default_hint = "Run 'arf doctor' to see what is where."


class NothingToUndoError(VaultError):
    """No import is remembered that could be undone."""

    code = "nothing_to_undo"
